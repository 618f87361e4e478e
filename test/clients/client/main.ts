// A client of the graph, as a front end would write it: its documents are typed by what Code Generator makes of
// them (gql/, made by the test), its own functions by the types the package exports.

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

/** Sends a body to the graph, and gives back what was answered. */
export type Send = (body: object) => Promise<{ data?: unknown; errors?: unknown }>

/** How a document is told: by its text, or by the ID it was persisted under. */
export type Tell = (document: TypedDocumentString<unknown, unknown>) => object

export const byText: Tell = document => ({ query: document.toString() })
export const byId: Tell = document => ({ documentId: document.__meta__?.hash })

async function ask<Answer, Variables>(
  send: Send,
  tell: Tell,
  document: TypedDocumentString<Answer, Variables>,
  variables: NoInfer<Variables>,
): Promise<Answer> {
  const { data, errors } = await send({ ...tell(document as never), variables })
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return data as Answer
}

const VERBS: Record<EventAction, string> = {
  CREATED: 'made',
  UPDATED: 'changed',
  DELETED: 'removed',
  UNKNOWN: 'touched',
}

/** The log in lines, page by page, oldest first. */
export async function linesOf(send: Send, tell: Tell, filter: EventFilter): Promise<string[]> {
  const lines: string[] = []
  let after: string | null = null
  do {
    const { organizations }: LogPageQuery = await ask(send, tell, LogPage, { filter, after })
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

/** The body that subscribes to an Organization. */
export function subscription(tell: Tell, organizationId: string): object {
  return { ...tell(EventRecorded as never), variables: { organizationId } }
}

/** What the types forbid; each line fails to compile if it does not. */
export async function mistakes(send: Send): Promise<void> {
  // @ts-expect-error an action that is none
  const filter: EventFilter = { actions: ['SHREDDED'] }
  // @ts-expect-error a variable that the document does not have
  await ask(send, byText, LogPage, { filter, afterwards: null })
  // @ts-expect-error a variable of another type
  await ask(send, byText, LogPage, { after: 7 })
  const { organizations } = await ask(send, byText, LogPage, {})
  // @ts-expect-error a field that was not asked for
  organizations[0]?.name
  // @ts-expect-error it may be null
  organizations[0]?.events.nodes[0]?.resource.name.length
}
