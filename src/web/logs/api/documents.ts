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
 * Which events to leave out: those of which any of this holds. What is left out, null or an empty list
 * leaves out nothing; nor does an address or a user agent leave out events that have none.
 */
export type EventExclusion = {
  /** None of these actions. */
  actions?: Array<EventAction> | null | undefined;
  /** None of these categories. */
  categories?: Array<EventCategory> | null | undefined;
  /** From none of these addresses and CIDR blocks, at most 100. */
  ipAddresses?: Array<string> | null | undefined;
  /** By none of these principals, at most 100. */
  principalIds?: Array<string> | null | undefined;
  /** By no user agent that contains any of these texts, at most 10, each as `EventFilter.userAgent`. */
  userAgents?: Array<string> | null | undefined;
};

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
  /** From any of these addresses and CIDR blocks, IPv4 or IPv6, such as `203.0.113.0/24`; at most 100. */
  ipAddresses?: Array<string> | null | undefined;
  /** But none of these. */
  not?: EventExclusion | null | undefined;
  /** By any of these principals, at most 100, whether or not the viewer may know who they are. */
  principalIds?: Array<string> | null | undefined;
  /** To any of these resources, at most 100; an API key's ID is its access key. */
  resourceIds?: Array<string> | null | undefined;
  /**
   * By a user agent that contains this text of at most 256 characters; the case of the letters A to Z
   * does not matter, and no character stands for others.
   */
  userAgent?: string | null | undefined;
  /** By a user agent that contains any of these texts, at most 10, each as `userAgent`. */
  userAgents?: Array<string> | null | undefined;
};

/** By date; events of one microsecond by ID, so that the order is always the same. */
export type EventOrder =
  /** The oldest first. */
  | 'CREATED_AT_ASC'
  /** The newest first. */
  | 'CREATED_AT_DESC';

/** How long a stretch of time is, by the calendar and the clocks of a time zone. */
export type TimeInterval =
  /** A date: 23 or 25 hours where clocks change. */
  | 'DAY'
  /** By the clock. One that comes twice as clocks are put back is two. */
  | 'HOUR'
  /** By the clock. */
  | 'MINUTE'
  /** By the calendar. */
  | 'MONTH'
  /** From a Monday to the next. */
  | 'WEEK';

export type FiguresQueryVariables = Exact<{
  organizationId: string;
  filter?: EventFilter | null | undefined;
  anyAction?: EventFilter | null | undefined;
  anyCategory?: EventFilter | null | undefined;
  anyPrincipal?: EventFilter | null | undefined;
  anyAddress?: EventFilter | null | undefined;
  anyClient?: EventFilter | null | undefined;
  interval: TimeInterval;
  timeZone: string;
  principals: number;
  chosen: boolean;
}>;


export type FiguresQuery = { organization: { all: { total: number, isExact: boolean, countedSince: string | null, byTime: Array<{ start: string, end: string, count: number, byAction: Array<{ action: EventAction, count: number }> }>, chosen?: Array<{ count: number, principal:
          | { __typename: 'Application', principalId: string, name: string }
          | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
          | { __typename: 'UnknownPrincipal', principalId: string, name: string }
          | { __typename: 'User', principalId: string, name: string }
         }> }, byAction: { isExact: boolean, counts: Array<{ action: EventAction, count: number }> }, byCategory: { isExact: boolean, counts: Array<{ category: EventCategory, count: number }> }, byPrincipal: { isExact: boolean, counts: Array<{ count: number, principal:
          | { __typename: 'Application', principalId: string, name: string }
          | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
          | { __typename: 'UnknownPrincipal', principalId: string, name: string }
          | { __typename: 'User', principalId: string, name: string }
         }> }, byIpAddress: { counts: { countedSince: string | null, nodes: Array<{ ipAddress: string | null, count: number }> } }, byUserAgent: { counts: { countedSince: string | null, nodes: Array<{ userAgent: string | null, count: number }> } } } | null };

export type ActedFragment = { count: number, principal:
    | { __typename: 'Application', principalId: string, name: string }
    | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
    | { __typename: 'UnknownPrincipal', principalId: string, name: string }
    | { __typename: 'User', principalId: string, name: string }
   };

export type CoverageQueryVariables = Exact<{
  organizationId: string;
}>;


export type CoverageQuery = { organization: { coverage: { earliest: string | null, latest: string | null, lastSyncedAt: string | null, completeUntil: string | null, stale: boolean | null, gaps: Array<{ from: string | null, until: string }> } } | null };

export type WhoIsQueryVariables = Exact<{
  organizationId: string;
  id: string;
}>;


export type WhoIsQuery = { organization: { principal:
      | { __typename: 'Application', principalId: string, name: string }
      | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
      | { __typename: 'UnknownPrincipal', principalId: string, name: string }
      | { __typename: 'User', principalId: string, name: string }
     | null } | null };

export type SuggestQueryVariables = Exact<{
  organizationId: string;
  search: string;
  first: number;
}>;


export type SuggestQuery = { organization: { principals: { nodes: Array<
        | { __typename: 'Application', principalId: string, name: string }
        | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
        | { __typename: 'UnknownPrincipal', principalId: string, name: string }
        | { __typename: 'User', email: string | null, principalId: string, name: string }
      > }, resources: Array<{ resourceId: string, category: EventCategory, name: string | null }>, ipAddresses: Array<{ ipAddress: string | null, count: number }>, userAgents: Array<{ userAgent: string | null, count: number }> } | null };

export type EventQueryVariables = Exact<{
  organizationId: string;
  eventId: string;
}>;


export type EventQuery = { organization: { event: { recordedAt: string, principalNameThen: string | null, resourceNameThen: string | null, eventId: string, createdAt: string, action: EventAction, rawAction: string, category: EventCategory, rawCategory: string, ipAddress: string | null, userAgent: string | null, principal:
        | { __typename: 'Application', principalId: string, name: string }
        | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
        | { __typename: 'UnknownPrincipal', principalId: string, name: string }
        | { __typename: 'User', principalId: string, name: string }
      , resource: { resourceId: string, category: EventCategory, name: string | null, bearer:
          | { __typename: 'Application', principalId: string, name: string }
          | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
          | { __typename: 'UnknownPrincipal', principalId: string, name: string }
          | { __typename: 'User', principalId: string, name: string }
         | null } } | null } | null };

export type EventsQueryVariables = Exact<{
  organizationId: string;
  filter?: EventFilter | null | undefined;
  orderBy: EventOrder;
  first: number;
  after?: string | null | undefined;
}>;


export type EventsQuery = { organization: { events: { nodes: Array<{ eventId: string, createdAt: string, action: EventAction, rawAction: string, category: EventCategory, rawCategory: string, ipAddress: string | null, userAgent: string | null, principal:
          | { __typename: 'Application', principalId: string, name: string }
          | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
          | { __typename: 'UnknownPrincipal', principalId: string, name: string }
          | { __typename: 'User', principalId: string, name: string }
        , resource: { resourceId: string, category: EventCategory, name: string | null, bearer:
            | { __typename: 'Application', principalId: string, name: string }
            | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
            | { __typename: 'UnknownPrincipal', principalId: string, name: string }
            | { __typename: 'User', principalId: string, name: string }
           | null } }>, pageInfo: { endCursor: string | null, hasNextPage: boolean } } } | null };

export type EventRowFragment = { eventId: string, createdAt: string, action: EventAction, rawAction: string, category: EventCategory, rawCategory: string, ipAddress: string | null, userAgent: string | null, principal:
    | { __typename: 'Application', principalId: string, name: string }
    | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
    | { __typename: 'UnknownPrincipal', principalId: string, name: string }
    | { __typename: 'User', principalId: string, name: string }
  , resource: { resourceId: string, category: EventCategory, name: string | null, bearer:
      | { __typename: 'Application', principalId: string, name: string }
      | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
      | { __typename: 'UnknownPrincipal', principalId: string, name: string }
      | { __typename: 'User', principalId: string, name: string }
     | null } };

export type EventRecordedSubscriptionVariables = Exact<{
  organizationId: string;
  filter?: EventFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type EventRecordedSubscription = { eventRecorded: { eventId: string, createdAt: string, action: EventAction, rawAction: string, category: EventCategory, rawCategory: string, ipAddress: string | null, userAgent: string | null, principal:
      | { __typename: 'Application', principalId: string, name: string }
      | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
      | { __typename: 'UnknownPrincipal', principalId: string, name: string }
      | { __typename: 'User', principalId: string, name: string }
    , resource: { resourceId: string, category: EventCategory, name: string | null, bearer:
        | { __typename: 'Application', principalId: string, name: string }
        | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
        | { __typename: 'UnknownPrincipal', principalId: string, name: string }
        | { __typename: 'User', principalId: string, name: string }
       | null } } };

export type PrincipalQueryVariables = Exact<{
  organizationId: string;
  principalId: string;
}>;


export type PrincipalQuery = { organization: { principal:
      | { __typename: 'Application', description: string | null, managed: boolean | null, createdAt: string | null, updatedAt: string | null, principalId: string, name: string, apiKeys: Array<{ accessKey: string, description: string | null, createdAt: string | null, expiresAt: string | null }>, newest: { nodes: Array<{ eventId: string, createdAt: string }> }, oldest: { nodes: Array<{ eventId: string, createdAt: string }> } }
      | { __typename: 'ScalewayPrincipal', principalId: string, name: string, newest: { nodes: Array<{ eventId: string, createdAt: string }> }, oldest: { nodes: Array<{ eventId: string, createdAt: string }> } }
      | { __typename: 'UnknownPrincipal', principalId: string, name: string, newest: { nodes: Array<{ eventId: string, createdAt: string }> }, oldest: { nodes: Array<{ eventId: string, createdAt: string }> } }
      | { __typename: 'User', username: string | null, email: string | null, firstName: string | null, lastName: string | null, type: string | null, mfa: boolean | null, locked: boolean | null, lastLoginAt: string | null, createdAt: string | null, updatedAt: string | null, principalId: string, name: string, apiKeys: Array<{ accessKey: string, description: string | null, createdAt: string | null, expiresAt: string | null }>, newest: { nodes: Array<{ eventId: string, createdAt: string }> }, oldest: { nodes: Array<{ eventId: string, createdAt: string }> } }
     | null, doneTo: { nodes: Array<{ eventId: string, createdAt: string, action: EventAction, rawAction: string, category: EventCategory, rawCategory: string, ipAddress: string | null, userAgent: string | null, principal:
          | { __typename: 'Application', principalId: string, name: string }
          | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
          | { __typename: 'UnknownPrincipal', principalId: string, name: string }
          | { __typename: 'User', principalId: string, name: string }
        , resource: { resourceId: string, category: EventCategory, name: string | null, bearer:
            | { __typename: 'Application', principalId: string, name: string }
            | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
            | { __typename: 'UnknownPrincipal', principalId: string, name: string }
            | { __typename: 'User', principalId: string, name: string }
           | null } }> } } | null };

export type KeyFragment = { accessKey: string, description: string | null, createdAt: string | null, expiresAt: string | null };

export type PrincipalFiguresQueryVariables = Exact<{
  organizationId: string;
  principalId: string;
}>;


export type PrincipalFiguresQuery = { organization: { eventCounts: { total: number, countedSince: string | null, byAction: Array<{ action: EventAction, count: number }>, byCategory: Array<{ category: EventCategory, count: number }>, byIpAddress: { countedSince: string | null, nodes: Array<{ ipAddress: string | null, count: number, latest: string }> }, byUserAgent: { countedSince: string | null, nodes: Array<{ userAgent: string | null, count: number, latest: string }> } } } | null };

export type BeginQueryVariables = Exact<{ [key: string]: never; }>;


export type BeginQuery = { viewer: { id: string, name: string | null, memberships: Array<{ owner: boolean, permissionSets: Array<string>, seesEvents: boolean, seesUsers: boolean, seesApplications: boolean, organization: { id: string } }> }, organizations: Array<{ id: string, name: string | null }> };

export type EventsAsShownQueryVariables = Exact<{
  organizationId: string;
  filter?: EventFilter | null | undefined;
  orderBy: EventOrder;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type EventsAsShownQuery = { organization: { name: string | null, events: { nodes: Array<{ eventId: string, createdAt: string, action: EventAction, category: EventCategory, ipAddress: string | null, userAgent: string | null, resource: { resourceId: string, name: string | null }, principal:
          | { __typename: 'Application', principalId: string, name: string }
          | { __typename: 'ScalewayPrincipal', principalId: string, name: string }
          | { __typename: 'UnknownPrincipal', principalId: string, name: string }
          | { __typename: 'User', principalId: string, name: string }
         }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type PrincipalAsShownQueryVariables = Exact<{
  organizationId: string;
  principalId: string;
  filter?: EventFilter | null | undefined;
  orderBy: EventOrder;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type PrincipalAsShownQuery = { organization: { name: string | null, principal:
      | { __typename: 'Application', principalId: string, name: string, events: { nodes: Array<{ eventId: string, createdAt: string, action: EventAction, category: EventCategory, ipAddress: string | null, userAgent: string | null, resource: { resourceId: string, name: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } }
      | { __typename: 'ScalewayPrincipal', principalId: string, name: string, events: { nodes: Array<{ eventId: string, createdAt: string, action: EventAction, category: EventCategory, ipAddress: string | null, userAgent: string | null, resource: { resourceId: string, name: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } }
      | { __typename: 'UnknownPrincipal', principalId: string, name: string, events: { nodes: Array<{ eventId: string, createdAt: string, action: EventAction, category: EventCategory, ipAddress: string | null, userAgent: string | null, resource: { resourceId: string, name: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } }
      | { __typename: 'User', principalId: string, name: string, events: { nodes: Array<{ eventId: string, createdAt: string, action: EventAction, category: EventCategory, ipAddress: string | null, userAgent: string | null, resource: { resourceId: string, name: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } }
     | null } | null };

export type SavedViewsQueryVariables = Exact<{
  organizationId: string;
}>;


export type SavedViewsQuery = { organization: { savedViews: Array<{ id: string, name: string, pageQuery: string, shared: boolean, mine: boolean, deletable: boolean, author: string | null }> } | null };

export type SavedViewRowFragment = { id: string, name: string, pageQuery: string, shared: boolean, mine: boolean, deletable: boolean, author: string | null };

export type SaveViewMutationVariables = Exact<{
  organizationId: string;
  name: string;
  pageQuery: string;
  shared: boolean;
}>;


export type SaveViewMutation = { saveView: { id: string, name: string, pageQuery: string, shared: boolean, mine: boolean, deletable: boolean, author: string | null } | null };

export type ChangeViewMutationVariables = Exact<{
  id: string;
  pageQuery?: string | null | undefined;
  shared?: boolean | null | undefined;
}>;


export type ChangeViewMutation = { changeView: { id: string, name: string, pageQuery: string, shared: boolean, mine: boolean, deletable: boolean, author: string | null } | null };

export type DeleteViewMutationVariables = Exact<{
  id: string;
}>;


export type DeleteViewMutation = { deleteView: { id: string } | null };

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
export const ActedFragmentDoc = new TypedDocumentString(`
    fragment Acted on PrincipalCount {
  count
  principal {
    __typename
    principalId
    name
  }
}
    `, {"fragmentName":"Acted"}) as unknown as TypedDocumentString<ActedFragment, unknown>;
export const EventRowFragmentDoc = new TypedDocumentString(`
    fragment EventRow on Event {
  eventId
  createdAt
  action
  rawAction
  category
  rawCategory
  ipAddress
  userAgent
  principal {
    __typename
    principalId
    name
  }
  resource {
    resourceId
    category
    name
    bearer {
      __typename
      principalId
      name
    }
  }
}
    `, {"fragmentName":"EventRow"}) as unknown as TypedDocumentString<EventRowFragment, unknown>;
export const KeyFragmentDoc = new TypedDocumentString(`
    fragment Key on ApiKey {
  accessKey
  description
  createdAt
  expiresAt
}
    `, {"fragmentName":"Key"}) as unknown as TypedDocumentString<KeyFragment, unknown>;
export const SavedViewRowFragmentDoc = new TypedDocumentString(`
    fragment SavedViewRow on SavedView {
  id
  name
  pageQuery
  shared
  mine
  deletable
  author
}
    `, {"fragmentName":"SavedViewRow"}) as unknown as TypedDocumentString<SavedViewRowFragment, unknown>;
export const FiguresDocument = new TypedDocumentString(`
    query Figures($organizationId: ID!, $filter: EventFilter, $anyAction: EventFilter, $anyCategory: EventFilter, $anyPrincipal: EventFilter, $anyAddress: EventFilter, $anyClient: EventFilter, $interval: TimeInterval!, $timeZone: String!, $principals: Int!, $chosen: Boolean!) {
  organization(id: $organizationId) {
    all: eventCounts(filter: $filter) {
      total
      isExact
      countedSince
      byTime(interval: $interval, timeZone: $timeZone) {
        start
        end
        count
        byAction {
          action
          count
        }
      }
      chosen: byPrincipal(first: 100) @include(if: $chosen) {
        ...Acted
      }
    }
    byAction: eventCounts(filter: $anyAction) {
      isExact
      counts: byAction {
        action
        count
      }
    }
    byCategory: eventCounts(filter: $anyCategory) {
      isExact
      counts: byCategory {
        category
        count
      }
    }
    byPrincipal: eventCounts(filter: $anyPrincipal) {
      isExact
      counts: byPrincipal(first: $principals) {
        ...Acted
      }
    }
    byIpAddress: eventCounts(filter: $anyAddress) {
      counts: byIpAddress(first: 5) {
        countedSince
        nodes {
          ipAddress
          count
        }
      }
    }
    byUserAgent: eventCounts(filter: $anyClient) {
      counts: byUserAgent(first: 5) {
        countedSince
        nodes {
          userAgent
          count
        }
      }
    }
  }
}
    fragment Acted on PrincipalCount {
  count
  principal {
    __typename
    principalId
    name
  }
}`) as unknown as TypedDocumentString<FiguresQuery, FiguresQueryVariables>;
export const CoverageDocument = new TypedDocumentString(`
    query Coverage($organizationId: ID!) {
  organization(id: $organizationId) {
    coverage {
      earliest
      latest
      lastSyncedAt
      completeUntil
      gaps {
        from
        until
      }
      stale
    }
  }
}
    `) as unknown as TypedDocumentString<CoverageQuery, CoverageQueryVariables>;
export const WhoIsDocument = new TypedDocumentString(`
    query WhoIs($organizationId: ID!, $id: ID!) {
  organization(id: $organizationId) {
    principal(id: $id) {
      __typename
      principalId
      name
    }
  }
}
    `) as unknown as TypedDocumentString<WhoIsQuery, WhoIsQueryVariables>;
export const SuggestDocument = new TypedDocumentString(`
    query Suggest($organizationId: ID!, $search: String!, $first: Int!) {
  organization(id: $organizationId) {
    principals(search: $search, first: $first) {
      nodes {
        __typename
        principalId
        name
        ... on User {
          email
        }
      }
    }
    resources(search: $search, first: $first) {
      resourceId
      category
      name
    }
    ipAddresses(search: $search, first: $first) {
      ipAddress
      count
    }
    userAgents(search: $search, first: $first) {
      userAgent
      count
    }
  }
}
    `) as unknown as TypedDocumentString<SuggestQuery, SuggestQueryVariables>;
export const EventDocument = new TypedDocumentString(`
    query Event($organizationId: ID!, $eventId: ID!) {
  organization(id: $organizationId) {
    event(id: $eventId) {
      ...EventRow
      recordedAt
      principalNameThen
      resourceNameThen
    }
  }
}
    fragment EventRow on Event {
  eventId
  createdAt
  action
  rawAction
  category
  rawCategory
  ipAddress
  userAgent
  principal {
    __typename
    principalId
    name
  }
  resource {
    resourceId
    category
    name
    bearer {
      __typename
      principalId
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
  eventId
  createdAt
  action
  rawAction
  category
  rawCategory
  ipAddress
  userAgent
  principal {
    __typename
    principalId
    name
  }
  resource {
    resourceId
    category
    name
    bearer {
      __typename
      principalId
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
  eventId
  createdAt
  action
  rawAction
  category
  rawCategory
  ipAddress
  userAgent
  principal {
    __typename
    principalId
    name
  }
  resource {
    resourceId
    category
    name
    bearer {
      __typename
      principalId
      name
    }
  }
}`) as unknown as TypedDocumentString<EventRecordedSubscription, EventRecordedSubscriptionVariables>;
export const PrincipalDocument = new TypedDocumentString(`
    query Principal($organizationId: ID!, $principalId: ID!) {
  organization(id: $organizationId) {
    principal(id: $principalId) {
      __typename
      principalId
      name
      ... on User {
        username
        email
        firstName
        lastName
        type
        mfa
        locked
        lastLoginAt
        createdAt
        updatedAt
        apiKeys(first: 21) {
          ...Key
        }
      }
      ... on Application {
        description
        managed
        createdAt
        updatedAt
        apiKeys(first: 21) {
          ...Key
        }
      }
      newest: events(first: 1) {
        nodes {
          eventId
          createdAt
        }
      }
      oldest: events(first: 1, orderBy: CREATED_AT_ASC) {
        nodes {
          eventId
          createdAt
        }
      }
    }
    doneTo: events(filter: {resourceIds: [$principalId]}, first: 6) {
      nodes {
        ...EventRow
      }
    }
  }
}
    fragment EventRow on Event {
  eventId
  createdAt
  action
  rawAction
  category
  rawCategory
  ipAddress
  userAgent
  principal {
    __typename
    principalId
    name
  }
  resource {
    resourceId
    category
    name
    bearer {
      __typename
      principalId
      name
    }
  }
}
fragment Key on ApiKey {
  accessKey
  description
  createdAt
  expiresAt
}`) as unknown as TypedDocumentString<PrincipalQuery, PrincipalQueryVariables>;
export const PrincipalFiguresDocument = new TypedDocumentString(`
    query PrincipalFigures($organizationId: ID!, $principalId: ID!) {
  organization(id: $organizationId) {
    eventCounts(filter: {principalIds: [$principalId]}) {
      total
      countedSince
      byAction {
        action
        count
      }
      byCategory {
        category
        count
      }
      byIpAddress(first: 10) {
        countedSince
        nodes {
          ipAddress
          count
          latest
        }
      }
      byUserAgent(first: 10) {
        countedSince
        nodes {
          userAgent
          count
          latest
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<PrincipalFiguresQuery, PrincipalFiguresQueryVariables>;
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
export const EventsAsShownDocument = new TypedDocumentString(`
    query EventsAsShown($organizationId: ID!, $filter: EventFilter, $orderBy: EventOrder!, $first: Int, $after: String) {
  organization(id: $organizationId) {
    name
    events(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
      nodes {
        eventId
        createdAt
        action
        category
        resource {
          resourceId
          name
        }
        principal {
          __typename
          principalId
          name
        }
        ipAddress
        userAgent
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `) as unknown as TypedDocumentString<EventsAsShownQuery, EventsAsShownQueryVariables>;
export const PrincipalAsShownDocument = new TypedDocumentString(`
    query PrincipalAsShown($organizationId: ID!, $principalId: ID!, $filter: EventFilter, $orderBy: EventOrder!, $first: Int, $after: String) {
  organization(id: $organizationId) {
    name
    principal(id: $principalId) {
      __typename
      principalId
      name
      events(filter: $filter, orderBy: $orderBy, first: $first, after: $after) {
        nodes {
          eventId
          createdAt
          action
          category
          resource {
            resourceId
            name
          }
          ipAddress
          userAgent
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<PrincipalAsShownQuery, PrincipalAsShownQueryVariables>;
export const SavedViewsDocument = new TypedDocumentString(`
    query SavedViews($organizationId: ID!) {
  organization(id: $organizationId) {
    savedViews {
      ...SavedViewRow
    }
  }
}
    fragment SavedViewRow on SavedView {
  id
  name
  pageQuery
  shared
  mine
  deletable
  author
}`) as unknown as TypedDocumentString<SavedViewsQuery, SavedViewsQueryVariables>;
export const SaveViewDocument = new TypedDocumentString(`
    mutation SaveView($organizationId: ID!, $name: String!, $pageQuery: String!, $shared: Boolean!) {
  saveView(
    organizationId: $organizationId
    name: $name
    pageQuery: $pageQuery
    shared: $shared
  ) {
    ...SavedViewRow
  }
}
    fragment SavedViewRow on SavedView {
  id
  name
  pageQuery
  shared
  mine
  deletable
  author
}`) as unknown as TypedDocumentString<SaveViewMutation, SaveViewMutationVariables>;
export const ChangeViewDocument = new TypedDocumentString(`
    mutation ChangeView($id: ID!, $pageQuery: String, $shared: Boolean) {
  changeView(id: $id, pageQuery: $pageQuery, shared: $shared) {
    ...SavedViewRow
  }
}
    fragment SavedViewRow on SavedView {
  id
  name
  pageQuery
  shared
  mine
  deletable
  author
}`) as unknown as TypedDocumentString<ChangeViewMutation, ChangeViewMutationVariables>;
export const DeleteViewDocument = new TypedDocumentString(`
    mutation DeleteView($id: ID!) {
  deleteView(id: $id) {
    id
  }
}
    `) as unknown as TypedDocumentString<DeleteViewMutation, DeleteViewMutationVariables>;
