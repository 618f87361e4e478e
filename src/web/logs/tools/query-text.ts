// The view as a question anybody can ask the graph: the text of a query and its variables, laid out to be read. It
// answers with the events that the list shows, from its beginning.

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

/** The filter is the one that is shown, with everything the view says of it. */
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
    // Printed in one line, however long.
    .replace(/\((\$[^)]*)\)/, (_, list: string) => `(\n  ${list.replaceAll(', ', '\n  ')}\n)`)
  return { query: `${query}\n`, variables: JSON.stringify(variables, null, 2) }
}

/** One text: a document of GraphQL, with the variables in comments after it. */
export function asOneText({ query, variables }: QueryText): string {
  return `${query}\n# Variables:\n${variables.replace(/^/gm, '# ')}\n`
}

/** Where GraphiQL opens it, in a tab of its own: after the #, so that it stands in no server's log. */
export function graphiqlLink({ query, variables }: QueryText): string {
  return `graphql#${new URLSearchParams({ query, variables })}`
}
