// The pages of the events that are asked for, and of those that were before: these are shown until the others come.

import { type QueryClient, useQueryClient } from '@tanstack/preact-query'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { type EventFilter, type EventOrder, EventsDocument } from '../api/documents.ts'
import { asOf, view } from '../view/address.ts'
import { createKeptLists, type KeptLists, type Left } from './kept-lists.ts'
import { createPages, type Pages } from './pages.ts'

export interface EventPages extends Pages {
  readonly organizationId: string
  readonly filter: EventFilter
  /** Where it was when it was left, if it was shown before. */
  readonly left: Omit<Left<Pages>, 'pages'> | null
  /** To be called when it is shown no more: keeps it for who comes back to it, or closes it. */
  leave(where: Omit<Left<Pages>, 'pages'>): void
}

const PAGE = 100

/** By the queries of a token: what one token showed is not for the next. */
const kept = new WeakMap<QueryClient, KeptLists<Pages>>()

/** In the order of the view. `coming` is what is asked for; `pages`, what to show, are the same once it is there. */
export function usePages(
  organizationId: string,
  filter: EventFilter,
): { pages: EventPages; coming: EventPages } {
  const queries = useQueryClient()
  const orderBy: EventOrder = view.value.oldestFirst ? 'CREATED_AT_ASC' : 'CREATED_AT_DESC'
  const asked = JSON.stringify({ organizationId, filter, orderBy })
  const key = `${asOf.value} ${asked}`

  const coming = useMemo((): EventPages => {
    const question: Asked = JSON.parse(key.slice(key.indexOf(' ')))
    const lists = keptOf(queries)
    const left = lists.take(key)
    const pages = left?.pages ?? openPages(queries, key, question)
    return {
      ...pages,
      ...question,
      left,
      leave(where) {
        const whole = pages.ready.value && pages.refused.value === null
        if (whole) lists.keep(key, { ...where, pages })
        else pages.close()
      },
    }
  }, [key, queries])

  const last = useRef(coming)
  if (coming.ready.value || coming.refused.value !== null) last.current = coming
  // What is shown is left once it is shown no more.
  useEffect(() => () => (last.current === coming ? undefined : coming.close()), [coming])
  return { pages: last.current, coming }
}

function keptOf(queries: QueryClient): KeptLists<Pages> {
  const lists = kept.get(queries) ?? createKeptLists<Pages>()
  kept.set(queries, lists)
  return lists
}

function openPages(queries: QueryClient, key: string, asked: Asked): Pages {
  const queryKey = ['events', key]
  const pages = createPages(asked.orderBy, after =>
    queries.fetchQuery({
      queryKey: [...queryKey, after],
      staleTime: 0,
      gcTime: 0,
      queryFn: ({ signal }) => askPage(asked, after, signal),
    }),
  )
  return {
    ...pages,
    close() {
      pages.close()
      queries.cancelQueries({ queryKey })
    },
  }
}

interface Asked {
  readonly organizationId: string
  readonly filter: EventFilter
  readonly orderBy: EventOrder
}

async function askPage(asked: Asked, after: string | null, stopped: AbortSignal) {
  const { organization } = await ask(EventsDocument, { ...asked, first: PAGE, after }, stopped)
  const { nodes = [], pageInfo } = organization?.events ?? {}
  return { events: nodes, endCursor: null, hasNextPage: false, ...pageInfo }
}
