// The pages of the events that match now, and those of the previous view, which stay visible until the new ones are
// loaded.

import { signal } from '@preact/signals'
import { type QueryClient, useQueryClient } from '@tanstack/preact-query'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { type EventFilter, type EventOrder, EventsDocument } from '../api/page-documents.ts'
import { asOf, view } from '../view/page-address.ts'
import { createPages, type Pages } from './loaded-pages.ts'
import type { Active } from './roving.ts'

export interface EventPages extends Pages {
  readonly organizationId: string
  readonly filter: EventFilter
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

/** How many previous lists are kept; each holds the events of some thousand rows. */
const MOST_KEPT = 2

/** By the query client of a token: what one token showed must not be shown to the next. */
const keptLists = new WeakMap<QueryClient, Map<string, EventPages>>()

/**
 * In the view's order. `coming` belongs to the current view; `pages` is what to show, and equals `coming` once that is
 * loaded.
 */
export function usePages(
  organizationId: string,
  filter: EventFilter,
): { pages: EventPages; coming: EventPages } {
  const queries = useQueryClient()
  const orderBy: EventOrder = view.value.oldestFirst ? 'CREATED_AT_ASC' : 'CREATED_AT_DESC'
  const key = JSON.stringify([{ organizationId, filter, orderBy }, asOf.value])

  const coming = useMemo(() => {
    const kept = keptOf(queries)
    const list = kept.get(key) ?? openPages(queries, key)
    kept.delete(key)
    return list
  }, [key, queries])

  const last = useRef(coming)
  if (coming.ready.value || coming.refused.value !== null) last.current = coming
  // Leaves the list when it is no longer shown.
  useEffect(() => () => (last.current === coming ? undefined : coming.close()), [coming])
  return { pages: last.current, coming }
}

function keptOf(queries: QueryClient): Map<string, EventPages> {
  const kept = keptLists.get(queries) ?? new Map<string, EventPages>()
  keptLists.set(queries, kept)
  return kept
}

function keep(kept: Map<string, EventPages>, key: string, list: EventPages): void {
  kept.set(key, list)
  const [oldest = key] = kept.keys()
  if (kept.size <= MOST_KEPT) return
  kept.get(oldest)?.close()
  kept.delete(oldest)
}

interface ListQuery {
  readonly organizationId: string
  readonly filter: EventFilter
  readonly orderBy: EventOrder
}

function openPages(queries: QueryClient, key: string): EventPages {
  const [query]: [ListQuery] = JSON.parse(key)
  const queryKey = ['events', key]
  const pages = createPages(query.orderBy, after =>
    queries.fetchQuery({
      queryKey: [...queryKey, after],
      staleTime: 0,
      gcTime: 0,
      queryFn: ({ signal }) => fetchPage(query, after, signal),
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
      if (pages.ready.value && pages.refused.value === null)
        keep(keptOf(queries), key, { ...list, left })
      else list.close()
    },
  }
  return list
}

async function fetchPage(query: ListQuery, after: string | null, stopped: AbortSignal) {
  const { organization } = await ask(EventsDocument, { ...query, first: PAGE, after }, stopped)
  const { nodes = [], pageInfo } = organization?.events ?? {}
  return { events: nodes, endCursor: null, hasNextPage: false, ...pageInfo }
}
