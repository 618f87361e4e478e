// The pages of the events that match now, and those of the previous view, which stay visible until the new ones are
// loaded.

import { signal } from '@preact/signals'
import { type QueryClient, useQueryClient } from '@tanstack/preact-query'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { EventsDocument, type EventsQueryVariables } from '../api/page-documents.ts'
import { useOrganization } from '../parts/answers.ts'
import { asOf, filter, orderBy } from '../view/page-address.ts'
import { type Answer, createPages, type Pages } from './loaded-pages.ts'
import type { Active } from './roving.ts'

export type ListQuery = Omit<EventsQueryVariables, 'first' | 'after'>

export interface EventPages extends Pages, ListQuery {
  /** The position at which the viewer left it, if it was shown before. */
  readonly left: Left | null
  /** Must be called when the list is hidden: keeps it for a return with Back, or closes it. */
  leave(where: Left): void
}

interface Left {
  /** As returned by the row window's `place`. */
  readonly place: number
  /** The row with the focus; `null` if the focus was elsewhere. */
  readonly active: Active | null
}

/** The list that is on the page, for parts that show one of its events with its neighbours; `null` if there is none. */
export const shown = signal<Pages | null>(null)

const PAGE = 100

/** How long a list is kept for a return with Back, in milliseconds. */
const KEPT = 3_600_000

/**
 * In the view's order. `coming` belongs to the current view; `pages` is what to show, and equals `coming` once that is
 * loaded.
 */
export function usePages(): { pages: EventPages; coming: EventPages } {
  const queries = useQueryClient()
  const { id: organizationId } = useOrganization()
  const query: ListQuery = { organizationId, filter: filter.value, orderBy: orderBy.value }
  const key = JSON.stringify([query, asOf.value])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key contains the query
  const coming = useMemo(
    () => queries.getQueryData<EventPages>(['list', key]) ?? openPages(queries, key, query),
    [key, queries],
  )
  const last = useRef(coming)
  if (coming.ready.value || coming.refused.value !== null) last.current = coming
  // Leaves the list when it is no longer shown.
  useEffect(() => () => (last.current === coming ? undefined : coming.close()), [coming])
  return { pages: last.current, coming }
}

function openPages(queries: QueryClient, key: string, query: ListQuery): EventPages {
  const queryKey = ['events', key]
  async function fetchPage(after: string | null, stopped: AbortSignal): Promise<Answer> {
    const { organization } = await ask(EventsDocument, { ...query, first: PAGE, after }, stopped)
    const { nodes = [], pageInfo } = organization?.events ?? {}
    return { events: nodes, endCursor: null, hasNextPage: false, ...pageInfo }
  }
  const pages = createPages(query.orderBy, after =>
    queries.fetchQuery({
      queryKey: [...queryKey, after],
      staleTime: 0,
      gcTime: 0,
      queryFn: ({ signal }) => fetchPage(after, signal),
    }),
  )
  const list: EventPages = {
    ...pages,
    ...query,
    left: null,
    close() {
      pages.close()
      queries.cancelQueries({ queryKey })
    },
    leave(left) {
      if (!pages.ready.value || pages.refused.value !== null) return list.close()
      queries.setQueryDefaults(['list'], { gcTime: KEPT })
      queries.setQueryData<EventPages>(['list', key], { ...list, left })
    },
  }
  return list
}
