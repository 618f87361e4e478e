// The types of the graph, one for each of api.graphql, from which they are written: npm run schema.
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
   * A date and time by RFC 3339 with an offset, such as `2025-11-17T17:10:30.448542Z`.
   * Answers are in UTC with six digits after the second: the microseconds Scaleway recorded. Input takes up to
   * nine digits and cuts off what is finer than a microsecond; a date without a time or an offset is refused.
   */
  DateTime: { input: string; output: string; }
};

/** How many events did one thing. */
export type ActionCount = {
  __typename?: 'ActionCount';
  /** What was done. */
  action: EventAction;
  /** How many events. */
  count: Scalars['Int']['output'];
};

/** An API key that exists now. Its secret is nowhere. */
export type ApiKey = {
  __typename?: 'ApiKey';
  /** The access key, which is its ID as a resource of events. */
  accessKey: Scalars['ID']['output'];
  /** When it was made; null where Scaleway does not say. */
  createdAt: Maybe<Scalars['DateTime']['output']>;
  /** What its maker wrote about it; null for nothing. */
  description: Maybe<Scalars['String']['output']>;
  /** When it stops to be valid; null for never. */
  expiresAt: Maybe<Scalars['DateTime']['output']>;
  /** When it was last changed; null where Scaleway does not say. */
  updatedAt: Maybe<Scalars['DateTime']['output']>;
};

/** A program that acts in the Organization by API keys of its own, and exists now. */
export type Application = Node & Principal & {
  __typename?: 'Application';
  /** The API keys it acts with now, the newest first. */
  apiKeys: Array<ApiKey>;
  /** When the application was made; null where Scaleway does not say. */
  createdAt: Maybe<Scalars['DateTime']['output']>;
  /** What its maker wrote about it; null for nothing. */
  description: Maybe<Scalars['String']['output']>;
  /**
   * What this principal did in the Organization it was found in, by date. A list for people: an event that
   * arrives late appears in its place by date, also behind a cursor that has passed it.
   */
  events: EventConnection;
  /** Of this alone: nothing else in the graph has the same. Opaque; stays valid. */
  id: Scalars['ID']['output'];
  /** Whether Scaleway made and manages it; null where Scaleway does not say. */
  managed: Maybe<Scalars['Boolean']['output']>;
  /** What to show: the name of a User or Application, or `Scaleway`, or `Unknown`. */
  name: Scalars['String']['output'];
  /**
   * What it was called at an instant.
   * That is the last name this archive had seen by then, or, where it had seen none yet, the first it ever saw.
   * Between two looks at Scaleway's directory, a new name counts from the last update Scaleway tells of.
   */
  nameAt: Scalars['String']['output'];
  /** Scaleway's ID of the principal; always there. A user's or application's is also its ID as a resource. */
  principalId: Scalars['ID']['output'];
  /** When the application was last changed; null where Scaleway does not say. */
  updatedAt: Maybe<Scalars['DateTime']['output']>;
};

/** A program that acts in the Organization by API keys of its own, and exists now. */
export type ApplicationApiKeysArgs = {
  first?: Scalars['Int']['input'];
};

/** A program that acts in the Organization by API keys of its own, and exists now. */
export type ApplicationEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: EventOrder;
};

/** A program that acts in the Organization by API keys of its own, and exists now. */
export type ApplicationNameAtArgs = {
  time: Scalars['DateTime']['input'];
};

/** How many events are about one type of resource. */
export type CategoryCount = {
  __typename?: 'CategoryCount';
  /** The type. */
  category: EventCategory;
  /** How many events. */
  count: Scalars['Int']['output'];
};

/**
 * What the archive holds of the Organization's log, and what it knows to be complete. Scaleway lists
 * some events late, so a stretch that was read to its end may still get another event.
 */
export type Coverage = {
  __typename?: 'Coverage';
  /**
   * From the beginning of the log up to here, excluded, everything Scaleway listed is here; null where
   * not even the beginning was read.
   */
  completeUntil: Maybe<Scalars['DateTime']['output']>;
  /** The date of the first event here; null where there is none. */
  earliest: Maybe<Scalars['DateTime']['output']>;
  /**
   * What was not read from Scaleway before `lastSyncedAt`, in order. Events may be here all the same,
   * from an import. Empty where nothing was ever read.
   */
  gaps: Array<TimeRange>;
  /** When the end of the log was last read from Scaleway; null for never. */
  lastSyncedAt: Maybe<Scalars['DateTime']['output']>;
  /** The date of the last event here; null where there is none. */
  latest: Maybe<Scalars['DateTime']['output']>;
  /**
   * Whether the end of the log was last read more than an hour ago, so that newer events may be missing;
   * null where it never was.
   */
  stale: Maybe<Scalars['Boolean']['output']>;
};

/** One recorded action on an IAM resource. It never changes. */
export type Event = Node & {
  __typename?: 'Event';
  /** What was done. */
  action: EventAction;
  /** The type of resource it was done to. */
  category: EventCategory;
  /** When it happened. */
  createdAt: Scalars['DateTime']['output'];
  /** Scaleway's ID of the event, by which exports and the feed know it, too. */
  eventId: Scalars['ID']['output'];
  /** Of this alone: nothing else in the graph has the same. Opaque; stays valid. */
  id: Scalars['ID']['output'];
  /** The address it was asked for from, as Scaleway saw it; null where there was none. */
  ipAddress: Maybe<Scalars['String']['output']>;
  /** The Organization it belongs to. */
  organization: Organization;
  /** Who did it, as far as the viewer may know. */
  principal: Principal;
  /**
   * What `principal` was called when the event happened.
   * That is the last name this archive had seen by then, or, where it had seen none yet, the first it ever saw.
   * Between two looks at Scaleway's directory, a new name counts from the last update Scaleway tells of.
   * Null where the principal is Unknown now.
   */
  principalNameThen: Maybe<Scalars['String']['output']>;
  /** Scaleway's own word for the action, also where this version does not know it. */
  rawAction: Scalars['String']['output'];
  /** Scaleway's own word for the category, also where this version does not know it. */
  rawCategory: Scalars['String']['output'];
  /** When this archive took it in, to the millisecond. */
  recordedAt: Scalars['DateTime']['output'];
  /** What it was done to. */
  resource: Resource;
  /**
   * What `resource` was called when the event happened.
   * That is the last name this archive had seen by then, or, where it had seen none yet, the first it ever saw.
   * Between two looks at Scaleway's directory, a new name counts from the last update Scaleway tells of.
   * Null where it is gone now, or hidden from the viewer, or had no name.
   */
  resourceNameThen: Maybe<Scalars['String']['output']>;
  /** What the client said it is, which nobody checked; null where it said nothing. */
  userAgent: Maybe<Scalars['String']['output']>;
};

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

/** A page of events. */
export type EventConnection = {
  __typename?: 'EventConnection';
  /** The items of the page with their cursors. */
  edges: Array<EventEdge>;
  /** The items of the page. */
  nodes: Array<Event>;
  /** Where the page lies. */
  pageInfo: PageInfo;
  /** How many events match on all pages, exactly. Counted only when asked for. */
  totalCount: Scalars['Int']['output'];
};

/**
 * Figures over the events that match. Each is counted when it is asked for, so an event that arrives
 * meanwhile may be in one and not in another. They are exact for every filter by date, action, category, principal and
 * user agent; of events by address or resource only so many are looked at, see `isExact`. `byUserAgent` is exact for every
 * filter without dates, addresses and resources, `byIpAddress` without a filter; else they look at so many events, and say
 * themselves from when on they count.
 */
export type EventCounts = {
  __typename?: 'EventCounts';
  /** In the order of EventAction, without those that have none. UNKNOWN counts all that this version does not know. */
  byAction: Array<ActionCount>;
  /** In the order of EventCategory, without those that have none. UNKNOWN counts all that this version does not know. */
  byCategory: Array<CategoryCount>;
  /** From which addresses. */
  byIpAddress: IpAddressCounts;
  /**
   * Those with the most events first, equal ones by ID. Each ID counts by itself, also where the viewer
   * may not know who it is.
   */
  byPrincipal: Array<PrincipalCount>;
  /**
   * In order, with no stretch left out: from `createdAfter` to `createdBefore`, or, where one is not
   * given, from the first or to the last event that matches; and never from before `countedSince`. The first may begin
   * before that, and the last end after it: they are whole, but only events that match are counted. At most 10000.
   */
  byTime: Array<TimeCount>;
  /** With which clients. */
  byUserAgent: UserAgentCounts;
  /**
   * Where the figures are not exact: the date from which on they count every event that matches, and none
   * before. Null where they are exact.
   */
  countedSince: Maybe<Scalars['DateTime']['output']>;
  /**
   * Whether the figures count all events that match. If not, there are too many to look at: then every
   * figure counts the newest alone, those from `countedSince` on.
   */
  isExact: Scalars['Boolean']['output'];
  /** How many events. */
  total: Scalars['Int']['output'];
};

/**
 * Figures over the events that match. Each is counted when it is asked for, so an event that arrives
 * meanwhile may be in one and not in another. They are exact for every filter by date, action, category, principal and
 * user agent; of events by address or resource only so many are looked at, see `isExact`. `byUserAgent` is exact for every
 * filter without dates, addresses and resources, `byIpAddress` without a filter; else they look at so many events, and say
 * themselves from when on they count.
 */
export type EventCountsByIpAddressArgs = {
  first?: Scalars['Int']['input'];
};

/**
 * Figures over the events that match. Each is counted when it is asked for, so an event that arrives
 * meanwhile may be in one and not in another. They are exact for every filter by date, action, category, principal and
 * user agent; of events by address or resource only so many are looked at, see `isExact`. `byUserAgent` is exact for every
 * filter without dates, addresses and resources, `byIpAddress` without a filter; else they look at so many events, and say
 * themselves from when on they count.
 */
export type EventCountsByPrincipalArgs = {
  first?: Scalars['Int']['input'];
};

/**
 * Figures over the events that match. Each is counted when it is asked for, so an event that arrives
 * meanwhile may be in one and not in another. They are exact for every filter by date, action, category, principal and
 * user agent; of events by address or resource only so many are looked at, see `isExact`. `byUserAgent` is exact for every
 * filter without dates, addresses and resources, `byIpAddress` without a filter; else they look at so many events, and say
 * themselves from when on they count.
 */
export type EventCountsByTimeArgs = {
  interval: TimeInterval;
  timeZone?: Scalars['String']['input'];
};

/**
 * Figures over the events that match. Each is counted when it is asked for, so an event that arrives
 * meanwhile may be in one and not in another. They are exact for every filter by date, action, category, principal and
 * user agent; of events by address or resource only so many are looked at, see `isExact`. `byUserAgent` is exact for every
 * filter without dates, addresses and resources, `byIpAddress` without a filter; else they look at so many events, and say
 * themselves from when on they count.
 */
export type EventCountsByUserAgentArgs = {
  first?: Scalars['Int']['input'];
};

/** One of the events of a page, with its place. */
export type EventEdge = {
  __typename?: 'EventEdge';
  /** Its place in the list, for `after` and `before`. Opaque; stays valid. */
  cursor: Scalars['String']['output'];
  /** The item itself. */
  node: Event;
};

/**
 * Which events to leave out: those of which any of this holds. What is left out, null or an empty list
 * leaves out nothing; nor does an address or a user agent leave out events that have none.
 */
export type EventExclusion = {
  /** None of these actions. */
  actions?: InputMaybe<Array<EventAction>>;
  /** None of these categories. */
  categories?: InputMaybe<Array<EventCategory>>;
  /** From none of these addresses and CIDR blocks, at most 100. */
  ipAddresses?: InputMaybe<Array<Scalars['String']['input']>>;
  /** By none of these principals, at most 100. */
  principalIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** By no user agent that contains any of these texts, at most 10, each as `EventFilter.userAgent`. */
  userAgents?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** Some events in the order in which they arrived here, and where to go on. */
export type EventFeed = {
  __typename?: 'EventFeed';
  /**
   * Where to go on, as `after`: the `eventId` of the last event that was looked at. There also where `nodes` is
   * empty; stays valid for ever.
   */
  cursor: Scalars['String']['output'];
  /**
   * Whether anything arrived after `cursor`, though maybe nothing that matches. Where not, ask again later
   * with the same cursor.
   */
  hasMore: Scalars['Boolean']['output'];
  /** The events, in order of arrival. May be empty and not the last. */
  nodes: Array<Event>;
};

/**
 * Which events. All conditions hold together; within a list, any one. A condition that is left out or
 * null holds always; an empty list never.
 */
export type EventFilter = {
  /** Any of these actions. */
  actions?: InputMaybe<Array<EventAction>>;
  /** Any of these categories. */
  categories?: InputMaybe<Array<EventCategory>>;
  /** From this date, included. */
  createdAfter?: InputMaybe<Scalars['DateTime']['input']>;
  /** Up to this date, excluded. */
  createdBefore?: InputMaybe<Scalars['DateTime']['input']>;
  /** From any of these addresses and CIDR blocks, IPv4 or IPv6, such as `203.0.113.0/24`; at most 100. */
  ipAddresses?: InputMaybe<Array<Scalars['String']['input']>>;
  /** But none of these. */
  not?: InputMaybe<EventExclusion>;
  /** By any of these principals, at most 100, whether or not the viewer may know who they are. */
  principalIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** To any of these resources, at most 100; an API key's ID is its access key. */
  resourceIds?: InputMaybe<Array<Scalars['ID']['input']>>;
  /**
   * By a user agent that contains this text of at most 256 characters; the case of the letters A to Z
   * does not matter, and no character stands for others.
   */
  userAgent?: InputMaybe<Scalars['String']['input']>;
  /** By a user agent that contains any of these texts, at most 10, each as `userAgent`. */
  userAgents?: InputMaybe<Array<Scalars['String']['input']>>;
};

/** By date; events of one microsecond by ID, so that the order is always the same. */
export type EventOrder =
  /** The oldest first. */
  | 'CREATED_AT_ASC'
  /** The newest first. */
  | 'CREATED_AT_DESC';

/** How many events came from one address. */
export type IpAddressCount = {
  __typename?: 'IpAddressCount';
  /** How many events. */
  count: Scalars['Int']['output'];
  /** The address, as the events have it; null for those that have none. */
  ipAddress: Maybe<Scalars['String']['output']>;
  /** The date of the newest of them. */
  latest: Scalars['DateTime']['output'];
};

/** From which addresses events came. */
export type IpAddressCounts = {
  __typename?: 'IpAddressCounts';
  /**
   * Null where all events that match are counted. Otherwise there are too many to look at, and only the
   * newest are counted: every one from this date on, and none before.
   */
  countedSince: Maybe<Scalars['DateTime']['output']>;
  /**
   * Those with the most events first, equal ones by the newest of them, then by address, where none comes
   * last.
   */
  nodes: Array<IpAddressCount>;
};

/** The viewer's standing in one Organization, and what it lets the viewer see there. */
export type Membership = {
  __typename?: 'Membership';
  /** The Organization; without `seesEvents` only its ID is told, and it has no events and no principals. */
  organization: Organization;
  /** Whether the viewer is an Owner, who sees everything. */
  owner: Scalars['Boolean']['output'];
  /** Scaleway's names of the permission sets the viewer holds there. */
  permissionSets: Array<Scalars['String']['output']>;
  /** Whether Applications are shown as such, where events are shown; otherwise as Unknown. */
  seesApplications: Scalars['Boolean']['output'];
  /** Whether events are shown. Without them the Organization answers as if it did not exist. */
  seesEvents: Scalars['Boolean']['output'];
  /** Whether Users are shown as such, where events are shown; otherwise as Unknown. */
  seesUsers: Scalars['Boolean']['output'];
};

/** What clients may write: saved views of the Logs page, and nothing of the log. Sent by POST alone. */
export type Mutation = {
  __typename?: 'Mutation';
  /**
   * Changes one of the viewer's own views: what is left out or null stays. Null where there is no such view or
   * the viewer may not see it; FORBIDDEN where it is shared by somebody else.
   */
  changeView: Maybe<SavedView>;
  /**
   * Deletes a view, and answers what it was. Null where there is no such view or the viewer may not see it;
   * FORBIDDEN where it is not `deletable`.
   */
  deleteView: Maybe<SavedView>;
  /**
   * Saves a view of an Organization. Null, and nothing is saved, where there is no such Organization or the
   * viewer may not see its events.
   */
  saveView: Maybe<SavedView>;
};

/** What clients may write: saved views of the Logs page, and nothing of the log. Sent by POST alone. */
export type MutationChangeViewArgs = {
  id: Scalars['ID']['input'];
  name?: InputMaybe<Scalars['String']['input']>;
  pageQuery?: InputMaybe<Scalars['String']['input']>;
  shared?: InputMaybe<Scalars['Boolean']['input']>;
};

/** What clients may write: saved views of the Logs page, and nothing of the log. Sent by POST alone. */
export type MutationDeleteViewArgs = {
  id: Scalars['ID']['input'];
};

/** What clients may write: saved views of the Logs page, and nothing of the log. Sent by POST alone. */
export type MutationSaveViewArgs = {
  name: Scalars['String']['input'];
  organizationId: Scalars['ID']['input'];
  pageQuery: Scalars['String']['input'];
  shared?: Scalars['Boolean']['input'];
};

/** Anything that can be fetched again by its `id` alone. */
export type Node = {
  /** Of this alone: nothing else in the graph has the same. Opaque; stays valid. */
  id: Scalars['ID']['output'];
};

/** A Scaleway Organization: everything here belongs to exactly one. */
export type Organization = Node & {
  __typename?: 'Organization';
  /** What the archive holds and knows to be complete. All null where the viewer may not see the events. */
  coverage: Coverage;
  /** The event with this ID in this Organization; null where there is none. */
  event: Maybe<Event>;
  /** Figures over what was done in the Organization: how much, of what kind, by whom and when. */
  eventCounts: EventCounts;
  /**
   * What arrived in this archive, in order of arrival, for programs that collect events. Who goes on from each
   * `cursor` gets every event that matches once and skips none, whenever it asks again, however late an event arrived for
   * its date, whoever restarted meanwhile. It is not in order of date: for that there is `events`. A page may have fewer
   * than `first` events, or none, and `hasMore` all the same, as only so many are looked at for one page of a filter.
   */
  eventFeed: EventFeed;
  /**
   * What was done in the Organization, by date. A list for people: an event that
   * arrives late appears in its place by date, also behind a cursor that has passed it.
   */
  events: EventConnection;
  /** Scaleway's own ID; nothing else in the graph has the same. */
  id: Scalars['ID']['output'];
  /**
   * The addresses events came from that begin so: those with the most events first, equal ones by the newest of them, then by text.
   * Of more than 10,000, some of them.
   */
  ipAddresses: Array<IpAddressCount>;
  /** Its name; null where nobody told, as Scaleway does not in its logs. */
  name: Maybe<Scalars['String']['output']>;
  /**
   * Who stands behind a principal ID in this Organization. Null for an ID that neither acted nor names
   * anyone the viewer may see.
   */
  principal: Maybe<Principal>;
  /**
   * The Users and Applications the viewer may see and everyone who ever acted, by name, then ID: those it
   * may not see, or that left, as Unknown.
   */
  principals: PrincipalConnection;
  /**
   * The resources the viewer may see that are called so, by name, then ID; and whatever has exactly the ID that
   * is searched for and was ever acted upon, whether or not it is gone or hidden.
   */
  resources: Array<Resource>;
  /**
   * The viewer's own views of the Logs page, at most 50, and those that are shared, at most
   * 100; by name, then `id`.
   */
  savedViews: Array<SavedView>;
  /**
   * The clients of events that have this in what they say they are: those with the most events first, equal ones by the newest of them, then by text.
   * Of more than 10,000, some of them.
   */
  userAgents: Array<UserAgentCount>;
};

/** A Scaleway Organization: everything here belongs to exactly one. */
export type OrganizationEventArgs = {
  id: Scalars['ID']['input'];
};

/** A Scaleway Organization: everything here belongs to exactly one. */
export type OrganizationEventCountsArgs = {
  filter?: InputMaybe<EventFilter>;
};

/** A Scaleway Organization: everything here belongs to exactly one. */
export type OrganizationEventFeedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** A Scaleway Organization: everything here belongs to exactly one. */
export type OrganizationEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: EventOrder;
};

/** A Scaleway Organization: everything here belongs to exactly one. */
export type OrganizationIpAddressesArgs = {
  first?: Scalars['Int']['input'];
  search: Scalars['String']['input'];
};

/** A Scaleway Organization: everything here belongs to exactly one. */
export type OrganizationPrincipalArgs = {
  id: Scalars['ID']['input'];
};

/** A Scaleway Organization: everything here belongs to exactly one. */
export type OrganizationPrincipalsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  search?: InputMaybe<Scalars['String']['input']>;
};

/** A Scaleway Organization: everything here belongs to exactly one. */
export type OrganizationResourcesArgs = {
  first?: Scalars['Int']['input'];
  search: Scalars['String']['input'];
};

/** A Scaleway Organization: everything here belongs to exactly one. */
export type OrganizationUserAgentsArgs = {
  first?: Scalars['Int']['input'];
  search: Scalars['String']['input'];
};

/** Where a page lies in its list. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** Cursor of the last item, for `after`; null on an empty page. */
  endCursor: Maybe<Scalars['String']['output']>;
  /** Whether the list goes on behind the last item of this page. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether there is something before the first item of this page. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first item, for `before`; null on an empty page. */
  startCursor: Maybe<Scalars['String']['output']>;
};

/**
 * Who acted. One of four: a User or an Application of the Organization's directory that the viewer
 * may see; Scaleway itself; or Unknown.
 */
export type Principal = {
  /**
   * What this principal did in the Organization it was found in, by date. A list for people: an event that
   * arrives late appears in its place by date, also behind a cursor that has passed it.
   */
  events: EventConnection;
  /**
   * Of this principal in this Organization alone: nothing else in the graph has the same. It does not depend
   * on what the viewer may know of the principal. Opaque; stays valid.
   */
  id: Scalars['ID']['output'];
  /** What to show: the name of a User or Application, or `Scaleway`, or `Unknown`. */
  name: Scalars['String']['output'];
  /** Scaleway's ID of the principal; always there. A user's or application's is also its ID as a resource. */
  principalId: Scalars['ID']['output'];
};

/**
 * Who acted. One of four: a User or an Application of the Organization's directory that the viewer
 * may see; Scaleway itself; or Unknown.
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
  /** The items of the page with their cursors. */
  edges: Array<PrincipalEdge>;
  /** The items of the page. */
  nodes: Array<Principal>;
  /** Where the page lies. */
  pageInfo: PageInfo;
  /** How many principals match on all pages, exactly. Counted only when asked for. */
  totalCount: Scalars['Int']['output'];
};

/** How many events are of one principal. */
export type PrincipalCount = {
  __typename?: 'PrincipalCount';
  /** How many events. */
  count: Scalars['Int']['output'];
  /** Who, as far as the viewer may know. */
  principal: Principal;
};

/** One of the principals of a page, with its place. */
export type PrincipalEdge = {
  __typename?: 'PrincipalEdge';
  /** Its place in the list, for `after` and `before`. Opaque; stays valid. */
  cursor: Scalars['String']['output'];
  /** The item itself. */
  node: Principal;
};

/** Where every question begins. */
export type Query = {
  __typename?: 'Query';
  /** The event with this ID; null where there is none or the viewer may not see it. */
  event: Maybe<Event>;
  /**
   * The Event, Organization, User, Application or SavedView with this `id`; null where there is none or the viewer
   * may not see it.
   */
  node: Maybe<Node>;
  /** As `node` for each `id`, in the order they were given in. */
  nodes: Array<Maybe<Node>>;
  /** The Organization with this ID; null where there is none or the viewer may not see its events. */
  organization: Maybe<Organization>;
  /** All Organizations whose events the viewer may see, by ID. */
  organizations: Array<Organization>;
  /** Who asks, and what the answer to anything else depends on. */
  viewer: Viewer;
};

/** Where every question begins. */
export type QueryEventArgs = {
  id: Scalars['ID']['input'];
};

/** Where every question begins. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};

/** Where every question begins. */
export type QueryNodesArgs = {
  ids: Array<Scalars['ID']['input']>;
};

/** Where every question begins. */
export type QueryOrganizationArgs = {
  id: Scalars['ID']['input'];
};

/** What an event is about. */
export type Resource = {
  __typename?: 'Resource';
  /**
   * Who acts with it, where it is an API key; null for anything else, and where the key is gone, or hidden
   * from the viewer, or Scaleway does not say.
   */
  bearer: Maybe<Principal>;
  /** Its type. */
  category: EventCategory;
  /** Its name now, an API key's description; null where it is gone, or hidden from the viewer, or has none. */
  name: Maybe<Scalars['String']['output']>;
  /**
   * What it was called at an instant.
   * That is the last name this archive had seen by then, or, where it had seen none yet, the first it ever saw.
   * Between two looks at Scaleway's directory, a new name counts from the last update Scaleway tells of.
   * Null where it is gone now, or hidden from the viewer, or had no name.
   */
  nameAt: Maybe<Scalars['String']['output']>;
  /**
   * The resource as one who acts, as far as the viewer may know; what it did goes on being told after it
   * is gone. Null where it is neither a User nor an Application.
   */
  principal: Maybe<Principal>;
  /** Scaleway's ID of the resource; an API key's is its access key. */
  resourceId: Scalars['ID']['output'];
};

/** What an event is about. */
export type ResourceNameAtArgs = {
  time: Scalars['DateTime']['input'];
};

/**
 * What the Logs page shows, kept under a name: by the viewer for itself, or by anyone for all who may see
 * the events of the Organization.
 */
export type SavedView = Node & {
  __typename?: 'SavedView';
  /**
   * The name of the token or person that made it; null where there was none, and for who may not see the
   * Organization's Users unless it is the viewer itself.
   */
  author: Maybe<Scalars['String']['output']>;
  /** When it was made. */
  createdAt: Scalars['DateTime']['output'];
  /**
   * Whether the viewer may delete it: its own and, as an Owner, OrganizationManager or IAMManager, whatever
   * is shared.
   */
  deletable: Scalars['Boolean']['output'];
  /** Of this alone: nothing else in the graph has the same. Opaque; stays valid. */
  id: Scalars['ID']['output'];
  /** Whether the viewer made it, and so may change it. */
  mine: Scalars['Boolean']['output'];
  /**
   * What it is called. Each viewer has a name only once in an Organization, whatever its case and accents;
   * several may share views of the same name.
   */
  name: Scalars['String']['output'];
  /**
   * What it shows: the query string of the Logs page's address, such as `last=7d&actions=DELETED`. Empty
   * where that is everything.
   */
  pageQuery: Scalars['String']['output'];
  /** Whether all who may see the events of the Organization see it. */
  shared: Scalars['Boolean']['output'];
  /** When it was last changed. */
  updatedAt: Scalars['DateTime']['output'];
};

/**
 * Scaleway itself, as when it makes the default groups of a new Organization or adds a user who
 * accepted an invitation.
 */
export type ScalewayPrincipal = Principal & {
  __typename?: 'ScalewayPrincipal';
  /**
   * What this principal did in the Organization it was found in, by date. A list for people: an event that
   * arrives late appears in its place by date, also behind a cursor that has passed it.
   */
  events: EventConnection;
  /**
   * Of this principal in this Organization alone: nothing else in the graph has the same. It does not depend
   * on what the viewer may know of the principal. Opaque; stays valid.
   */
  id: Scalars['ID']['output'];
  /** What to show: the name of a User or Application, or `Scaleway`, or `Unknown`. */
  name: Scalars['String']['output'];
  /** Scaleway's ID of the principal; always there. A user's or application's is also its ID as a resource. */
  principalId: Scalars['ID']['output'];
};

/**
 * Scaleway itself, as when it makes the default groups of a new Organization or adds a user who
 * accepted an invitation.
 */
export type ScalewayPrincipalEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: EventOrder;
};

/** What is told as it happens. */
export type Subscription = {
  __typename?: 'Subscription';
  /**
   * Each event of the Organization that matches, as it arrives in this archive, by whichever way. With `after`,
   * first everything that arrived since then, with nothing left out or repeated where the two meet. As `eventFeed`, it is
   * in order of arrival, not of date. The server may end it, when the token is no longer valid, its rights changed, or its
   * events are not taken; it says from where to go on.
   */
  eventRecorded: Event;
};

/** What is told as it happens. */
export type SubscriptionEventRecordedArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  organizationId: Scalars['ID']['input'];
};

/** How many events happened in one stretch of time. */
export type TimeCount = {
  __typename?: 'TimeCount';
  /** Of these, how many did what: in the order of EventAction, without those that have none. */
  byAction: Array<ActionCount>;
  /** How many events. */
  count: Scalars['Int']['output'];
  /** Its end, excluded. */
  end: Scalars['DateTime']['output'];
  /** Its start, included. */
  start: Scalars['DateTime']['output'];
};

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

/** A stretch of time. */
export type TimeRange = {
  __typename?: 'TimeRange';
  /** Its start, included; null where it has none: everything before `until`. */
  from: Maybe<Scalars['DateTime']['output']>;
  /** Its end, excluded. */
  until: Scalars['DateTime']['output'];
};

/**
 * Someone the viewer cannot be told about: it left the Organization, or the viewer may not see
 * principals of its kind, or it was invited and never joined. Which of these it is cannot be told apart.
 */
export type UnknownPrincipal = Principal & {
  __typename?: 'UnknownPrincipal';
  /**
   * What this principal did in the Organization it was found in, by date. A list for people: an event that
   * arrives late appears in its place by date, also behind a cursor that has passed it.
   */
  events: EventConnection;
  /**
   * Of this principal in this Organization alone: nothing else in the graph has the same. It does not depend
   * on what the viewer may know of the principal. Opaque; stays valid.
   */
  id: Scalars['ID']['output'];
  /** What to show: the name of a User or Application, or `Scaleway`, or `Unknown`. */
  name: Scalars['String']['output'];
  /** Scaleway's ID of the principal; always there. A user's or application's is also its ID as a resource. */
  principalId: Scalars['ID']['output'];
};

/**
 * Someone the viewer cannot be told about: it left the Organization, or the viewer may not see
 * principals of its kind, or it was invited and never joined. Which of these it is cannot be told apart.
 */
export type UnknownPrincipalEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: EventOrder;
};

/** A person who is a member of the Organization now. */
export type User = Node & Principal & {
  __typename?: 'User';
  /** The API keys it acts with now, the newest first. */
  apiKeys: Array<ApiKey>;
  /** When the user was made; null where Scaleway does not say. */
  createdAt: Maybe<Scalars['DateTime']['output']>;
  /** The e-mail address; null where Scaleway gives none. */
  email: Maybe<Scalars['String']['output']>;
  /**
   * What this principal did in the Organization it was found in, by date. A list for people: an event that
   * arrives late appears in its place by date, also behind a cursor that has passed it.
   */
  events: EventConnection;
  /** The first name; null where the user gave none. */
  firstName: Maybe<Scalars['String']['output']>;
  /** Of this alone: nothing else in the graph has the same. Opaque; stays valid. */
  id: Scalars['ID']['output'];
  /** When the user last signed in, as the directory knew it; null for never. */
  lastLoginAt: Maybe<Scalars['DateTime']['output']>;
  /** The last name; null where the user gave none. */
  lastName: Maybe<Scalars['String']['output']>;
  /** Whether the user is locked out; null where Scaleway does not say. */
  locked: Maybe<Scalars['Boolean']['output']>;
  /** Whether multi-factor authentication is on; null where Scaleway does not say. */
  mfa: Maybe<Scalars['Boolean']['output']>;
  /** What to show: the name of a User or Application, or `Scaleway`, or `Unknown`. */
  name: Scalars['String']['output'];
  /**
   * What it was called at an instant.
   * That is the last name this archive had seen by then, or, where it had seen none yet, the first it ever saw.
   * Between two looks at Scaleway's directory, a new name counts from the last update Scaleway tells of.
   */
  nameAt: Scalars['String']['output'];
  /** Scaleway's ID of the principal; always there. A user's or application's is also its ID as a resource. */
  principalId: Scalars['ID']['output'];
  /** Scaleway's word for the user's standing: `owner` or `member`. */
  type: Maybe<Scalars['String']['output']>;
  /** When the user was last changed; null where Scaleway does not say. */
  updatedAt: Maybe<Scalars['DateTime']['output']>;
  /** The name the user signs in with; null where Scaleway gives none. */
  username: Maybe<Scalars['String']['output']>;
};

/** A person who is a member of the Organization now. */
export type UserApiKeysArgs = {
  first?: Scalars['Int']['input'];
};

/** A person who is a member of the Organization now. */
export type UserEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: EventOrder;
};

/** A person who is a member of the Organization now. */
export type UserNameAtArgs = {
  time: Scalars['DateTime']['input'];
};

/** How many events were made with one client. */
export type UserAgentCount = {
  __typename?: 'UserAgentCount';
  /** How many events. */
  count: Scalars['Int']['output'];
  /** The date of the newest of them. */
  latest: Scalars['DateTime']['output'];
  /** As the client named itself; null for events of which none is known. */
  userAgent: Maybe<Scalars['String']['output']>;
};

/** With which clients events were made. */
export type UserAgentCounts = {
  __typename?: 'UserAgentCounts';
  /**
   * Null where all events that match are counted. Otherwise there are too many to look at, and only the
   * newest are counted: every one from this date on, and none before.
   */
  countedSince: Maybe<Scalars['DateTime']['output']>;
  /**
   * Those with the most events first, equal ones by the newest of them, then by text, where none comes
   * last.
   */
  nodes: Array<UserAgentCount>;
};

/** Who asks: the holder of the access token of this request, or who signed in. */
export type Viewer = {
  __typename?: 'Viewer';
  /** The token's ID, by which it can be revoked; of who signed in, an ID that stays the same. */
  id: Scalars['ID']['output'];
  /** One for each Organization in which the viewer was given rights. */
  memberships: Array<Membership>;
  /** The token's name, null where it was given none; or the name of who signed in. */
  name: Maybe<Scalars['String']['output']>;
};
