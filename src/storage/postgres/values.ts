// Values that many events share, each kept once an Organization under a number: kinds, principals, user agents,
// addresses. Numbers are given under the Organization's lock, and remembered here once that was committed. What is
// not remembered is bound as text, and becomes a number in the statement that needs it.

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

/** A value that has no remembered number goes by its place among `unknown`: -1 for the first. */
export interface Coded {
  /** Of events, in their order; `null` where an event has none. */
  readonly codes: readonly (number | null)[]
  readonly unknown: readonly string[]
}

/** Makes those of the texts that are not there. Under the Organization's lock, and only `where`. */
export function makeValues(
  organization: string,
  of: ValueOf,
  texts: readonly string[],
  where: Sql,
): Sql {
  const { given, columns, written, same } = SHAPES[of]
  const table = VALUE_TABLE[of]
  return sql`INSERT INTO ${table} (organization, number, ${columns})
    SELECT ${organization}::uuid,
      (SELECT coalesce(max(number), 0) FROM ${table} WHERE organization = ${organization}::uuid)
        + row_number() OVER (ORDER BY g.place), ${written}
    FROM ${given(texts)} WHERE ${where}
      AND NOT EXISTS (SELECT 1 FROM ${table} t WHERE t.organization = ${organization}::uuid AND ${same})`
}

/** The numbers of texts that are all there, in their order, as one array. */
export function numbersOfTexts(organization: string, of: ValueOf, texts: readonly string[]): Sql {
  const { given, same } = SHAPES[of]
  return sql`SELECT array_agg(t.number ORDER BY g.place) FROM ${given(texts)}
    JOIN ${VALUE_TABLE[of]} t ON t.organization = ${organization}::uuid AND ${same}`
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

export interface ValueNumbers {
  /** Each value as its number, where that is remembered from this `epoch`. */
  code(organization: string, epoch: number, of: ValueOf, events: readonly Event[]): Coded
  /** What a transaction found out, after it committed: the numbers of `texts`, in their order. */
  remember(
    organization: string,
    epoch: number,
    of: ValueOf,
    texts: readonly string[],
    numbers: readonly number[],
  ): void
}

export function createValueNumbers(): ValueNumbers {
  const organizations = new Map<string, Known>()

  return {
    code(organization, epoch, of, events) {
      const known = organizations.get(organization)
      const remembered = known?.epoch === epoch ? known.of[of] : empty()
      const places = new Map<string, number>()
      const codes = events.map(event => {
        const text = textOf(event, of)
        if (text === null) return null
        const number = recall(remembered, text) ?? places.get(text)
        if (number !== undefined) return number
        const place = -1 - places.size
        places.set(text, place)
        return place
      })
      return { codes, unknown: [...places.keys()] }
    },
    remember(organization, epoch, of, texts, numbers) {
      let known = organizations.get(organization)
      if (known === undefined || known.epoch < epoch) {
        known = {
          epoch,
          of: { kind: empty(), principal: empty(), userAgent: empty(), address: empty() },
        }
        organizations.set(organization, known)
      }
      const remembered = known.of[of]
      if (known.epoch > epoch) return
      texts.forEach((text, at) => {
        const number = numbers[at]
        if (number !== undefined) keep(remembered, text, number)
      })
    },
  }
}

function recall(remembered: Remembered, text: string): number | undefined {
  const young = remembered.young.get(text)
  if (young !== undefined) return young
  const old = remembered.old.get(text)
  if (old !== undefined) keep(remembered, text, old)
  return old
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

/** Makes those that are not there; in the order of their IDs, so that no two writers wait for each other. */
export function makeOrganizations(ids: readonly string[]): Sql {
  return sql`INSERT INTO organizations (id) SELECT id FROM unnest(${ids}::uuid[]) AS id
    ORDER BY id ON CONFLICT DO NOTHING`
}

/** Locks them until the transaction ends, in the same order. */
export function lockOrganizations(ids: readonly string[]): Sql {
  return sql`SELECT id FROM organizations WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE`
}

/** Locks one, made if need be. */
export async function lockOrganization(session: Session, id: string): Promise<void> {
  if ((await session.rows(lockOrganizations([id]))).length > 0) return
  await session.run(makeOrganizations([id]))
  await session.rows(lockOrganizations([id]))
}
