// Counts over the events that are shown, and the coverage: which periods the archive has completely. One request each
// for all parts of the page. The counts of a facet ignore the facet's own condition, so that it shows the other
// possible values.

import { signal } from '@preact/signals'
import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { ask } from '../api/ask.ts'
import {
  CoverageDocument,
  type EventFilter,
  FiguresDocument,
  type FiguresQuery,
} from '../api/page-documents.ts'
import { timeZone } from '../dates.ts'
import { useAnswer, useOrganization } from '../parts/answers.ts'
import { asOf, filter, view } from '../view/page-address.ts'
import { type Coverage, type Range, type Resolution, rangeOf, resolutionFor } from './range.ts'

/** How many principals are counted, at most `MOST_PRINCIPALS`. */
export const principalsCounted = signal(10)

export const MOST_PRINCIPALS = 100

/** `undefined` until loaded. `every`: the interval between requests, in milliseconds. */
export function useCoverage(every?: number): Coverage | undefined {
  const { data } = useAnswer(CoverageDocument, {}, every ? { refetchInterval: every } : {})
  return data?.organization?.coverage
}

export interface Figures {
  readonly counts: NonNullable<FiguresQuery['organization']>
  /** The range of the bars. */
  readonly range: Range
  readonly resolution: Resolution
}

interface Counted {
  /** While `busy`, those of the previous view; `undefined` if there are none yet. */
  readonly figures: Figures | undefined
  readonly busy: boolean
  /** Why the server refused to count. */
  readonly error: Error | null
}

export function useFigures(): Counted {
  const { id: organizationId } = useOrganization()
  const coverage = useCoverage()
  const matching = filter.value
  const now = view.value.last === null ? null : asOf.value
  const range = rangeOf(matching, coverage, now)
  const resolution = resolutionFor(range)
  const variables = {
    ...{ organizationId, filter: matching, timeZone: timeZone(), interval: resolution.interval },
    anyAction: without(matching, 'actions'),
    anyCategory: without(matching, 'categories'),
    anyPrincipal: without(matching, 'principalIds'),
    anyAddress: without(matching, 'ipAddresses'),
    anyClient: without(matching, 'userAgents'),
    principals: principalsCounted.value,
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

/** Removes the condition and its exclusion from the filter. */
function without(filter: EventFilter, name: Exclude<keyof EventFilter, 'not'>): EventFilter {
  const { [name]: _, not, ...others } = filter
  const left = Object.entries(not ?? {}).filter(([excluded]) => excluded !== name)
  return left.length === 0 ? others : { ...others, not: Object.fromEntries(left) }
}
