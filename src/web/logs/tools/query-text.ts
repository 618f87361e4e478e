// The current view as a GraphQL query that anybody can run: formatted text and variables. It returns the events of the
// list, from its start.

import {
  type EventFilter,
  EventsAsShownDocument,
  type EventsAsShownQueryVariables,
} from '../api/page-documents.ts'
import type { View } from '../view/view.ts'

interface QueryText {
  readonly query: string
  /** A JSON object. */
  readonly variables: string
}

/** With the view's complete filter. */
export function queryText(
  { oldestFirst }: View,
  organizationId: string,
  filter: EventFilter,
): QueryText {
  const orderBy = oldestFirst ? 'CREATED_AT_ASC' : 'CREATED_AT_DESC'
  const variables: EventsAsShownQueryVariables = {
    ...{ organizationId, filter, orderBy, first: 50, after: null },
  }
  const query = String(EventsAsShownDocument)
    .trim()
    // The printer writes it in one line, however long.
    .replace(/\((\$[^)]*)\)/, (_, list: string) => `(\n  ${list.replaceAll(', ', '\n  ')}\n)`)
  return { query: `${query}\n`, variables: JSON.stringify(variables, null, 2) }
}

/** One text: a GraphQL document, with the variables as comments after it. */
export function asOneText({ query, variables }: QueryText): string {
  return `${query}\n# Variables:\n${variables.replace(/^/gm, '# ')}\n`
}

/** A link that opens it in GraphiQL in a new tab: after the #, so that it is not in any server's log. */
export function graphiqlLink({ query, variables }: QueryText): string {
  return `graphql#${new URLSearchParams({ query, variables })}`
}
