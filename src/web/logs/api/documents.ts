// What the page asks the graph, with the types of what it is answered: written from the .graphql files of its parts
// and the schema by npm run schema.

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** What was done. */
export type EventAction =
  /** The resource was made. */
  | 'CREATED'
  /** The resource was removed. */
  | 'DELETED'
  /** An action this version does not know; `rawAction` has its name. */
  | 'UNKNOWN'
  /** The resource was changed. */
  | 'UPDATED';

/** The type of resource it was done to; Scaleway's console calls it category. */
export type EventCategory =
  /** An API key, whose ID is its access key. */
  | 'API_KEY'
  /** An Application. */
  | 'APPLICATION'
  /** A group of Users and Applications. */
  | 'GROUP'
  /** A policy, which grants permission sets. */
  | 'POLICY'
  /** A type this version does not know; `rawCategory` has its name. */
  | 'UNKNOWN'
  /** A User. */
  | 'USER';

/**
 * Which events. All conditions hold together; within a list, any one. A condition that is left out or
 * null holds always; an empty list never.
 */
export type EventFilter = {
  /** Any of these actions. */
  actions?: Array<EventAction> | null | undefined;
  /** Any of these categories. */
  categories?: Array<EventCategory> | null | undefined;
  /** From this date, included. */
  createdAfter?: string | null | undefined;
  /** Up to this date, excluded. */
  createdBefore?: string | null | undefined;
  /** From this address or CIDR block, IPv4 or IPv6, such as `203.0.113.0/24`. */
  ipAddress?: string | null | undefined;
  /** By any of these principals, at most 100, whether or not the viewer may know who they are. */
  principalIds?: Array<string> | null | undefined;
  /** To any of these resources, at most 100; an API key's ID is its access key. */
  resourceIds?: Array<string> | null | undefined;
  /**
   * By a user agent that contains this text of at most 256 characters; the case of the letters A to Z
   * does not matter, and no character stands for others.
   */
  userAgent?: string | null | undefined;
};

/** By date; events of one microsecond by ID, so that the order is always the same. */
export type EventOrder =
  /** The oldest first. */
  | 'CREATED_AT_ASC'
  /** The newest first. */
  | 'CREATED_AT_DESC';

export type EventQueryVariables = Exact<{
  id: string;
}>;


export type EventQuery = { event: { recordedAt: string, principalNameThen: string | null, resourceNameThen: string | null, id: string, createdAt: string, action: EventAction, rawAction: string, category: EventCategory, rawCategory: string, ipAddress: string | null, userAgent: string | null, organization: { id: string }, principal:
      | { __typename: 'Application', id: string, name: string }
      | { __typename: 'ScalewayPrincipal', id: string, name: string }
      | { __typename: 'UnknownPrincipal', id: string, name: string }
      | { __typename: 'User', id: string, name: string }
    , resource: { id: string, category: EventCategory, name: string | null, bearer:
        | { __typename: 'Application', id: string, name: string }
        | { __typename: 'ScalewayPrincipal', id: string, name: string }
        | { __typename: 'UnknownPrincipal', id: string, name: string }
        | { __typename: 'User', id: string, name: string }
       | null } } | null };

export type EventsQueryVariables = Exact<{
  organizationId: string;
  filter?: EventFilter | null | undefined;
  orderBy: EventOrder;
  first: number;
  after?: string | null | undefined;
}>;


export type EventsQuery = { organization: { events: { nodes: Array<{ id: string, createdAt: string, action: EventAction, rawAction: string, category: EventCategory, rawCategory: string, ipAddress: string | null, userAgent: string | null, principal:
          | { __typename: 'Application', id: string, name: string }
          | { __typename: 'ScalewayPrincipal', id: string, name: string }
          | { __typename: 'UnknownPrincipal', id: string, name: string }
          | { __typename: 'User', id: string, name: string }
        , resource: { id: string, category: EventCategory, name: string | null, bearer:
            | { __typename: 'Application', id: string, name: string }
            | { __typename: 'ScalewayPrincipal', id: string, name: string }
            | { __typename: 'UnknownPrincipal', id: string, name: string }
            | { __typename: 'User', id: string, name: string }
           | null } }>, pageInfo: { endCursor: string | null, hasNextPage: boolean } } } | null };

export type EventRowFragment = { id: string, createdAt: string, action: EventAction, rawAction: string, category: EventCategory, rawCategory: string, ipAddress: string | null, userAgent: string | null, principal:
    | { __typename: 'Application', id: string, name: string }
    | { __typename: 'ScalewayPrincipal', id: string, name: string }
    | { __typename: 'UnknownPrincipal', id: string, name: string }
    | { __typename: 'User', id: string, name: string }
  , resource: { id: string, category: EventCategory, name: string | null, bearer:
      | { __typename: 'Application', id: string, name: string }
      | { __typename: 'ScalewayPrincipal', id: string, name: string }
      | { __typename: 'UnknownPrincipal', id: string, name: string }
      | { __typename: 'User', id: string, name: string }
     | null } };

export type EventRecordedSubscriptionVariables = Exact<{
  organizationId: string;
  filter?: EventFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type EventRecordedSubscription = { eventRecorded: { id: string, createdAt: string, action: EventAction, rawAction: string, category: EventCategory, rawCategory: string, ipAddress: string | null, userAgent: string | null, principal:
      | { __typename: 'Application', id: string, name: string }
      | { __typename: 'ScalewayPrincipal', id: string, name: string }
      | { __typename: 'UnknownPrincipal', id: string, name: string }
      | { __typename: 'User', id: string, name: string }
    , resource: { id: string, category: EventCategory, name: string | null, bearer:
        | { __typename: 'Application', id: string, name: string }
        | { __typename: 'ScalewayPrincipal', id: string, name: string }
        | { __typename: 'UnknownPrincipal', id: string, name: string }
        | { __typename: 'User', id: string, name: string }
       | null } } };

export type BeginQueryVariables = Exact<{ [key: string]: never; }>;


export type BeginQuery = { viewer: { id: string, name: string | null, memberships: Array<{ owner: boolean, permissionSets: Array<string>, seesEvents: boolean, seesUsers: boolean, seesApplications: boolean, organization: { id: string } }> }, organizations: Array<{ id: string, name: string | null }> };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const EventRowFragmentDoc = new TypedDocumentString(`
    fragment EventRow on Event {
  id
  createdAt
  action
  rawAction
  category
  rawCategory
  ipAddress
  userAgent
  principal {
    __typename
    id
    name
  }
  resource {
    id
    category
    name
    bearer {
      __typename
      id
      name
    }
  }
}
    `, {"fragmentName":"EventRow"}) as unknown as TypedDocumentString<EventRowFragment, unknown>;
export const EventDocument = new TypedDocumentString(`
    query Event($id: ID!) {
  event(id: $id) {
    ...EventRow
    recordedAt
    principalNameThen
    resourceNameThen
    organization {
      id
    }
  }
}
    fragment EventRow on Event {
  id
  createdAt
  action
  rawAction
  category
  rawCategory
  ipAddress
  userAgent
  principal {
    __typename
    id
    name
  }
  resource {
    id
    category
    name
    bearer {
      __typename
      id
      name
    }
  }
}`) as unknown as TypedDocumentString<EventQuery, EventQueryVariables>;
export const EventsDocument = new TypedDocumentString(`
    query Events($organizationId: ID!, $filter: EventFilter, $orderBy: EventOrder!, $first: Int!, $after: String) {
  organization(id: $organizationId) {
    events(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
      nodes {
        ...EventRow
      }
      pageInfo {
        endCursor
        hasNextPage
      }
    }
  }
}
    fragment EventRow on Event {
  id
  createdAt
  action
  rawAction
  category
  rawCategory
  ipAddress
  userAgent
  principal {
    __typename
    id
    name
  }
  resource {
    id
    category
    name
    bearer {
      __typename
      id
      name
    }
  }
}`) as unknown as TypedDocumentString<EventsQuery, EventsQueryVariables>;
export const EventRecordedDocument = new TypedDocumentString(`
    subscription EventRecorded($organizationId: ID!, $filter: EventFilter, $after: String) {
  eventRecorded(organizationId: $organizationId, filter: $filter, after: $after) {
    ...EventRow
  }
}
    fragment EventRow on Event {
  id
  createdAt
  action
  rawAction
  category
  rawCategory
  ipAddress
  userAgent
  principal {
    __typename
    id
    name
  }
  resource {
    id
    category
    name
    bearer {
      __typename
      id
      name
    }
  }
}`) as unknown as TypedDocumentString<EventRecordedSubscription, EventRecordedSubscriptionVariables>;
export const BeginDocument = new TypedDocumentString(`
    query Begin {
  viewer {
    id
    name
    memberships {
      owner
      permissionSets
      seesEvents
      seesUsers
      seesApplications
      organization {
        id
      }
    }
  }
  organizations {
    id
    name
  }
}
    `) as unknown as TypedDocumentString<BeginQuery, BeginQueryVariables>;
