// Of sums by value, those with the most events, in the order that `EventCounts` promises. Values are known by keys: the
// texts of the few that are told are looked up last.

import type { Instant } from '../instant.ts'
import type { ValueCount } from '../store.ts'

/** How many events have a value, and the date of the newest. */
export interface ValueSum {
  readonly events: number
  readonly latest: Instant
}

/** By key; `null`: no value. */
export type ValueSums = ReadonlyMap<number | null, ValueSum>

/** Adds to the sums that so many events have a value. */
export function addEvents(
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
    .sort((a, b) => compare(a, b) || compareTexts(a.value, b.value))
    .slice(0, first)
}

function compare(a: ValueSum, b: ValueSum): number {
  return b.events - a.events || b.latest - a.latest
}

/** By code point, none last. */
function compareTexts(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
