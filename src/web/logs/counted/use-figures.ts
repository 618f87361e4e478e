// The figures over the events that are shown: one request for all parts of the page that show one of them. What is
// counted by a facet leaves its own condition out, so that it shows what else could be chosen.

import { signal } from '@preact/signals'
import { useQuery } from '@tanstack/preact-query'
import { ask, Refused } from '../api/ask.ts'
import { type EventFilter, FiguresDocument, type FiguresQuery } from '../api/page-documents.ts'
import { timeZone } from '../dates.ts'
import { asOf, view } from '../view/page-address.ts'
import { type Range, type Resolution, rangeOf, resolutionFor } from './range.ts'
import { useCoverage } from './use-coverage.ts'

/** How many principals are counted, at most `MOST_PRINCIPALS`. */
export const principalsCounted = signal(10)

export const MOST_PRINCIPALS = 100

/** Where they all begin in the cache of queries. */
export const FIGURES = 'figures'

export interface Figures {
  readonly counts: NonNullable<FiguresQuery['organization']>
  /** What the bars are of. */
  readonly range: Range
  readonly resolution: Resolution
}

interface Counted {
  /** Those of what was shown before while `busy`; `undefined` while there are none. */
  readonly figures: Figures | undefined
  readonly busy: boolean
  /** Why the server does not count these, in its words. */
  readonly refused: string | null
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
    refused: error instanceof Refused ? error.message : null,
  }
}

/** Whether the length of this stretch of time is known without the coverage. */
function isBounded({ createdAfter, createdBefore }: EventFilter, now: number | null): boolean {
  return createdAfter != null && (createdBefore != null || now !== null)
}

/** Neither asks for it nor leaves any of it out. */
function without(filter: EventFilter, name: Exclude<keyof EventFilter, 'not'>): EventFilter {
  const { [name]: _, not, ...others } = filter
  const left = Object.entries(not ?? {}).filter(([excluded]) => excluded !== name)
  return left.length === 0 ? others : { ...others, not: Object.fromEntries(left) }
}
