// Resolves a filter to numbers: which values of an Organization match it, and how many events each has. Events are then
// tested by numbers alone. The result is cached until the Organization's events change: a list, its next pages, and the
// charts and counts beside it have the same filter.

import { LRUCache } from 'lru-cache'
import { ACTIONS, type AddressBlock, CATEGORIES, type EventFilter } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { Dialect, Log, OrganizationKey } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import { tableOf } from './values.ts'

/** A number of events, and the dates of the first and the last. */
export interface Total {
  readonly events: number
  readonly firstAt: Instant
  readonly lastAt: Instant
}

export interface Numbered extends Total {
  readonly number: number
}

/** The values that match a filter's conditions on one attribute of events. */
export interface Values extends Total {
  /** The values that have events, with number 0 for events without a value; `null`: too many to list, so use `is`. */
  readonly numbers: readonly Numbered[] | null
  /** A condition on the number of a value. */
  is(number: SQL): SQL
}

/** A resolved filter: attributes without a condition are absent. */
export interface ResolvedFilter {
  /** All events of the Organization. */
  readonly all: Total
  /** The sequence number of the Organization's last event: later ones are not part of the state that is read. */
  readonly lastSequence: number
  readonly kind?: Values
  readonly principal?: Values
  readonly userAgent?: Values
  readonly address?: Values
  /** The number of their events is not known. */
  readonly resources?: readonly number[]
  /** What `findSeries` has found, by its `scanRatio`. */
  readonly series: Map<number, Values | null>
}

type Part = 'kind' | 'principal' | 'userAgent' | 'address'

/** The maximum number of matching values that a statement lists. */
export const MOST_LISTED = 2_000

const MOST_READ = sql.raw(`${MOST_LISTED + 1}`)

/** Events without a value, which have no row in a value table: as rows of totals that must be added up. */
const NONE = {
  userAgent: (dialect: Dialect, organization: OrganizationKey) =>
    sql`SELECT 'userAgent', 0, s.events, s.first_at, s.last_at FROM ${dialect.series('user_agent')}
      WHERE s.organization = ${organization} AND s.user_agent = 0 AND s.events > 0 LIMIT ${MOST_READ}`,
  address: (dialect: Dialect, organization: OrganizationKey) =>
    sql`SELECT 'address', 0, 1, e.created_at, e.created_at FROM ${dialect.events('address')}
      WHERE e.organization = ${organization} AND e.address = 0 LIMIT ${MOST_READ}`,
}

/** At most this many series are listed; with more, events are scanned by date, or another condition leads. */
export const MOST_SERIES = 10_000

/** A resolved filter, and the last sequence number and the number of events of its Organization at that time. */
interface Resolved {
  readonly filter: ResolvedFilter | null
  readonly lastSequence: number
  readonly events: number
}

/** Roughly in bytes: the maximum size of a database's cache, and the sizes of an entry and of a number in it. */
const CACHE_SIZE = 64_000_000
const ENTRY_SIZE = 1_000
const NUMBER_SIZE = 100

/** By database, each of which has its own dialect; then by Organization and conditions. */
const caches = new WeakMap<Dialect, LRUCache<string, Resolved>>()

function cacheOf(dialect: Dialect): LRUCache<string, Resolved> {
  const cache =
    caches.get(dialect) ?? new LRUCache({ maxSize: CACHE_SIZE, sizeCalculation: sizeOf })
  caches.set(dialect, cache)
  return cache
}

/** Series are found after the filter is cached, so the most that there may be count. */
function sizeOf({ filter }: Resolved, name: string): number {
  const { kind, principal, userAgent, address, resources = [] } = filter ?? {}
  const ofSeries = [kind, principal, userAgent].filter(part => part !== undefined)
  const series = Math.min(MOST_SERIES, ...ofSeries.map(({ events }) => events))
  let numbers = resources.length + (ofSeries.length > 0 ? series : 0)
  for (const part of [...ofSeries, address]) numbers += part?.numbers?.length ?? 0
  return ENTRY_SIZE + NUMBER_SIZE * numbers + 4 * name.length
}

/** `null`: no event matches. */
export async function resolveFilter(
  log: Log,
  { createdAfter, createdBefore, ...conditions }: EventFilter,
): Promise<ResolvedFilter | null> {
  const { db, dialect, organization } = log
  const cache = cacheOf(dialect)
  const name = `${organization} ${JSON.stringify(conditions)}`
  const known = cache.get(name)
  if (known !== undefined) {
    const [now] = await db.rows<[lastSequence: number, events: number]>(
      sql`SELECT o.last_sequence, o.events FROM organizations o WHERE o.key = ${organization}`,
    )
    if (now?.[0] === known.lastSequence && now[1] === known.events) return known.filter
  }
  const resolved = await resolve(log, conditions)
  if (resolved !== null) cache.set(name, resolved)
  return resolved?.filter ?? null
}

/** `null`: the Organization has no events. One statement. */
async function resolve(
  { db, dialect, organization }: Log,
  filter: EventFilter,
): Promise<Resolved | null> {
  const conditions = conditionsOf(dialect, filter)
  const parts = Object.keys(conditions) as Part[]
  const withNone = matchesNothing(filter)
  const rows = await db.rows<
    [of: Part | 'all' | 'resource', number: number, events: number, firstAt: number, lastAt: number]
  >(
    sql.join(
      [
        sql`SELECT 'all', o.last_sequence, o.events, o.first_at, o.last_at FROM organizations o
          WHERE o.key = ${organization}`,
        ...parts.map(
          part => sql`SELECT * FROM (SELECT ${sql.raw(`'${part}'`)}, v.number, v.events, v.first_at, v.last_at
            FROM ${tableOf(part)} v WHERE v.organization = ${organization} AND v.events > 0
              AND ${conditions[part]} LIMIT ${MOST_READ}) x`,
        ),
        ...withNone.map(part => sql`SELECT * FROM (${NONE[part](dialect, organization)}) x`),
        ...(filter.resourceIds === undefined
          ? []
          : [
              sql`SELECT 'resource', v.number, 0, 0, 0 FROM resources v
                WHERE v.organization = ${organization} AND ${dialect.isIn('id', sql`v.id`, filter.resourceIds)}`,
            ]),
      ],
      sql` UNION ALL `,
    ),
  )
  const found = Map.groupBy(rows, ([of]) => of)
  const [row] = found.get('all') ?? []
  if (row === undefined || row[2] === 0) return null
  const [, lastSequence, events, firstAt, lastAt] = row
  const nothing = { filter: null, lastSequence, events }
  const all: Total = { events, firstAt, lastAt }
  const values: Partial<Record<Part, Values>> = {}
  for (const part of parts) {
    const rows = (found.get(part) ?? []).map(([, ...row]) => numberedOf(row))
    if (rows.length === 0) return nothing
    const isListed = rows.length <= MOST_LISTED
    const orNone = (withNone as Part[]).includes(part)
    // A value has one row; events without a value may have several.
    const numbers = orNone
      ? [...Map.groupBy(rows, ({ number }) => number)].map(
          ([number, rows]): Numbered => ({ number, ...sumOf(rows) }),
        )
      : rows
    values[part] = {
      ...(isListed ? sumOf(numbers) : all),
      numbers: isListed ? numbers : null,
      is: isListed
        ? isAmong(dialect, numbers)
        : number => sql`(${orNone ? sql`${number} = 0 OR ` : sql``}EXISTS (SELECT 1 FROM ${tableOf(part)} v
            WHERE v.organization = ${organization} AND v.number = ${number} AND ${conditions[part]}))`,
    }
  }
  const resources = filter.resourceIds && (found.get('resource') ?? []).map(([, number]) => number)
  if (resources?.length === 0) return nothing
  const known = { all, lastSequence, ...values, series: new Map() }
  return { ...nothing, filter: resources === undefined ? known : { ...known, resources } }
}

/** See `Values.is`. */
export function isAmong(dialect: Dialect, numbers: readonly Numbered[]): Values['is'] {
  const list = numbers.map(({ number }) => number)
  return number => dialect.isIn('number', number, list)
}

export function numberedOf(row: readonly number[]): Numbered {
  const [number = 0, events = 0, firstAt = 0, lastAt = 0] = row
  return { number, events, firstAt, lastAt }
}

export function sumOf(numbers: readonly Total[]): Total {
  let [events, firstAt, lastAt] = [0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
  for (const one of numbers) {
    events += one.events
    if (one.firstAt < firstAt) firstAt = one.firstAt
    if (one.lastAt > lastAt) lastAt = one.lastAt
  }
  return { events, firstAt, lastAt }
}

/** The attributes of which events without a value may match. */
export function matchesNothing(filter: EventFilter): ('userAgent' | 'address')[] {
  const { userAgent, userAgents, addresses, not } = filter
  const anyAgent = userAgent === undefined && userAgents === undefined
  return [
    ...(anyAgent && not?.userAgents?.length ? (['userAgent'] as const) : []),
    ...(addresses === undefined && not?.addresses?.length ? (['address'] as const) : []),
  ]
}

/** Conditions on a row `v` of each value table; absent if the filter has no such condition. */
function conditionsOf(dialect: Dialect, filter: EventFilter): Partial<Record<Part, SQL>> {
  const { actions, categories, principalIds, userAgent, userAgents, addresses, not = {} } = filter
  const action = (words: readonly string[]) => oneOfWords(dialect, sql`v.action`, words, ACTIONS)
  const category = (words: readonly string[]) =>
    oneOfWords(dialect, sql`v.category`, words, CATEGORIES)
  const principal = (ids: readonly string[]) => dialect.isIn('id', sql`v.id`, ids)
  const agent = (texts: readonly string[]) =>
    anyOf(texts.map(text => dialect.contains(sql`v.text`, text)))
  const conditions: Partial<Record<Part, SQL | null>> = {
    kind: both([
      ...[actions && action(actions), butNot(not.actions, action)],
      ...[categories && category(categories), butNot(not.categories, category)],
    ]),
    principal: both([principalIds && principal(principalIds), butNot(not.principalIds, principal)]),
    userAgent: both([
      userAgent === undefined ? undefined : agent([userAgent]),
      userAgents && agent(userAgents),
      butNot(not.userAgents, agent),
    ]),
    address: both([addresses && inBlocks(addresses), butNot(not.addresses, inBlocks)]),
  }
  return Object.fromEntries(
    Object.entries(conditions).filter(([, condition]) => condition !== null),
  )
}

/** `null`: no condition is given. */
export function both(conditions: readonly (SQL | undefined)[]): SQL | null {
  const given = conditions.filter(condition => condition !== undefined)
  return given.length === 0 ? null : sql.join(given, sql` AND `)
}

function butNot<T>(values: readonly T[] = [], condition: (values: readonly T[]) => SQL) {
  return values.length === 0 ? undefined : sql`(${condition(values)}) IS NOT TRUE`
}

function anyOf(conditions: readonly SQL[]): SQL {
  return conditions.length === 0 ? sql`false` : sql`(${sql.join([...conditions], sql` OR `)})`
}

function inBlocks(blocks: readonly AddressBlock[]): SQL {
  return anyOf(
    blocks.map(
      ({ first, last }) => sql`v.address BETWEEN ${Buffer.from(first)} AND ${Buffer.from(last)}
        AND length(v.address) = ${first.length}`,
    ),
  )
}

/** `unknown` matches every word that is not one of the other words in `all`. */
function oneOfWords(
  dialect: Dialect,
  column: SQL,
  wanted: readonly string[],
  all: readonly string[],
): SQL {
  if (!wanted.includes('unknown')) return dialect.isIn('text', column, wanted)
  const others = all.filter(word => !wanted.includes(word))
  return sql`NOT ${dialect.isIn('text', column, others)}`
}
