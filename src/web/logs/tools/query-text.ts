// The current view as texts that people take away: a GraphQL query that anybody can run, and the name of a file.

import { EventsDocument, type EventsQueryVariables } from '../api/page-documents.ts'
import { timeZone } from '../dates.ts'
import { filter, orderBy } from '../view/page-address.ts'

interface QueryText {
  readonly query: string
  /** A JSON object. */
  readonly variables: string
}

/** Returns the events of the list, from its start. */
export function queryText(organizationId: string): QueryText {
  const variables: EventsQueryVariables = {
    ...{ organizationId, filter: filter.value, orderBy: orderBy.value, first: 50, after: null },
  }
  const query = String(EventsDocument)
    .trim()
    .replaceAll(/^ *(?=fragment)/gm, '')
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

/** In UTF-16 units; file systems allow about 200, with the extension. */
const LONGEST = 80

/** The name of a downloaded file, without extension: it ends with today's date if the filter has no end. */
export function fileName(organization: string): string {
  // Only letters and digits of any script; other characters have a meaning in file systems and shells.
  const name = organization
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .slice(0, LONGEST)
    .replaceAll(/^-+|-+$/g, '')
  const { createdAfter, createdBefore } = filter.value
  const until = createdBefore == null ? Date.now() : Date.parse(createdBefore) - 1
  const dates = createdAfter == null ? [until] : [Date.parse(createdAfter), until]
  // In the page's time zone, in the Swedish format: `2026-03-29`.
  const days = dates.map(date => new Date(date).toLocaleDateString('sv', { timeZone: timeZone() }))
  return ['iam-logs', name, ...new Set(days)].filter(Boolean).join('_')
}
