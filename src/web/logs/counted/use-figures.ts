// Counts over the events that are shown, in one request for all parts of the page. The counts of a facet ignore the
// facet's own condition, so that it shows the other possible values.

import { signal } from '@preact/signals'
import { useQuery } from '@tanstack/preact-query'
import { ask } from '../api/ask.ts'
import { type EventFilter, FiguresDocument, type FiguresQuery } from '../api/page-documents.ts'
import { timeZone } from '../dates.ts'
import { asOf, view } from '../view/page-address.ts'
import { type Range, type Resolution, rangeOf, resolutionFor } from './range.ts'
import { useCoverage } from './use-coverage.ts'

/** How many principals are counted, at most `MOST_PRINCIPALS`. */
export const principalsCounted = signal(10)

export const MOST_PRINCIPALS = 100

/** The first part of the keys in the query cache. */
export const FIGURES = 'figures'

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

export function useFigures(organizationId: string, filter: EventFilter): Counted {
  const coverage = useCoverage(organizationId)
  const now = view.value.last === null ? null : asOf.value
  const range = rangeOf(filter, coverage, now)
  const resolution = resolutionFor(range)
  const variables = {
    ...{ organizationId, filter, interval: resolution.interval, timeZone: timeZone() },
    anyAction: without(filter, 'actions'),
    anyCategory: without(filter, 'categories'),
    anyPrincipal: without(filter, 'principalIds'),
    anyAddress: without(filter, 'ipAddresses'),
    anyClient: without(filter, 'userAgents'),
    principals: principalsCounted.value,
    chosen: filter.principalIds != null,
  }
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: [FIGURES, organizationId, variables, asOf.value],
    enabled: coverage !== undefined || isBounded(filter, now),
    async queryFn({ signal }) {
      const { organization } = await ask(FiguresDocument, variables, signal)
      return organization && { counts: organization, range, resolution }
    },
    placeholderData: (before, query) =>
      query?.queryKey[1] === organizationId ? before : undefined,
  })
  return {
    figures: data ?? undefined,
    busy: error === null && (data === undefined || isPlaceholderData),
    error,
  }
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
