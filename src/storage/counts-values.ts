// Counts by address and by user agent: exact if totals can answer, otherwise by scanning the newest events.

import type { Instant } from '../instant.ts'
import type { ValueCount, ValueCounts } from '../log-reader.ts'
import { compareTexts } from '../text.ts'
import { isRolledUp } from './counts-rollups.ts'
import { type Counted, type CountQuery, scanCounts } from './counts-scan.ts'
import { isUndated, totalsBy } from './counts-totals.ts'
import { sql } from './drizzle.ts'
import { resolveFilter } from './filter.ts'
import { FULL_SCAN_RATIO, isPlain, planFor } from './plan.ts'
import { tableOf } from './values.ts'

/** The query, limited to the events that may be scanned; `since` is the limit, `null` for no limit. */
export type Newest = () => Promise<CountQuery & { readonly since: Instant | null }>

export async function valueCounts(
  query: CountQuery,
  by: 'address' | 'userAgent',
  first: number,
  newest: Newest,
): Promise<ValueCounts> {
  const { db, dialect, organization, filter } = query
  const isKept = isUndated(filter) && (by === 'address' ? isPlain(filter) : isRolledUp(filter))
  const { since, ...counted } = isKept ? { ...query, since: null } : await newest()
  const sums = new Map<number | null, ValueSum>()
  for await (const rows of isKept ? totals(query, by) : scanned(counted, by)) {
    for (const [number, events, latest] of rows) {
      addEvents(sums, number === 0 ? null : number, { events, latest })
    }
  }
  const values = await mostCommon(sums, first, async numbers => {
    const rows = await db.rows<[number, string]>(
      sql`SELECT v.number, v.text FROM ${tableOf(by)} v
        WHERE v.organization = ${organization} AND ${dialect.numberIn(sql`v.number`, numbers)}`,
    )
    return new Map(rows)
  })
  return { since, values }
}

async function* scanned(query: CountQuery, by: 'address' | 'userAgent'): AsyncGenerator<Counted[]> {
  const plan = await planFor(query, query.filter, { scanRatio: FULL_SCAN_RATIO })
  if (plan !== null) yield* scanCounts(query, plan, by)
}

async function* totals(query: CountQuery, by: 'address' | 'userAgent'): AsyncGenerator<Counted[]> {
  const resolved = await resolveFilter(query, query.filter)
  if (resolved !== null) yield* totalsBy(query, resolved, by)
}

/** The number of events with a value, and the date of the newest. */
interface ValueSum {
  readonly events: number
  readonly latest: Instant
}

/** By key; `null`: no value. */
type ValueSums = ReadonlyMap<number | null, ValueSum>

function addEvents(
  sums: Map<number | null, ValueSum>,
  key: number | null,
  { events, latest }: ValueSum,
): void {
  const known = sums.get(key)
  sums.set(key, {
    events: events + (known?.events ?? 0),
    latest: Math.max(latest, known?.latest ?? latest),
  })
}

/**
 * The `first` most common values. `textsOf` is called once, with only those keys that may be among them; a key without
 * a text is skipped: its value was deleted meanwhile.
 */
export async function mostCommon(
  sums: ValueSums,
  first: number,
  textsOf: (keys: readonly number[]) => Promise<ReadonlyMap<number, string>>,
): Promise<ValueCount[]> {
  const ordered = [...sums].sort(([, a], [, b]) => compare(a, b))
  const last = ordered[first - 1]?.[1]
  // Texts only break ties between values with equal numbers of events and equal latest dates.
  const candidates =
    last === undefined ? ordered : ordered.filter(([, sum]) => compare(sum, last) <= 0)
  const texts = await textsOf(candidates.map(([key]) => key).filter(key => key !== null))
  return candidates
    .flatMap(([key, sum]) => {
      const value = key === null ? null : texts.get(key)
      return value === undefined ? [] : [{ value, ...sum }]
    })
    .sort((a, b) => compare(a, b) || compareValues(a.value, b.value))
    .slice(0, first)
}

function compare(a: ValueSum, b: ValueSum): number {
  return b.events - a.events || b.latest - a.latest
}

/** `null` sorts last. */
function compareValues(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return compareTexts(a, b)
}
