// A client of the graph as a front-end developer would write it. Its documents have the types that Code Generator
// generates (in gql/, by the test); its functions use the types that the package exports.

import type { EventAction, EventFilter, Scalars } from 'iam-logs-gateway/types'
import type { LogPageQuery, TypedDocumentString } from './gql/graphql.js'
import { graphql } from './gql/index.js'

const LogPage = graphql(`
  query LogPage($filter: EventFilter, $after: String) {
    organizations {
      id
      events(first: 2, after: $after, filter: $filter, orderBy: CREATED_AT_ASC) {
        nodes {
          ...LogLine
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

graphql(`
  fragment LogLine on Event {
    createdAt
    action
    principal {
      __typename
      name
      ... on User {
        email
      }
    }
    principalNameThen
    resource {
      resourceId
      name
    }
  }
`)

const EventRecorded = graphql(`
  subscription EventRecorded($organizationId: ID!) {
    eventRecorded(organizationId: $organizationId) {
      eventId
    }
  }
`)

/** Sends a request body to the server, and returns the response. */
export type Send = (body: object) => Promise<{ data?: unknown; errors?: unknown }>

/** The part of the request body that names the document: its text, or its ID as a persisted document. */
export type Naming = (document: TypedDocumentString<unknown, unknown>) => object

export const byText: Naming = document => ({ query: document.toString() })
export const byId: Naming = document => ({ documentId: document.__meta__?.hash })

async function ask<Answer, Variables>(
  send: Send,
  naming: Naming,
  document: TypedDocumentString<Answer, Variables>,
  variables: NoInfer<Variables>,
): Promise<Answer> {
  const { data, errors } = await send({ ...naming(document as never), variables })
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return data as Answer
}

const VERBS: Record<EventAction, string> = {
  CREATED: 'made',
  UPDATED: 'changed',
  DELETED: 'removed',
  UNKNOWN: 'touched',
}

/** The events as lines of text, oldest first, read in pages. */
export async function linesOf(send: Send, naming: Naming, filter: EventFilter): Promise<string[]> {
  const lines: string[] = []
  let after: string | null = null
  do {
    const { organizations }: LogPageQuery = await ask(send, naming, LogPage, { filter, after })
    after = null
    for (const { events } of organizations) {
      for (const { createdAt, action, principal, principalNameThen, resource } of events.nodes) {
        const date: Scalars['DateTime']['output'] = createdAt
        const email = principal.__typename === 'User' ? ` <${principal.email}>` : ''
        const then = principalNameThen === principal.name ? '' : `, then ${principalNameThen}`
        lines.push(
          `${date} ${principal.name}${email}${then} ${VERBS[action]} ${resource.name ?? resource.resourceId}`,
        )
      }
      if (events.pageInfo.hasNextPage) after = events.pageInfo.endCursor
    }
  } while (after !== null)
  return lines
}

/** The request body of a subscription to the events of an Organization. */
export function subscription(naming: Naming, organizationId: string): object {
  return { ...naming(EventRecorded as never), variables: { organizationId } }
}

/** Mistakes that the types must forbid: a line that compiles is an error. */
export async function mistakes(send: Send): Promise<void> {
  // @ts-expect-error an unknown action
  const filter: EventFilter = { actions: ['SHREDDED'] }
  // @ts-expect-error a variable that the document does not have
  await ask(send, byText, LogPage, { filter, afterwards: null })
  // @ts-expect-error a variable of the wrong type
  await ask(send, byText, LogPage, { after: 7 })
  const { organizations } = await ask(send, byText, LogPage, {})
  // @ts-expect-error a field that was not requested
  organizations[0]?.name
  // @ts-expect-error the name may be null
  organizations[0]?.events.nodes[0]?.resource.name.length
}
