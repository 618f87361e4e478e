// The pages of the events that are asked for, and of those that were before: these are shown until the others come.

import { useQueryClient } from '@tanstack/preact-query'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { type EventFilter, type EventOrder, EventsDocument } from '../api/documents.ts'
import { asOf, view } from '../view/address.ts'
import { createPages, type Pages } from './pages.ts'

export interface EventPages extends Pages {
  readonly organizationId: string
  readonly filter: EventFilter
}

const PAGE = 100

/** In the order of the view. `coming` is what is asked for; `pages`, what to show, are the same once it is there. */
export function usePages(
  organizationId: string,
  filter: EventFilter,
): { pages: EventPages; coming: EventPages } {
  const queries = useQueryClient()
  const orderBy: EventOrder = view.value.oldestFirst ? 'CREATED_AT_ASC' : 'CREATED_AT_DESC'
  const asked = JSON.stringify({ organizationId, filter, orderBy })
  const key = `${asOf.value} ${asked}`

  const coming = useMemo(() => {
    const question: Asked = JSON.parse(key.slice(key.indexOf(' ')))
    const pages = createPages(question.orderBy, after =>
      queries.fetchQuery({
        queryKey: ['events', key, after],
        staleTime: 0,
        gcTime: 0,
        queryFn: ({ signal }) => askPage(question, after, signal),
      }),
    )
    return { ...pages, ...question }
  }, [key, queries])

  useEffect(
    () => () => {
      coming.close()
      queries.cancelQueries({ queryKey: ['events', key] })
    },
    [coming, key, queries],
  )

  const last = useRef(coming)
  if (coming.ready.value || coming.refused.value !== null) last.current = coming
  return { pages: last.current, coming }
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
