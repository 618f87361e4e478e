// By which addresses and user agents: exactly, where totals tell; else by a look at the events.

import type { Instant } from '../instant.ts'
import type { ValueCount, ValueCounts } from '../store.ts'
import { compareTexts } from '../text.ts'
import { isRolledUp } from './counts-rollups.ts'
import { type Counted, type CountQuery, look } from './counts-scan.ts'
import { isUndated, totalsBy } from './counts-totals.ts'
import { sql } from './drizzle.ts'
import { findWanted } from './filter.ts'
import { isPlain, planFor, WALK_FOR_ALL } from './plan.ts'
import { tableOf } from './values.ts'

/** What is looked at of what is asked for, and from which instant on. */
export type Newest = () => Promise<CountQuery & { readonly since: Instant | null }>

export async function valueCounts(
  asked: CountQuery,
  by: 'address' | 'userAgent',
  first: number,
  newest: Newest,
): Promise<ValueCounts> {
  const { db, dialect, organization, filter } = asked
  const isKept = isUndated(filter) && (by === 'address' ? isPlain(filter) : isRolledUp(filter))
  const { since, ...counted } = isKept ? { ...asked, since: null } : await newest()
  const sums = new Map<number | null, ValueSum>()
  for await (const rows of isKept ? totals(asked, by) : looked(counted, by)) {
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

async function* looked(asked: CountQuery, by: 'address' | 'userAgent'): AsyncGenerator<Counted[]> {
  const plan = await planFor(asked, asked.filter, { walk: WALK_FOR_ALL })
  if (plan !== null) yield* look(asked, plan, by)
}

async function* totals(asked: CountQuery, by: 'address' | 'userAgent'): AsyncGenerator<Counted[]> {
  const wanted = await findWanted(asked, asked.filter)
  if (wanted !== null) yield* totalsBy(asked, wanted, by)
}

/** How many events have a value, and the date of the newest. */
interface ValueSum {
  readonly events: number
  readonly latest: Instant
}

/** By key; `null`: no value. */
type ValueSums = ReadonlyMap<number | null, ValueSum>

/** Adds to the sums that so many events have a value. */
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
 * The first so many. `textsOf` is asked once, for no more than may be among them; what has no text is gone meanwhile.
 */
export async function mostCommon(
  sums: ValueSums,
  first: number,
  textsOf: (keys: readonly number[]) => Promise<ReadonlyMap<number, string>>,
): Promise<ValueCount[]> {
  const ordered = [...sums].sort(([, a], [, b]) => compare(a, b))
  const last = ordered[first - 1]?.[1]
  // The texts decide only between those that have as many events, as new.
  const among = last === undefined ? ordered : ordered.filter(([, sum]) => compare(sum, last) <= 0)
  const texts = await textsOf(among.map(([key]) => key).filter(key => key !== null))
  return among
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

/** None last. */
function compareValues(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return compareTexts(a, b)
}
