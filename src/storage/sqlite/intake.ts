// Takes events into SQLite: names each repeated value by its key, writes the rows, and keeps the tallies
// that reading relies on. All within one transaction of the caller's; see `append` in store.ts.

import type { Instant } from '../../instant.ts'
import type { Appended } from '../../store.ts'
import { encodeAddress, encodeId } from '../codec.ts'
import { noteArrivals } from './arrivals.ts'
import { timeLists } from './counts-intake.ts'
import { slotOf } from './counts-slots.ts'
import type { SqliteDatabase } from './database.ts'
import { forget, lists } from './directory.ts'
import type { EventBatch, Names } from './event-batch.ts'
import { createEventIds } from './ids.ts'
import { type Keys, keysOf } from './keys.ts'
import { ManyRows, manyTexts } from './many-rows.ts'
import { Pairs } from './pairs.ts'
import { sealRun } from './seals.ts'
import { BITS, eventHashes } from './sums.ts'
import { keepKinds, keepTallies, talliesOf } from './tallies.ts'

/** The new events of an Organization, which stand together in a batch. */
interface ArrivalRun {
  /** Number of the first of them among the new. */
  readonly from: number
  readonly first: number
  last: number
  sum: number
}

export interface Intake {
  /** Within a transaction. `forgotten` counts the directory entries that the events say were deleted. */
  take(batch: EventBatch, recordedAt: Instant): Appended & { readonly forgotten: number }
  /** The key of an Organization, made if need be. Within a transaction. */
  organizationKey(id: string): number
  /** After a transaction was rolled back: keys made in it are gone. */
  reset(): void
}

/** Of all Organizations: an arrival number is never given twice. */
const LAST_ARRIVAL = 'SELECT max(arrival) FROM events'

// A fault here ends the transaction: SQLite need not be able to take back the statement alone.
const INSERT_EVENTS = manyTexts(
  `INSERT OR FAIL INTO events
    (arrival, id, position, organization, trail, resource, address, recorded_at) VALUES`,
  '(?,?,?,?,?,?,?,?)',
)

export function createIntake(db: SqliteDatabase, mostWaitingIds?: number): Intake {
  const ids = createEventIds(db, mostWaitingIds)
  const organizations = keysOf(db, 'organizations', ['id'])
  const principals = keysOf(db, 'principals', ['organization', 'id'])
  const userAgents = keysOf(db, 'user_agents', ['organization', 'text'])
  const addresses = keysOf(db, 'addresses', ['organization', 'address'])
  const resources = keysOf(db, 'resources', ['organization', 'id'])
  const trails = keysOf(db, 'trails', [
    ...['organization', 'principal', 'user_agent', 'action', 'category'],
  ])
  const trailTimes = timeLists(db, 'trail_times', ['trail'])
  const kindTimes = timeLists(db, 'kind_times', ['organization', 'action', 'category'])

  function organizationKeys(names: readonly string[]): readonly number[] {
    return organizations.findAll(names, place => [encodeId(names[place] ?? '')])
  }

  function take(batch: EventBatch, recordedAt: Instant) {
    const newest = db.row<[number]>({ text: LAST_ARRIVAL, values: [] })?.[0] ?? 0
    const first = newest + 1
    const ours = organizationKeys(batch.organizations)
    const places = placesOf(ids.add(batch, ours, first))
    const due = talliesOf(batch, places)

    /** Of the names that are used: what did not happen leaves no trace. */
    const find = (
      keys: Keys,
      { organization, name }: Names,
      isUsed: ArrayLike<number>,
      encode: (name: string) => Buffer | string,
    ) => {
      const own = organization.map(place => ours[place] ?? 0)
      const names = name.map((text, place) => (isUsed[place] ? `${own[place]} ${text}` : null))
      return keys.findAll(names, place => [own[place] ?? 0, encode(name[place] ?? '')])
    }
    const isActedOn = new Uint8Array(batch.resources.name.length)
    for (const place of places) isActedOn[batch.resource[place] ?? 0] = 1
    const keys = {
      principals: find(principals, batch.principals, due.principals.events, encodeId),
      userAgents: find(userAgents, batch.userAgents, due.userAgents.events, text => text),
      addresses: find(addresses, batch.addresses, due.addresses.events, encodeAddress),
      resources: find(resources, batch.resources, isActedOn, encodeId),
    }
    const { principal, userAgent, kind } = batch.trails
    const { organization, action, category, removes } = batch.kinds
    const columns = (trail: number) => {
      const [actor = 0, agent = 0, what = 0] = [principal[trail], userAgent[trail], kind[trail]]
      return [
        ours[organization[what] ?? 0] ?? 0,
        keys.principals[actor] ?? 0,
        agent === 0 ? 0 : (keys.userAgents[agent - 1] ?? 0),
        action[what] ?? '',
        category[what] ?? '',
      ]
    }
    const trailKeys = trails.findAll(
      kind.map((what, trail) =>
        due.trails.events[trail] ? `${action[what]?.length} ${columns(trail).join(' ')}` : null,
      ),
      columns,
    )

    const trailTime = new Pairs(places.length)
    const kindTime = new Pairs(places.length)
    const runs = new Map<number, ArrivalRun>()
    const rows = new ManyRows(INSERT_EVENTS, (text, values) => db.run(text, ...values))
    const milliseconds = Math.floor(recordedAt / 1000)
    const hashAt = eventHashes(batch, milliseconds)
    const position = batch.position
    const isListed = ours.map(key => lists(db, key))
    let forgotten = 0
    for (let number = 0; number < places.length; number++) {
      const place = places[number] as number
      const trail = batch.trail[place] as number
      const address = batch.address[place] as number
      const resource = batch.resource[place] as number
      const organization = ours[batch.organization[place] as number] as number
      const what = kind[trail] as number
      const createdAt = batch.createdAt[place] as number
      const arrival = first + place
      rows.value(arrival)
      rows.bytes(batch.ids, 16 * place)
      rows.value(position[place] as bigint)
      rows.value(organization)
      rows.value(trailKeys[trail] as number)
      rows.value(keys.resources[resource] as number)
      rows.value(address === 0 ? 0 : (keys.addresses[address - 1] as number))
      rows.value(milliseconds)
      rows.end()
      const slot = slotOf(createdAt)
      trailTime.set(number, trail, slot)
      kindTime.set(number, what, slot)
      const run = runs.get(organization)
      const hash = hashAt(place, arrival)
      if (run === undefined) {
        runs.set(organization, { from: number, first: arrival, last: arrival, sum: hash })
      } else {
        run.last = arrival
        run.sum = (run.sum + hash) % BITS
      }
      if (removes[what] && isListed[batch.organization[place] as number]) {
        const id = batch.resources.name[resource] ?? ''
        forgotten += forget(db, organization, category[what] ?? '', id, createdAt)
      }
    }
    rows.finish()

    let end = places.length
    for (const [organization, { from, last }] of [...runs].reverse()) {
      const organizationId = batch.organizations[batch.organization[places[from] ?? 0] ?? 0] ?? ''
      const own = places.subarray(from, end)
      const run = { organization, organizationId, places: own, arrival: last, newestBefore: newest }
      sealRun(db, batch, run, milliseconds * 1000)
      end = from
    }

    keepTallies(db, 'organizations', due.organizations, ours)
    keepTallies(db, 'principals', due.principals, keys.principals)
    keepTallies(db, 'user_agents', due.userAgents, keys.userAgents)
    keepTallies(db, 'addresses', due.addresses, keys.addresses)
    keepTallies(db, 'trails', due.trails, trailKeys)
    keepKinds(db, batch.kinds, due.kinds, ours)
    trailTimes.add(trailTime, trail => [trailKeys[trail] ?? 0])
    kindTimes.add(kindTime, what => [
      ours[organization[what] ?? 0] ?? 0,
      action[what] ?? '',
      category[what] ?? '',
    ])
    for (const [organization, run] of runs) {
      noteArrivals(db, organization, run.first, run.last, newest, run.sum)
    }
    return { added: places.length, known: batch.length - places.length, forgotten }
  }

  return {
    take,
    organizationKey: id => organizationKeys([id])[0] ?? 0,
    reset() {
      for (const keys of [organizations, principals, userAgents, addresses, resources, trails]) {
        keys.forget()
      }
      ids.reset()
    },
  }
}

function placesOf(flags: Uint8Array): Uint32Array {
  const places = new Uint32Array(flags.length)
  let count = 0
  for (let place = 0; place < flags.length; place++) {
    if (flags[place] === 1) places[count++] = place
  }
  return places.subarray(0, count)
}
