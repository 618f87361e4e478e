// Values that many events share, each kept once an Organization under a number: kinds, principals, user agents,
// addresses. Numbers are given under the Organization's lock, and remembered here once that was committed.

import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Event } from '../../event.ts'
import type { Session } from './database.ts'
import { constant, type Sql, sql } from './sql.ts'

export const VALUES = ['kind', 'principal', 'userAgent', 'address'] as const
export type ValueOf = (typeof VALUES)[number]

export const VALUE_TABLE = {
  kind: constant('kinds'),
  principal: constant('principals'),
  userAgent: constant('user_agents'),
  address: constant('addresses'),
} as const

/** What an event has of it, as text; `null`: nothing. */
export function textOf(event: Event, of: ValueOf): string | null {
  switch (of) {
    case 'kind':
      return `${event.action}\0${event.category}`
    case 'principal':
      return event.principalId
    case 'userAgent':
      return event.userAgent
    case 'address':
      return event.ipAddress
  }
}

/** How texts become rows: `given` has one row a text, in order. */
interface Shape {
  readonly given: (texts: readonly string[]) => Sql
  readonly columns: Sql
  readonly written: Sql
  readonly same: Sql
}

const SHAPES: Record<ValueOf, Shape> = {
  kind: {
    given: texts => {
      const words = texts.map(text => text.split('\0'))
      const [actions, categories] = [0, 1].map(at => words.map(word => word[at] ?? ''))
      return sql`unnest(${actions ?? []}::text[], ${categories ?? []}::text[])
        WITH ORDINALITY AS g (action, category, place)`
    },
    columns: constant('action, category'),
    written: constant('g.action, g.category'),
    same: constant('t.action = g.action AND t.category = g.category'),
  },
  principal: {
    given: ids => sql`unnest(${ids}::text[]) WITH ORDINALITY AS g (id, place)`,
    columns: constant('id'),
    written: constant('g.id'),
    same: constant('t.id = g.id'),
  },
  userAgent: {
    given: texts => sql`unnest(${texts}::text[]) WITH ORDINALITY AS g (text, place)`,
    columns: constant('text, hash'),
    written: constant("g.text, sha256(convert_to(g.text, 'UTF8'))"),
    same: constant("t.hash = sha256(convert_to(g.text, 'UTF8'))"),
  },
  address: {
    given: texts => sql`unnest(${texts}::text[], ${texts.map(addressHex)}::text[])
      WITH ORDINALITY AS g (text, hex, place)`,
    columns: constant('text, address'),
    written: constant("g.text, decode(g.hex, 'hex')"),
    same: constant('t.text = g.text'),
  },
}

/** `null` for what is no address: also one with a zone, which means something on one machine only. */
function addressHex(text: string): string | null {
  if (isIP(text) === 0 || text.includes('%')) return null
  return Buffer.from(ipaddr.parse(text).toByteArray()).toString('hex')
}

/** Under the Organization's lock: the number of each text, in order, made where there is none. */
async function numbersOf(
  session: Session,
  organization: string,
  of: ValueOf,
  texts: readonly string[],
): Promise<number[]> {
  const { given, columns, written, same } = SHAPES[of]
  const table = VALUE_TABLE[of]
  const rows = await session.rows<[place: number, number: number]>(
    sql`WITH given AS (SELECT * FROM ${given(texts)}),
      found AS (
        SELECT g.place, t.number FROM given g
        JOIN ${table} t ON t.organization = ${organization}::uuid AND ${same}),
      made AS (
        INSERT INTO ${table} (organization, number, ${columns})
        SELECT ${organization}::uuid,
          (SELECT coalesce(max(number), 0) FROM ${table} WHERE organization = ${organization}::uuid)
            + row_number() OVER (ORDER BY g.place), ${written}
        FROM given g WHERE g.place NOT IN (SELECT place FROM found)
        RETURNING *)
      SELECT place, number FROM found
      UNION ALL SELECT g.place, t.number FROM made t JOIN given g ON ${same}`,
  )
  const numbers: number[] = []
  for (const [place, number] of rows) numbers[place - 1] = number
  return numbers
}

/** Numbers remembered of each Organization's values, at most twice as many. */
const MOST_REMEMBERED = 30_000

/** Two generations: when the young is full it becomes the old, and what is used again becomes young again. */
interface Remembered {
  young: Map<string, number>
  old: Map<string, number>
}

/** What is remembered of one Organization, while its `epoch` is this. */
interface Known {
  readonly epoch: number
  readonly of: Record<ValueOf, Remembered>
}

/** The numbers of an Organization's values, within one transaction. */
export interface Numbers {
  /** Of these events, in their order; `null` where an event has none. */
  find(events: readonly Event[], of: ValueOf): Promise<(number | null)[]>
}

export interface ValueNumbers {
  within(session: Session, organization: string, epoch: number, learned: Learned): Numbers
  /** After the transaction committed. */
  remember(learned: Learned): void
}

/** What a transaction found out, which holds once it has committed. */
export type Learned = {
  readonly organization: string
  readonly epoch: number
  readonly of: ValueOf
  readonly numbers: ReadonlyMap<string, number>
}[]

export function createValueNumbers(): ValueNumbers {
  const organizations = new Map<string, Known>()

  function recall(known: Known | undefined, of: ValueOf, text: string): number | undefined {
    if (known === undefined) return undefined
    const remembered = known.of[of]
    const young = remembered.young.get(text)
    if (young !== undefined) return young
    const old = remembered.old.get(text)
    if (old !== undefined) keep(remembered, text, old)
    return old
  }

  return {
    within(session, organization, epoch, learned) {
      const before = organizations.get(organization)
      const known = before?.epoch === epoch ? before : undefined
      return {
        async find(events, of) {
          const texts = events.map(event => textOf(event, of))
          const numbers = new Map<string, number>()
          const unknown: string[] = []
          for (const text of new Set(texts)) {
            if (text === null) continue
            const number = recall(known, of, text)
            if (number === undefined) unknown.push(text)
            else numbers.set(text, number)
          }
          if (unknown.length > 0) {
            const found = await numbersOf(session, organization, of, unknown)
            const fresh = new Map(unknown.map((text, at) => [text, found[at] ?? 0]))
            for (const [text, number] of fresh) numbers.set(text, number)
            learned.push({ organization, epoch, of, numbers: fresh })
          }
          return texts.map(text => (text === null ? null : (numbers.get(text) ?? null)))
        },
      }
    },
    remember(learned) {
      for (const { organization, epoch, of, numbers } of learned) {
        let known = organizations.get(organization)
        if (known === undefined || known.epoch < epoch) {
          known = {
            epoch,
            of: { kind: empty(), principal: empty(), userAgent: empty(), address: empty() },
          }
          organizations.set(organization, known)
        }
        if (known.epoch > epoch) continue
        for (const [text, number] of numbers) keep(known.of[of], text, number)
      }
    },
  }
}

function empty(): Remembered {
  return { young: new Map(), old: new Map() }
}

function keep(remembered: Remembered, text: string, number: number): void {
  if (remembered.young.size >= MOST_REMEMBERED) {
    remembered.old = remembered.young
    remembered.young = new Map()
  }
  remembered.young.set(text, number)
}

/** Made if need be, and locked until the transaction ends. */
export interface LockedOrganization {
  readonly id: string
  readonly lastArrival: number
  readonly keptFrom: number | null
  readonly epoch: number
}

/** In the order of their IDs, so that no two writers wait for each other. */
export async function lockOrganizations(
  session: Session,
  ids: readonly string[],
): Promise<LockedOrganization[]> {
  const wanted = [...new Set(ids)].sort()
  const lock = async () => {
    const rows = await session.rows<
      [id: string, lastArrival: number, keptFrom: number | null, epoch: number]
    >(
      sql`SELECT id, last_arrival, kept_from, epoch FROM organizations
        WHERE id = ANY(${wanted}::uuid[]) ORDER BY id FOR UPDATE`,
    )
    return rows.map(([id, lastArrival, keptFrom, epoch]) => ({ id, lastArrival, keptFrom, epoch }))
  }
  const found = await lock()
  if (found.length === wanted.length) return found
  await session.run(
    sql`INSERT INTO organizations (id) SELECT id FROM unnest(${wanted}::uuid[]) AS id
      ORDER BY id ON CONFLICT DO NOTHING`,
  )
  return lock()
}

/** Locks one, made if need be. */
export async function lockOrganization(session: Session, id: string): Promise<LockedOrganization> {
  const [locked] = await lockOrganizations(session, [id])
  if (locked === undefined) throw new Error(`no row for Organization ${id}`)
  return locked
}
