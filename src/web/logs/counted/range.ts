// The period that is shown and the width of its bars: one interval of the API's counts, or several together, so that
// there are neither too few bars to see a pattern nor too many to point at.

import type {
  CoverageQuery,
  EventFilter,
  FiguresQuery,
  TimeInterval,
} from '../api/page-documents.ts'
import { ACTIONS } from '../view/view.ts'
import { shownAt } from '../wall-clock.ts'

/** In milliseconds. */
export interface Range {
  readonly from: number
  readonly until: number
}

export type Coverage = NonNullable<CoverageQuery['organization']>['coverage']

/** A period and its number of events; the end is excluded. Actions without events are left out. */
export type Bar = NonNullable<FiguresQuery['organization']>['all']['byTime'][number]

/** A bar is `together` intervals, aligned to multiples of that number on the clock. */
export interface Resolution {
  readonly interval: TimeInterval
  readonly together: number
}

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Each applies to ranges up to this length. */
const RESOLUTIONS: readonly [longest: number, TimeInterval, together: number][] = [
  [2.5 * HOUR, 'MINUTE', 1],
  [10 * HOUR, 'MINUTE', 5],
  [20 * HOUR, 'MINUTE', 15],
  [8 * DAY, 'HOUR', 1],
  [24 * DAY, 'HOUR', 6],
  [200 * DAY, 'DAY', 1],
  [4 * 366 * DAY, 'WEEK', 1],
]

export function resolutionFor({ from, until }: Range): Resolution {
  const [, interval = 'MONTH', together = 1] =
    RESOLUTIONS.find(([longest]) => until - from <= longest) ?? []
  return { interval, together }
}

/**
 * From the filter's dates; a missing one is replaced by the archive's first or last event, or by `now` if the filter
 * has no end. Empty if there are no events.
 */
export function rangeOf(
  { createdAfter, createdBefore }: EventFilter,
  coverage: Pick<Coverage, 'earliest' | 'latest'> | undefined,
  now: number | null,
): Range {
  const latest = time(coverage?.latest)
  const until = time(createdBefore) ?? now ?? latest ?? Date.now()
  const from = time(createdAfter) ?? time(coverage?.earliest) ?? until
  return { from, until: Math.max(from, until) }
}

/** Combines the intervals into bars. */
export function barsOf(counted: readonly Bar[], { interval, together }: Resolution): Bar[] {
  if (together === 1) return [...counted]
  const place = interval === 'HOUR' ? 3 : 4
  const bars: Bar[] = []
  for (const bar of counted) {
    const before = bars.at(-1)
    const begins = shownAt(Date.parse(bar.start))[place] % together === 0
    if (before === undefined || begins) bars.push(bar)
    else bars[bars.length - 1] = { ...before, end: bar.end, ...sumOf([before, bar]) }
  }
  return bars
}

/** The sum of adjacent bars. */
export function sumOf(bars: readonly Bar[]): Pick<Bar, 'count' | 'byAction'> {
  const sum = (counts: readonly { readonly count: number }[]) =>
    counts.reduce((sum, { count }) => sum + count, 0)
  const all = bars.flatMap(bar => bar.byAction)
  const byAction = ACTIONS.map(action => ({
    action,
    count: sum(all.filter(each => each.action === action)),
  }))
  return { count: sum(bars), byAction: byAction.filter(({ count }) => count > 0) }
}

function time(instant: string | null | undefined): number | null {
  return instant == null ? null : Date.parse(instant)
}
