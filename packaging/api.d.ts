// TypeScript types of the graph, generated from api.graphql by: npm run schema.
// A date is a text by RFC 3339; see DateTime.

export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /**
   * A date and time by RFC 3339 with an offset, such as `2025-11-17T17:10:30.448542Z`. Results are in
   * UTC with six decimal places: the microseconds that Scaleway recorded. Input may have up to nine decimal places and is
   * truncated to microseconds; a date without a time or an offset is refused, and so is one before the year 1685 or after
   * 2254.
   */
  DateTime: { input: string; output: string; }
};

/** The number of events with one action. */
export type ActionCount = {
  __typename?: 'ActionCount';
  /** The action. */
  action: EventAction;
  /** The number of events. */
  count: Scalars['Int']['output'];
};

/** An existing API key. Its secret is not stored. */
export type ApiKey = {
  __typename?: 'ApiKey';
  /** The access key. It is also the `resourceId` of events about the key. */
  accessKey: Scalars['ID']['output'];
  /** When it was created; null if Scaleway does not say. */
  createdAt: Maybe<Scalars['DateTime']['output']>;
  /** The description given to it; null if there is none. */
  description: Maybe<Scalars['String']['output']>;
  /** When it expires; null if never. */
  expiresAt: Maybe<Scalars['DateTime']['output']>;
  /** When it was last updated; null if Scaleway does not say. */
  updatedAt: Maybe<Scalars['DateTime']['output']>;
};

/** An existing application: a program that acts in the Organization with its own API keys. */
export type Application = Node & Principal & {
  __typename?: 'Application';
  /** Its existing API keys, newest first. */
  apiKeys: Array<ApiKey>;
  /** When the application was created; null if Scaleway does not say. */
  createdAt: Maybe<Scalars['DateTime']['output']>;
  /** The description given to it; null if there is none. */
  description: Maybe<Scalars['String']['output']>;
  /**
   * The events of this principal in its Organization, sorted by date, for display. An event that arrives late appears at its date, which may be
   * before a cursor that a client has already passed. To collect every event, use `eventFeed`.
   */
  events: EventConnection;
  /** The global ID: unique in the whole graph, opaque and permanent. */
  id: Scalars['ID']['output'];
  /** Whether Scaleway created and manages it; null if Scaleway does not say. */
  managed: Maybe<Scalars['Boolean']['output']>;
  /** The name to display: that of the User or Application, or `Scaleway`, or `Unknown`. */
  name: Scalars['String']['output'];
  /**
   * Its name at a point in time.
   * This is the last name that this archive knew at that time, or the first known name if it knew none yet.
   * A name that changed between two syncs of the directory is valid from the last update that Scaleway reports.
   */
  nameAt: Scalars['String']['output'];
  /** Scaleway's ID of the principal, also of an unknown one. It is also the `resourceId` of events about it. */
  principalId: Scalars['ID']['output'];
  /** When the application was last updated; null if Scaleway does not say. */
  updatedAt: Maybe<Scalars['DateTime']['output']>;
};

/** An existing application: a program that acts in the Organization with its own API keys. */
export type ApplicationApiKeysArgs = {
  first?: Scalars['Int']['input'];
};

/** An existing application: a program that acts in the Organization with its own API keys. */
export type ApplicationEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: EventOrder;
};

/** An existing application: a program that acts in the Organization with its own API keys. */
export type ApplicationNameAtArgs = {
  time: Scalars['DateTime']['input'];
};

/** The number of events about one type of resource. */
export type CategoryCount = {
  __typename?: 'CategoryCount';
  /** The type of resource. */
  category: EventCategory;
  /** The number of events. */
  count: Scalars['Int']['output'];
};

/**
 * Which parts of the Organization's log this archive has, and which are complete. Scaleway lists some
 * events late, so events may still be added to a range that was complete.
 */
export type Coverage = {
  __typename?: 'Coverage';
  /**
   * All events that Scaleway listed before this time are in the archive; null if the beginning of
   * the log was not read.
   */
  completeUntil: Maybe<Scalars['DateTime']['output']>;
  /** The date of the oldest event in the archive; null if there is none. */
  earliest: Maybe<Scalars['DateTime']['output']>;
  /**
   * The time ranges before `lastSyncedAt` that were not read from Scaleway, in order. They may still
   * have imported events. Empty if nothing was ever read.
   */
  gaps: Array<TimeRange>;
  /** When the log was last read up to its end from Scaleway; null if never. */
  lastSyncedAt: Maybe<Scalars['DateTime']['output']>;
  /** The date of the newest event in the archive; null if there is none. */
  latest: Maybe<Scalars['DateTime']['output']>;
  /**
   * Whether `lastSyncedAt` is more than an hour ago, so that newer events may be missing; null if
   * there was no sync.
   */
  stale: Maybe<Scalars['Boolean']['output']>;
};

/** A recorded action on an IAM resource. Events never change. */
export type Event = Node & {
  __typename?: 'Event';
  /** What was done to the resource. */
  action: EventAction;
  /** The type of the resource. */
  category: EventCategory;
  /** When the event happened. */
  createdAt: Scalars['DateTime']['output'];
  /** Scaleway's ID of the event, as in exports and feeds. */
  eventId: Scalars['ID']['output'];
  /** The global ID: unique in the whole graph, opaque and permanent. */
  id: Scalars['ID']['output'];
  /** The IP address of the request, as recorded by Scaleway; null if there is none. */
  ipAddress: Maybe<Scalars['String']['output']>;
  /** The Organization that the event belongs to. */
  organization: Organization;
  /** The principal that did it; Unknown if the viewer may not see it. */
  principal: Principal;
  /**
   * The name of `principal` when the event happened.
   * This is the last name that this archive knew at that time, or the first known name if it knew none yet.
   * A name that changed between two syncs of the directory is valid from the last update that Scaleway reports.
   * Null if the principal is Unknown now.
   */
  principalNameThen: Maybe<Scalars['String']['output']>;
  /** Scaleway's word for the action, also if this version does not know it. */
  rawAction: Scalars['String']['output'];
  /** Scaleway's word for the category, also if this version does not know it. */
  rawCategory: Scalars['String']['output'];
  /** When this archive stored the event, in milliseconds. */
  recordedAt: Scalars['DateTime']['output'];
  /** The resource that the event is about. */
  resource: Resource;
  /**
   * The name of `resource` when the event happened.
   * This is the last name that this archive knew at that time, or the first known name if it knew none yet.
   * A name that changed between two syncs of the directory is valid from the last update that Scaleway reports.
   * Null if the resource was deleted since, is hidden from the viewer, or had no name.
   */
  resourceNameThen: Maybe<Scalars['String']['output']>;
  /** The user agent of the request, as claimed by the client; null if there is none. */
  userAgent: Maybe<Scalars['String']['output']>;
};

/** What was done to the resource. */
export type EventAction =
  /** The resource was created. */
  | 'CREATED'
  /** The resource was deleted. */
  | 'DELETED'
  /** An action that this version does not know; `rawAction` has its name. */
  | 'UNKNOWN'
  /** The resource was updated. */
  | 'UPDATED';

/** The type of a resource. Scaleway's console calls it category. */
export type EventCategory =
  /** An API key. Its ID is the access key. */
  | 'API_KEY'
  /** An Application. */
  | 'APPLICATION'
  /** A group of Users and Applications. */
  | 'GROUP'
  /** A policy, which grants permission sets. */
  | 'POLICY'
  /** A type that this version does not know; `rawCategory` has its name. */
  | 'UNKNOWN'
  /** A User. */
  | 'USER';

/** A page of events. */
export type EventConnection = {
  __typename?: 'EventConnection';
  /** The items of the page, with their cursors. */
  edges: Array<EventEdge>;
  /** The items of the page. */
  nodes: Array<Event>;
  /** The position of the page in the list. */
  pageInfo: PageInfo;
  /** The exact number of events that match, on all pages. Counted only if requested. */
  totalCount: Scalars['Int']['output'];
};

/**
 * Statistics about the events that match. Each field is computed separately, so an event that arrives
 * meanwhile may be counted in one field and not in another. Results are exact for every filter by date, action,
 * category, principal and user agent; for a filter by address or resource, only a limited number of events is read, see
 * `isExact`. `byUserAgent` is exact for every filter without dates, addresses and resources, `byIpAddress` without
 * any filter; otherwise they read a limited number of events and have a `countedSince` of their own.
 */
export type EventCounts = {
  __typename?: 'EventCounts';
  /** The number of events by action, in the order of EventAction, without zeros. UNKNOWN is the sum of all other actions. */
  byAction: Array<ActionCount>;
  /** The number of events by category, in the order of EventCategory, without zeros. UNKNOWN is the sum of all other categories. */
  byCategory: Array<CategoryCount>;
  /** The number of events by IP address. */
  byIpAddress: IpAddressCounts;
  /**
   * The number of events by principal, sorted by number, highest first, then by ID. Principals that
   * are Unknown to the viewer are counted separately, by their IDs.
   */
  byPrincipal: Array<PrincipalCount>;
  /**
   * The number of events by time interval, in order and without gaps: from `createdAfter` (by
   * default, from the first event that matches) to `createdBefore` (by default, to the last), but not before
   * `countedSince`. The first interval may begin earlier and the last may end later, but only events that match are
   * counted. At most 10000 intervals.
   */
  byTime: Array<TimeCount>;
  /** The number of events by user agent. */
  byUserAgent: UserAgentCounts;
  /**
   * If the counts are not exact: every event that matches is counted from this date on, and none
   * before it. Null if the counts are exact.
   */
  countedSince: Maybe<Scalars['DateTime']['output']>;
  /**
   * Whether all events that match are counted. If not, there are too many to read, and only the newest
   * are counted: those since `countedSince`.
   */
  isExact: Scalars['Boolean']['output'];
  /** The number of events. */
  total: Scalars['Int']['output'];
};

/**
 * Statistics about the events that match. Each field is computed separately, so an event that arrives
 * meanwhile may be counted in one field and not in another. Results are exact for every filter by date, action,
 * category, principal and user agent; for a filter by address or resource, only a limited number of events is read, see
 * `isExact`. `byUserAgent` is exact for every filter without dates, addresses and resources, `byIpAddress` without
 * any filter; otherwise they read a limited number of events and have a `countedSince` of their own.
 */
export type EventCountsByIpAddressArgs = {
  first?: Scalars['Int']['input'];
};

/**
 * Statistics about the events that match. Each field is computed separately, so an event that arrives
 * meanwhile may be counted in one field and not in another. Results are exact for every filter by date, action,
 * category, principal and user agent; for a filter by address or resource, only a limited number of events is read, see
 * `isExact`. `byUserAgent` is exact for every filter without dates, addresses and resources, `byIpAddress` without
 * any filter; otherwise they read a limited number of events and have a `countedSince` of their own.
 */
export type EventCountsByPrincipalArgs = {
  first?: Scalars['Int']['input'];
};

/**
 * Statistics about the events that match. Each field is computed separately, so an event that arrives
 * meanwhile may be counted in one field and not in another. Results are exact for every filter by date, action,
 * category, principal and user agent; for a filter by address or resource, only a limited number of events is read, see
 * `isExact`. `byUserAgent` is exact for every filter without dates, addresses and resources, `byIpAddress` without
 * any filter; otherwise they read a limited number of events and have a `countedSince` of their own.
 */
export type EventCountsByTimeArgs = {
  interval: TimeInterval;
  timeZone?: Scalars['String']['input'];
};

/**
 * Statistics about the events that match. Each field is computed separately, so an event that arrives
 * meanwhile may be counted in one field and not in another. Results are exact for every filter by date, action,
 * category, principal and user agent; for a filter by address or resource, only a limited number of events is read, see
 * `isExact`. `byUserAgent` is exact for every filter without dates, addresses and resources, `byIpAddress` without
 * any filter; otherwise they read a limited number of events and have a `countedSince` of their own.
 */
export type EventCountsByUserAgentArgs = {
  first?: Scalars['Int']['input'];
};

/** An item of a page of events, with its cursor. */
export type EventEdge = {
  __typename?: 'EventEdge';
  /** The cursor, for `after` and `before`. Opaque and permanent. */
  cursor: Scalars['String']['output'];
  /** The item. */
  node: Event;
};

/**
 * Which events to exclude: those that match any of these conditions. A condition that is omitted, null
 * or an empty list excludes nothing. Conditions on addresses or user agents do not exclude events without one.
 */
export type EventExclusion = {
  /** Exclude these actions. */
  actions?: InputMaybe<Array<EventAction>>;
  /** Exclude these categories. */
  categories?: InputMaybe<Array<EventCategory>>;
  /** Exclude these IP addresses and CIDR blocks, at most 100. */
  ipAddresses?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Exclude events of these principals, at most 100. */
  principalIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /**
   * Exclude user agents that contain any of these texts, at most 10; see
   * `EventFilter.userAgent`.
   */
  userAgents?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** A page of events in order of arrival, and the cursor of the next page. */
export type EventFeed = {
  __typename?: 'EventFeed';
  /**
   * The cursor for the next page, to pass as `after`: the `eventId` of the last event that was
   * read. Present even if `nodes` is empty; permanent.
   */
  cursor: Scalars['String']['output'];
  /**
   * Whether events arrived after `cursor`, which may not match the filter. If not, request again
   * later with the same cursor.
   */
  hasMore: Scalars['Boolean']['output'];
  /** The events in order of arrival. May be empty although `hasMore` is true. */
  nodes: Array<Event>;
};

/**
 * A filter for events. Events must match all conditions; for a list, any of its values. A condition that
 * is omitted or null matches every event; an empty list matches none.
 */
export type EventFilter = {
  /** With any of these actions. */
  actions?: InputMaybe<Array<EventAction>>;
  /** With any of these categories. */
  categories?: InputMaybe<Array<EventCategory>>;
  /** Dated at or after this time. */
  createdAfter?: InputMaybe<Scalars['DateTime']['input']>;
  /** Dated before this time. */
  createdBefore?: InputMaybe<Scalars['DateTime']['input']>;
  /** From any of these IP addresses and CIDR blocks, IPv4 or IPv6, such as `203.0.113.0/24`; at most 100. */
  ipAddresses?: InputMaybe<Array<Scalars['String']['input']>>;
  /** Excluded events. */
  not?: InputMaybe<EventExclusion>;
  /** By any of these principals, at most 100, also ones that are Unknown to the viewer. */
  principalIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** About any of these resources, at most 100. The ID of an API key is its access key. */
  resourceIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /**
   * With a user agent that contains this text, of at most 256 characters. The case of the letters A to
   * Z is ignored; there are no wildcards.
   */
  userAgent?: InputMaybe<Scalars['String']['input']>;
  /** With a user agent that contains any of these texts, at most 10; see `userAgent`. */
  userAgents?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** The order by date; events with the same date are sorted by ID. */
export type EventOrder =
  /** Oldest first. */
  | 'CREATED_AT_ASC'
  /** Newest first. */
  | 'CREATED_AT_DESC';

/** The number of events from one IP address. */
export type IpAddressCount = {
  __typename?: 'IpAddressCount';
  /** The number of events. */
  count: Scalars['Int']['output'];
  /** The address, as in the events; null for events without one. */
  ipAddress: Maybe<Scalars['String']['output']>;
  /** The date of the newest of these events. */
  latest: Scalars['DateTime']['output'];
};

/** The numbers of events by IP address. */
export type IpAddressCounts = {
  __typename?: 'IpAddressCounts';
  /**
   * Null if all events that match are counted. Otherwise there are too many to read: every event
   * that matches is counted from this date on, and none before it.
   */
  countedSince: Maybe<Scalars['DateTime']['output']>;
  /**
   * Sorted by number of events, highest first, then by the date of the newest event, then by
   * address; null is last.
   */
  nodes: Array<IpAddressCount>;
};

/** The viewer's rights in one Organization. */
export type Membership = {
  __typename?: 'Membership';
  /** The Organization. If `seesEvents` is false, only its ID is returned, without events and principals. */
  organization: Organization;
  /** Whether the viewer is an Owner, who may see everything. */
  owner: Scalars['Boolean']['output'];
  /** Scaleway's names of the viewer's permission sets in the Organization. */
  permissionSets: Array<Scalars['String']['output']>;
  /** Whether the viewer may see Applications. If not, they are Unknown. */
  seesApplications: Scalars['Boolean']['output'];
  /** Whether the viewer may see events. If not, the Organization is treated as if it did not exist. */
  seesEvents: Scalars['Boolean']['output'];
  /** Whether the viewer may see Users. If not, they are Unknown. */
  seesUsers: Scalars['Boolean']['output'];
};

/**
 * Changes to saved views of the Logs page. The log itself cannot be changed. Mutations must be sent by
 * POST.
 */
export type Mutation = {
  __typename?: 'Mutation';
  /**
   * Changes one of the viewer's own views; arguments that are omitted or null leave the value unchanged.
   * Null if the view does not exist or the viewer may not see it; FORBIDDEN if someone else shared it.
   */
  changeView: Maybe<SavedView>;
  /**
   * Deletes a view and returns it. Null if the view does not exist or the viewer may not see it;
   * FORBIDDEN if it is not `deletable`.
   */
  deleteView: Maybe<SavedView>;
  /**
   * Saves a view of an Organization. Null, and nothing is saved, if the Organization does not exist or
   * the viewer may not see its events.
   */
  saveView: Maybe<SavedView>;
};

/**
 * Changes to saved views of the Logs page. The log itself cannot be changed. Mutations must be sent by
 * POST.
 */
export type MutationChangeViewArgs = {
  id: Scalars['ID']['input'];
  name?: InputMaybe<Scalars['String']['input']>;
  pageQuery?: InputMaybe<Scalars['String']['input']>;
  shared?: InputMaybe<Scalars['Boolean']['input']>;
};

/**
 * Changes to saved views of the Logs page. The log itself cannot be changed. Mutations must be sent by
 * POST.
 */
export type MutationDeleteViewArgs = {
  id: Scalars['ID']['input'];
};

/**
 * Changes to saved views of the Logs page. The log itself cannot be changed. Mutations must be sent by
 * POST.
 */
export type MutationSaveViewArgs = {
  name: Scalars['String']['input'];
  organizationId: Scalars['ID']['input'];
  pageQuery: Scalars['String']['input'];
  shared?: Scalars['Boolean']['input'];
};

/** An object that can be fetched by its global ID. */
export type Node = {
  /** The global ID: unique in the whole graph, opaque and permanent. */
  id: Scalars['ID']['output'];
};

/** A Scaleway Organization. Every event and principal belongs to exactly one. */
export type Organization = Node & {
  __typename?: 'Organization';
  /** Which parts of the log the archive has. All fields are null if the viewer may not see the events. */
  coverage: Coverage;
  /** The event with this ID in this Organization; null if it does not exist. */
  event: Maybe<Event>;
  /** Statistics about the events of the Organization. */
  eventCounts: EventCounts;
  /**
   * The events in order of arrival in this archive, for programs that collect events. A client that
   * passes each `cursor` as the next `after` gets every event that matches exactly once, also events that arrive long
   * after their date, and across restarts of client and server. For the order by date, use `events`. With a filter, each
   * page reads a limited number of events, so it may have fewer than `first` events, or none, although `hasMore` is
   * true.
   */
  eventFeed: EventFeed;
  /**
   * The events of the Organization, sorted by date, for display. An event that arrives late appears at its date, which may be
   * before a cursor that a client has already passed. To collect every event, use `eventFeed`.
   */
  events: EventConnection;
  /** Scaleway's ID of the Organization. It is also the global ID. */
  id: Scalars['ID']['output'];
  /**
   * The IP addresses of events that start with the search text, sorted by number of events, highest first, then by the date of the newest event, then by text. If more than 10,000 match,
   * only some of them are considered.
   */
  ipAddresses: Array<IpAddressCount>;
  /** Its name; null if none was set. Scaleway does not provide it. */
  name: Maybe<Scalars['String']['output']>;
  /**
   * The principal with this ID in this Organization; null if it never acted and is not a User or
   * Application that the viewer may see.
   */
  principal: Maybe<Principal>;
  /**
   * The Users and Applications that the viewer may see, and all principals that ever acted, sorted by
   * name, then ID. Principals that left, or that the viewer may not see, are Unknown.
   */
  principals: PrincipalConnection;
  /**
   * The resources that the viewer may see and whose name or ID matches, sorted by name, then ID; and any
   * resource with exactly this ID that has events, even if it was deleted or is hidden.
   */
  resources: Array<Resource>;
  /**
   * The viewer's own saved views, at most 50, and the shared ones, at most
   * 100, sorted by name, then `id`.
   */
  savedViews: Array<SavedView>;
  /**
   * The user agents of events that contain the search text, sorted by number of events, highest first, then by the date of the newest event, then by text. If more than 10,000 match, only
   * some of them are considered.
   */
  userAgents: Array<UserAgentCount>;
};

/** A Scaleway Organization. Every event and principal belongs to exactly one. */
export type OrganizationEventArgs = {
  id: Scalars['ID']['input'];
};

/** A Scaleway Organization. Every event and principal belongs to exactly one. */
export type OrganizationEventCountsArgs = {
  filter?: InputMaybe<EventFilter>;
};

/** A Scaleway Organization. Every event and principal belongs to exactly one. */
export type OrganizationEventFeedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** A Scaleway Organization. Every event and principal belongs to exactly one. */
export type OrganizationEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: EventOrder;
};

/** A Scaleway Organization. Every event and principal belongs to exactly one. */
export type OrganizationIpAddressesArgs = {
  first?: Scalars['Int']['input'];
  search: Scalars['String']['input'];
};

/** A Scaleway Organization. Every event and principal belongs to exactly one. */
export type OrganizationPrincipalArgs = {
  id: Scalars['ID']['input'];
};

/** A Scaleway Organization. Every event and principal belongs to exactly one. */
export type OrganizationPrincipalsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  search?: InputMaybe<Scalars['String']['input']>;
};

/** A Scaleway Organization. Every event and principal belongs to exactly one. */
export type OrganizationResourcesArgs = {
  first?: Scalars['Int']['input'];
  search: Scalars['String']['input'];
};

/** A Scaleway Organization. Every event and principal belongs to exactly one. */
export type OrganizationUserAgentsArgs = {
  first?: Scalars['Int']['input'];
  search: Scalars['String']['input'];
};

/** The position of a page in its list. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** The cursor of the last item, for `after`; null on an empty page. */
  endCursor: Maybe<Scalars['String']['output']>;
  /** Whether there are items after the last one of this page. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether there are items before the first one of this page. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first item, for `before`; null on an empty page. */
  startCursor: Maybe<Scalars['String']['output']>;
};

/**
 * Someone or something that acts: a User or an Application of the Organization's directory that the
 * viewer may see, Scaleway itself, or an unknown principal.
 */
export type Principal = {
  /**
   * The events of this principal in its Organization, sorted by date, for display. An event that arrives late appears at its date, which may be
   * before a cursor that a client has already passed. To collect every event, use `eventFeed`.
   */
  events: EventConnection;
  /**
   * The global ID of this principal in this Organization: unique in the whole graph, opaque and
   * permanent. It is the same for every viewer, whether or not they may see who the principal is.
   */
  id: Scalars['ID']['output'];
  /** The name to display: that of the User or Application, or `Scaleway`, or `Unknown`. */
  name: Scalars['String']['output'];
  /** Scaleway's ID of the principal, also of an unknown one. It is also the `resourceId` of events about it. */
  principalId: Scalars['ID']['output'];
};

/**
 * Someone or something that acts: a User or an Application of the Organization's directory that the
 * viewer may see, Scaleway itself, or an unknown principal.
 */
export type PrincipalEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: EventOrder;
};

/** A page of principals. */
export type PrincipalConnection = {
  __typename?: 'PrincipalConnection';
  /** The items of the page, with their cursors. */
  edges: Array<PrincipalEdge>;
  /** The items of the page. */
  nodes: Array<Principal>;
  /** The position of the page in the list. */
  pageInfo: PageInfo;
  /** The exact number of principals that match, on all pages. Counted only if requested. */
  totalCount: Scalars['Int']['output'];
};

/** The number of events of one principal. */
export type PrincipalCount = {
  __typename?: 'PrincipalCount';
  /** The number of events. */
  count: Scalars['Int']['output'];
  /** The principal; Unknown if the viewer may not see it. */
  principal: Principal;
};

/** An item of a page of principals, with its cursor. */
export type PrincipalEdge = {
  __typename?: 'PrincipalEdge';
  /** The cursor, for `after` and `before`. Opaque and permanent. */
  cursor: Scalars['String']['output'];
  /** The item. */
  node: Principal;
};

/** The root of all queries. */
export type Query = {
  __typename?: 'Query';
  /** The event with this ID; null if it does not exist or the viewer may not see it. */
  event: Maybe<Event>;
  /**
   * The Event, Organization, User, Application or SavedView with this global ID; null if it does not
   * exist or the viewer may not see it.
   */
  node: Maybe<Node>;
  /** The same as `node` for several IDs, in the order of the IDs. */
  nodes: Array<Maybe<Node>>;
  /** The Organization with this ID; null if it does not exist or the viewer may not see its events. */
  organization: Maybe<Organization>;
  /** All Organizations whose events the viewer may see, sorted by ID. */
  organizations: Array<Organization>;
  /** The sender of this request and their rights, which all other results depend on. */
  viewer: Viewer;
};

/** The root of all queries. */
export type QueryEventArgs = {
  id: Scalars['ID']['input'];
};

/** The root of all queries. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};

/** The root of all queries. */
export type QueryNodesArgs = {
  ids: Array<Scalars['ID']['input']>;
};

/** The root of all queries. */
export type QueryOrganizationArgs = {
  id: Scalars['ID']['input'];
};

/** The resource that an event is about. */
export type Resource = {
  __typename?: 'Resource';
  /**
   * The User or Application that an API key belongs to. Null for any other resource, and if the key
   * was deleted, is hidden from the viewer, or Scaleway does not say.
   */
  bearer: Maybe<Principal>;
  /** The type of the resource. */
  category: EventCategory;
  /** Its current name; for an API key, its description. Null if the resource was deleted, is hidden from the viewer, or has no name. */
  name: Maybe<Scalars['String']['output']>;
  /**
   * Its name at a point in time.
   * This is the last name that this archive knew at that time, or the first known name if it knew none yet.
   * A name that changed between two syncs of the directory is valid from the last update that Scaleway reports.
   * Null if the resource was deleted since, is hidden from the viewer, or had no name.
   */
  nameAt: Maybe<Scalars['String']['output']>;
  /**
   * The resource as a principal, with the events that it caused, even if it was deleted since; Unknown
   * if the viewer may not see it. Null if it is neither a User nor an Application.
   */
  principal: Maybe<Principal>;
  /** Scaleway's ID of the resource. The ID of an API key is its access key. */
  resourceId: Scalars['ID']['output'];
};

/** The resource that an event is about. */
export type ResourceNameAtArgs = {
  time: Scalars['DateTime']['input'];
};

/**
 * A saved view of the Logs page, either private or shared with everyone who may see the events of the
 * Organization.
 */
export type SavedView = Node & {
  __typename?: 'SavedView';
  /**
   * The name of the token or person that created it; null if it has no name, or if someone else
   * created it and the viewer may not see the Organization's Users.
   */
  author: Maybe<Scalars['String']['output']>;
  /** When it was created. */
  createdAt: Scalars['DateTime']['output'];
  /**
   * Whether the viewer may delete it: the viewer's own views and, for an Owner, OrganizationManager or
   * IAMManager, also shared ones.
   */
  deletable: Scalars['Boolean']['output'];
  /** The global ID: unique in the whole graph, opaque and permanent. */
  id: Scalars['ID']['output'];
  /** Whether the viewer created it and may therefore change it. */
  mine: Scalars['Boolean']['output'];
  /**
   * The name. It is unique among the viewer's own views of an Organization, ignoring case and accents;
   * different viewers may share views with the same name.
   */
  name: Scalars['String']['output'];
  /**
   * The view as the query string of the Logs page's URL, such as `last=7d&actions=DELETED`. Empty
   * for the view of all events.
   */
  pageQuery: Scalars['String']['output'];
  /** Whether everyone who may see the events of the Organization can see the view. */
  shared: Scalars['Boolean']['output'];
  /** When it was last updated. */
  updatedAt: Scalars['DateTime']['output'];
};

/**
 * Scaleway itself, for example when it creates the default groups of a new Organization or updates a
 * user who accepted an invitation.
 */
export type ScalewayPrincipal = Principal & {
  __typename?: 'ScalewayPrincipal';
  /**
   * The events of this principal in its Organization, sorted by date, for display. An event that arrives late appears at its date, which may be
   * before a cursor that a client has already passed. To collect every event, use `eventFeed`.
   */
  events: EventConnection;
  /**
   * The global ID of this principal in this Organization: unique in the whole graph, opaque and
   * permanent. It is the same for every viewer, whether or not they may see who the principal is.
   */
  id: Scalars['ID']['output'];
  /** The name to display: that of the User or Application, or `Scaleway`, or `Unknown`. */
  name: Scalars['String']['output'];
  /** Scaleway's ID of the principal, also of an unknown one. It is also the `resourceId` of events about it. */
  principalId: Scalars['ID']['output'];
};

/**
 * Scaleway itself, for example when it creates the default groups of a new Organization or updates a
 * user who accepted an invitation.
 */
export type ScalewayPrincipalEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: EventOrder;
};

/** Streams of new events. */
export type Subscription = {
  __typename?: 'Subscription';
  /**
   * Each event of the Organization that matches, when it arrives in this archive from any source. With
   * `after`, first the events that arrived since then, without gaps or repetitions. As in `eventFeed`, the order is
   * that of arrival, not of date. The server ends the stream if the token is no longer valid, its rights change, or the
   * client reads too slowly; its error names the cursor to continue from.
   */
  eventRecorded: Event;
};

/** Streams of new events. */
export type SubscriptionEventRecordedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  organizationId: Scalars['ID']['input'];
};

/** The number of events in one time interval. */
export type TimeCount = {
  __typename?: 'TimeCount';
  /** The number of events by action, in the order of EventAction, without zeros. */
  byAction: Array<ActionCount>;
  /** The number of events. */
  count: Scalars['Int']['output'];
  /** The end, excluded. */
  end: Scalars['DateTime']['output'];
  /** The start, included. */
  start: Scalars['DateTime']['output'];
};

/** The length of a time interval, by the calendar and clock of a time zone. */
export type TimeInterval =
  /** A calendar day: 23 or 25 hours when clocks change. */
  | 'DAY'
  /** An hour. When clocks are put back, the repeated hour counts as two. */
  | 'HOUR'
  /** A minute. */
  | 'MINUTE'
  /** A calendar month. */
  | 'MONTH'
  /** A week, which starts on Monday. */
  | 'WEEK';

/** A time range. */
export type TimeRange = {
  __typename?: 'TimeRange';
  /** The start, included; null for all time before `until`. */
  from: Maybe<Scalars['DateTime']['output']>;
  /** The end, excluded. */
  until: Scalars['DateTime']['output'];
};

/**
 * A principal that the viewer may not know: it left the Organization, or its invitation expired, or
 * the viewer may not see principals of its type. These cases cannot be distinguished.
 */
export type UnknownPrincipal = Principal & {
  __typename?: 'UnknownPrincipal';
  /**
   * The events of this principal in its Organization, sorted by date, for display. An event that arrives late appears at its date, which may be
   * before a cursor that a client has already passed. To collect every event, use `eventFeed`.
   */
  events: EventConnection;
  /**
   * The global ID of this principal in this Organization: unique in the whole graph, opaque and
   * permanent. It is the same for every viewer, whether or not they may see who the principal is.
   */
  id: Scalars['ID']['output'];
  /** The name to display: that of the User or Application, or `Scaleway`, or `Unknown`. */
  name: Scalars['String']['output'];
  /** Scaleway's ID of the principal, also of an unknown one. It is also the `resourceId` of events about it. */
  principalId: Scalars['ID']['output'];
};

/**
 * A principal that the viewer may not know: it left the Organization, or its invitation expired, or
 * the viewer may not see principals of its type. These cases cannot be distinguished.
 */
export type UnknownPrincipalEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: EventOrder;
};

/** A person who is currently a member of the Organization. */
export type User = Node & Principal & {
  __typename?: 'User';
  /** Its existing API keys, newest first. */
  apiKeys: Array<ApiKey>;
  /** When the user was created; null if Scaleway does not say. */
  createdAt: Maybe<Scalars['DateTime']['output']>;
  /** The e-mail address; null if Scaleway gives none. */
  email: Maybe<Scalars['String']['output']>;
  /**
   * The events of this principal in its Organization, sorted by date, for display. An event that arrives late appears at its date, which may be
   * before a cursor that a client has already passed. To collect every event, use `eventFeed`.
   */
  events: EventConnection;
  /** The first name; null if there is none. */
  firstName: Maybe<Scalars['String']['output']>;
  /** The global ID: unique in the whole graph, opaque and permanent. */
  id: Scalars['ID']['output'];
  /** When the user last signed in, as of the last sync of the directory; null if never. */
  lastLoginAt: Maybe<Scalars['DateTime']['output']>;
  /** The last name; null if there is none. */
  lastName: Maybe<Scalars['String']['output']>;
  /** Whether the user is locked; null if Scaleway does not say. */
  locked: Maybe<Scalars['Boolean']['output']>;
  /** Whether multi-factor authentication is enabled; null if Scaleway does not say. */
  mfa: Maybe<Scalars['Boolean']['output']>;
  /** The name to display: that of the User or Application, or `Scaleway`, or `Unknown`. */
  name: Scalars['String']['output'];
  /**
   * Its name at a point in time.
   * This is the last name that this archive knew at that time, or the first known name if it knew none yet.
   * A name that changed between two syncs of the directory is valid from the last update that Scaleway reports.
   */
  nameAt: Scalars['String']['output'];
  /** Scaleway's ID of the principal, also of an unknown one. It is also the `resourceId` of events about it. */
  principalId: Scalars['ID']['output'];
  /** Scaleway's word for the type of user: `owner` or `member`. */
  type: Maybe<Scalars['String']['output']>;
  /** When the user was last updated; null if Scaleway does not say. */
  updatedAt: Maybe<Scalars['DateTime']['output']>;
  /** The user name for signing in; null if Scaleway gives none. */
  username: Maybe<Scalars['String']['output']>;
};

/** A person who is currently a member of the Organization. */
export type UserApiKeysArgs = {
  first?: Scalars['Int']['input'];
};

/** A person who is currently a member of the Organization. */
export type UserEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: EventOrder;
};

/** A person who is currently a member of the Organization. */
export type UserNameAtArgs = {
  time: Scalars['DateTime']['input'];
};

/** The number of events with one user agent. */
export type UserAgentCount = {
  __typename?: 'UserAgentCount';
  /** The number of events. */
  count: Scalars['Int']['output'];
  /** The date of the newest of these events. */
  latest: Scalars['DateTime']['output'];
  /** The user agent; null for events without one. */
  userAgent: Maybe<Scalars['String']['output']>;
};

/** The numbers of events by user agent. */
export type UserAgentCounts = {
  __typename?: 'UserAgentCounts';
  /**
   * Null if all events that match are counted. Otherwise there are too many to read: every event
   * that matches is counted from this date on, and none before it.
   */
  countedSince: Maybe<Scalars['DateTime']['output']>;
  /**
   * Sorted by number of events, highest first, then by the date of the newest event, then by
   * text; null is last.
   */
  nodes: Array<UserAgentCount>;
};

/** The sender of this request: the holder of its access token, or the person who signed in. */
export type Viewer = {
  __typename?: 'Viewer';
  /** The token's ID, by which it can be revoked; for a person who signed in, a permanent ID. */
  id: Scalars['ID']['output'];
  /** One for each Organization in which the viewer has rights. */
  memberships: Array<Membership>;
  /** The token's name or the person's name; null if there is none. */
  name: Maybe<Scalars['String']['output']>;
};
