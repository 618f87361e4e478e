// Counts over the events that are shown, and the coverage: which periods the archive has completely. One request each
// for all parts of the page. The counts of a facet ignore the facet's own condition, so that it shows the other
// possible values.

import { signal } from '@preact/signals'
import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { ask } from '../api/ask.ts'
import {
  CoverageDocument,
  type CoverageQuery,
  type EventFilter,
  FiguresDocument,
  type FiguresQuery,
  type TimeInterval,
} from '../api/page-documents.ts'
import { shownAt, timeZone } from '../dates.ts'
import { useAnswer, useOrganization } from '../parts/answers.ts'
import { asOf, filter, listed, view } from '../view/page-address.ts'
import { ACTIONS, EXCLUDED, filterOf, type ListName } from '../view/view.ts'

/** Whether 100 principals are counted, otherwise 10. */
export const morePrincipals = signal(false)

/** `undefined` until loaded. `every`: the interval between requests, in milliseconds. */
export function useCoverage(every?: number): Coverage | undefined {
  const { data } = useAnswer(CoverageDocument, {}, every ? { refetchInterval: every } : {})
  return data?.organization?.coverage
}

/** With the range and the width of the bars. */
export type Figures = NonNullable<ReturnType<typeof useFigures>['figures']>

/** While `busy`, the figures are those of the previous view; `undefined` if there are none yet. */
export function useFigures() {
  const { id: organizationId } = useOrganization()
  const coverage = useCoverage()
  const matching = filter.value
  const now = view.value.last === null ? null : asOf.value
  const range = rangeOf(matching, coverage, now)
  const hours = (range.until - range.from) / 3_600_000
  const resolution = RESOLUTIONS.find(each => hours <= each.hours) ?? LONGEST
  const variables = {
    ...{ organizationId, filter: matching, timeZone: timeZone(), interval: resolution.interval },
    anyAction: filterWithout('actions'),
    anyCategory: filterWithout('categories'),
    anyPrincipal: filterWithout('principalIds'),
    anyAddress: filterWithout('ipAddresses'),
    anyClient: filterWithout('userAgents'),
    principals: morePrincipals.value ? 100 : 10,
    chosen: matching.principalIds != null,
  }
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: [FiguresDocument, variables, asOf.value],
    enabled: coverage !== undefined || isBounded(matching, now),
    async queryFn({ signal }) {
      const { organization } = await ask(FiguresDocument, variables, signal)
      return organization && { counts: organization, range, resolution }
    },
    placeholderData: keepPreviousData,
  })
  const busy = error === null && (data === undefined || isPlaceholderData)
  return { figures: data ?? undefined, busy, error }
}

/** Whether the length of this period is known without the coverage. */
function isBounded({ createdAfter, createdBefore }: EventFilter, now: number | null): boolean {
  return createdAfter != null && (createdBefore != null || now !== null)
}

/** The filter without the condition and its exclusion. */
function filterWithout(name: ListName): EventFilter {
  const excluded = EXCLUDED[name]
  return filterOf({ ...listed.value, [name]: [], ...(excluded && { [excluded]: [] }) }, asOf.value)
}

/** In milliseconds. */
export interface Range {
  readonly from: number
  readonly until: number
}

export type Coverage = NonNullable<CoverageQuery['organization']>['coverage']

/** A period and its number of events; the end is excluded. Actions without events are left out. */
export type Bar = NonNullable<FiguresQuery['organization']>['all']['byTime'][number]

/**
 * The width of the bars, so that there are neither too few to see a pattern nor too many to point at: a bar is `together`
 * intervals, aligned to multiples of that number on the clock. For ranges up to so many hours.
 */
const RESOLUTIONS: readonly { hours: number; interval: TimeInterval; together: number }[] = [
  { hours: 2.5, interval: 'MINUTE', together: 1 },
  { hours: 10, interval: 'MINUTE', together: 5 },
  { hours: 20, interval: 'MINUTE', together: 15 },
  { hours: 8 * 24, interval: 'HOUR', together: 1 },
  { hours: 24 * 24, interval: 'HOUR', together: 6 },
  { hours: 200 * 24, interval: 'DAY', together: 1 },
  { hours: 4 * 366 * 24, interval: 'WEEK', together: 1 },
]

const LONGEST = { interval: 'MONTH', together: 1 } as const

export type Resolution = Omit<(typeof RESOLUTIONS)[number], 'hours'>

/**
 * From the filter's dates; a missing one is replaced by the archive's first or last event, or by `now` if the filter
 * has no end. Empty if there are no events.
 */
function rangeOf(
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
