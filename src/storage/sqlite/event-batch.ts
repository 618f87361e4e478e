// Events as columns of numbers beside lists of what repeats: what is taken in, with all its strings looked at
// once. Made where the events are read, so that the thread that writes has little left to do but write.

import { type Event, NIL_ID } from '../../event.ts'
import { LISTED_KINDS } from '../../principal.ts'
import { writeEventId, writePosition } from '../codec.ts'
import { type EventRecords, recordsOf } from '../seal.ts'

/** So many events at most are in one batch. */
export const MOST_IN_BATCH = 2 ** 18

/** Values that repeat, each once, and of which Organization each is: places in the lists. */
export interface Names {
  readonly organization: readonly number[]
  readonly name: readonly string[]
}

/** Trails, each once; places in the lists, and 0 for no user agent. */
export interface BatchTrails {
  readonly principal: readonly number[]
  readonly userAgent: readonly number[]
  readonly kind: readonly number[]
}

export interface BatchKinds {
  readonly organization: readonly number[]
  readonly action: readonly string[]
  readonly category: readonly string[]
  /** Whether an event of this kind says that something the directory lists was deleted. */
  readonly removes: readonly boolean[]
}

/**
 * The events of one Organization stand together, in their order. User agents and addresses are counted from 1 in
 * the columns: 0 is none.
 */
export interface EventBatch {
  readonly length: number
  /** 16 bytes each. */
  readonly ids: Uint8Array<ArrayBuffer>
  readonly createdAt: Float64Array<ArrayBuffer>
  /** See codec.ts. */
  readonly position: BigInt64Array<ArrayBuffer>
  readonly organization: Uint32Array<ArrayBuffer>
  readonly trail: Uint32Array<ArrayBuffer>
  readonly resource: Uint32Array<ArrayBuffer>
  readonly address: Uint32Array<ArrayBuffer>
  /** What is sealed of them. */
  readonly records: EventRecords
  readonly organizations: readonly string[]
  readonly principals: Names
  readonly userAgents: Names
  readonly addresses: Names
  readonly resources: Names
  readonly kinds: BatchKinds
  readonly trails: BatchTrails
}

/** In as few batches as hold them, in their order but for Organizations. Throws for an event whose ID is no UUID or whose date is none. */
export function batchesOf(events: readonly Event[]): EventBatch[] {
  const batches: EventBatch[] = []
  for (let from = 0; from < events.length; from += MOST_IN_BATCH) {
    batches.push(batchOf(events.slice(from, from + MOST_IN_BATCH)))
  }
  return batches
}

/** What can be handed to another thread without copying it. */
export function buffersOf(batch: EventBatch): ArrayBuffer[] {
  const { ids, createdAt, position, organization, trail, resource, address, records } = batch
  const { bytes, ends } = records
  return [ids, createdAt, position, organization, trail, resource, address, bytes, ends].map(
    column => column.buffer,
  )
}

function batchOf(events: readonly Event[]): EventBatch {
  const { length } = events
  const ids = new Uint8Array(16 * length)
  const createdAt = new Float64Array(length)
  const position = new BigInt64Array(length)
  const halves = new Uint32Array(position.buffer)
  const organization = new Uint32Array(length)
  const trail = new Uint32Array(length)
  const resource = new Uint32Array(length)
  const address = new Uint32Array(length)
  const organizations: string[] = []
  const principals = listOf()
  const userAgents = listOf()
  const addresses = listOf()
  const resources = listOf()
  const kinds = { organization: [] as number[], action: [] as string[], category: [] as string[] }
  const trails = { principal: [] as number[], userAgent: [] as number[], kind: [] as number[] }
  /** Of each principal, by kind and user agent. */
  const trailsOf: Map<number, number>[] = []
  /** Of the Organization at hand, by action and category. */
  let kindsOf = new Map<string, Map<string, number>>()
  let ours: string | null = null

  function kindOf(action: string, category: string): number {
    let categories = kindsOf.get(action)
    if (categories === undefined) {
      categories = new Map()
      kindsOf.set(action, categories)
    }
    let kind = categories.get(category)
    if (kind === undefined) {
      kind = kinds.action.push(action) - 1
      kinds.category.push(category)
      kinds.organization.push(organizations.length - 1)
      categories.set(category, kind)
    }
    return kind
  }

  function trailOf(principal: number, userAgent: number, kind: number): number {
    let own = trailsOf[principal]
    if (own === undefined) {
      own = new Map()
      trailsOf[principal] = own
    }
    const name = kind * 2 * MOST_IN_BATCH + userAgent
    let trail = own.get(name)
    if (trail === undefined) {
      trail = trails.principal.push(principal) - 1
      trails.userAgent.push(userAgent)
      trails.kind.push(kind)
      own.set(name, trail)
    }
    return trail
  }

  const ordered = byOrganization(events)
  for (const [place, event] of ordered.entries()) {
    if (event.organizationId !== ours) {
      ours = event.organizationId
      const number = organizations.push(ours) - 1
      for (const list of [principals, userAgents, addresses, resources]) list.begin(number)
      kindsOf = new Map()
    }
    const { userAgent, ipAddress } = event
    writeEventId(event.id, ids, 16 * place)
    writePosition(event, halves, 2 * place)
    if (!Number.isSafeInteger(event.createdAt)) {
      throw new TypeError(`an event's date is a whole number, not ${event.createdAt}`)
    }
    createdAt[place] = event.createdAt
    organization[place] = organizations.length - 1
    address[place] = ipAddress === null ? 0 : addresses.find(ipAddress) + 1
    resource[place] = resources.find(event.resourceId)
    trail[place] = trailOf(
      principals.find(event.principalId || NIL_ID),
      userAgent === null ? 0 : userAgents.find(userAgent) + 1,
      kindOf(event.action.toWellFormed(), event.category.toWellFormed()),
    )
  }
  return {
    ...{ length, ids, createdAt, position, organization, trail, resource, address, organizations },
    records: recordsOf(ordered),
    principals: principals.names,
    userAgents: userAgents.names,
    addresses: addresses.names,
    resources: resources.names,
    kinds: { ...kinds, removes: kinds.action.map((action, at) => removes(action, kinds, at)) },
    trails,
  }
}

function removes(action: string, kinds: { readonly category: readonly string[] }, at: number) {
  const category = kinds.category[at] ?? ''
  return action === 'deleted' && (LISTED_KINDS as readonly string[]).includes(category)
}

/** Those of one Organization together and in their order, so that they arrive in one run. */
function byOrganization(events: readonly Event[]): readonly Event[] {
  const id = events[0]?.organizationId
  if (events.every(event => event.organizationId === id)) return events
  return [...Map.groupBy(events, event => event.organizationId).values()].flat()
}

interface List {
  readonly names: Names
  /** The Organization whose names are found from now on. */
  begin(organization: number): void
  /** The place of a name, which is put at the end if it is new. What UTF-8 cannot write is the same name as what is kept of it. */
  find(name: string): number
}

function listOf(): List {
  const names = { organization: [] as number[], name: [] as string[] }
  let places = new Map<string, number>()
  let ours = 0
  return {
    names,
    begin(organization) {
      ours = organization
      places = new Map()
    },
    find(name) {
      let place = places.get(name)
      if (place !== undefined) return place
      const kept = name.toWellFormed()
      place = places.get(kept)
      if (place === undefined) {
        place = names.name.push(kept) - 1
        names.organization.push(ours)
        places.set(kept, place)
      }
      if (kept !== name) places.set(name, place)
      return place
    },
  }
}
