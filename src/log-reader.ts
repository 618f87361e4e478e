// Reading the log as one viewer may see it. Code that serves viewers has access only to this. See store.ts for the rest
// of the storage contract.

import type { Coverage } from './coverage.ts'
import type {
  EventFilter,
  EventPage,
  EventQuery,
  FeedCursor,
  FeedPage,
  FeedQuery,
  RecordedEvent,
} from './event.ts'
import type { Instant } from './instant.ts'
import type {
  ApiKey,
  DirectoryEntry,
  DirectoryKey,
  DirectoryMoment,
  NamedEntry,
  Principal,
  Resource,
  ScalewayIds,
} from './principal.ts'

/** The tenant. Data of one Organization must not change any byte of a response about another. */
export interface Organization {
  readonly id: string
  /** Scaleway's logs do not contain it; `null` unless it was set. */
  readonly name: string | null
}

/** SQLite returns synchronously, a server asynchronously; callers await either. */
export type Awaitable<T> = T | Promise<T>

/**
 * Read access to the part of the log that one viewer may see. In every method, hidden data is indistinguishable from
 * missing data: the same `null` or the same empty page. Each read sees one consistent state of the database; two
 * reads may see different states. Rejects with `Unavailable` if the requested data is in a part of the database that
 * does not respond.
 */
export interface LogReader {
  /** The principal IDs that stand for Scaleway itself. */
  readonly scalewayIds: ScalewayIds

  /**
   * A page of events in the order by date (`comparePositions`). Pages neither repeat nor skip an event that existed
   * when the first page was read, even if many events share a date or more arrive meanwhile.
   */
  events(query: EventQuery): Awaitable<EventPage>

  /** The exact number of events that match. May read all of them, so call it only when the number is needed. */
  countEvents(organizationId: string, filter: EventFilter): Awaitable<number>

  /**
   * Counts of the events that match, each read when its method is called. They are exact if that needs only a limited
   * number of events to be read one by one, so that other requests are not delayed; if not, `since` says which events
   * are counted.
   */
  eventCounts(organizationId: string, filter: EventFilter): Awaitable<EventCounts>

  /**
   * The events that arrived after a cursor, in order of arrival, whatever their dates: each once, from any
   * cursor. A call may examine only part of the log and then sets `hasMore`, so an empty page need not be the last.
   * `null` if the cursor is not an event of the Organization.
   */
  arrivals(query: FeedQuery): Awaitable<FeedPage | null>

  /** The cursor after all events that have arrived. */
  lastArrival(organizationId: string): Awaitable<FeedCursor>

  /**
   * Resolves soon after an event arrives that did not exist when this was called, in any process and any
   * Organization; may also resolve without one. To miss nothing: call it, then read, then await its promise.
   */
  nextArrival(): Promise<void>

  /** Which ranges of the log are complete; `null` for an Organization that is hidden or does not exist. */
  coverage(organizationId: string): Awaitable<Coverage | null>

  /**
   * One result for each of `ids`, in their order. If several visible Organizations have the same event ID, the event
   * is that of the smallest Organization ID.
   */
  eventsById(ids: readonly string[]): Awaitable<(RecordedEvent | null)[]>

  /** One result for each of `keys`, in their order. */
  eventsByKey(keys: readonly DirectoryKey[]): Awaitable<(RecordedEvent | null)[]>

  /**
   * The directory entries that the viewer may see, one result for each of `keys`, in their order: `null` for an entry
   * that was removed, is hidden or was never known. One SQL statement for any number of keys.
   */
  directory(keys: readonly DirectoryKey[]): Awaitable<(DirectoryEntry | null)[]>

  /** The visible entries with these IDs, in any Organization; length, order and choice as in `eventsById`. */
  directoryById(ids: readonly string[]): Awaitable<(DirectoryEntry | null)[]>

  /**
   * The visible entries, each with its name at an instant, one result for each of `wanted`, in their order. The name
   * is the last that the archive had seen by then, or else the first that it ever saw. `null` exactly where
   * `directory` returns `null`. One SQL statement for each Organization, for any number of entries.
   */
  namesAt(wanted: readonly DirectoryMoment[]): Awaitable<(NamedEntry | null)[]>

  /**
   * The API keys of each of these users and applications, one list for each of `bearers`, in their order: the keys
   * that exist now and that the viewer may see, newest first. One SQL statement for each Organization.
   */
  apiKeys(bearers: readonly DirectoryKey[]): Awaitable<ApiKey[][]>

  /**
   * Whether each principal is that of any event of its Organization; one result for each of `keys`, in their order.
   */
  hasActed(keys: readonly DirectoryKey[]): Awaitable<boolean[]>

  /**
   * The smallest ID of a visible Organization in which each principal acted; one result for each of `ids`, in their
   * order.
   */
  actedInById(ids: readonly string[]): Awaitable<(string | null)[]>

  /** The users and applications that the viewer may see, and every principal that acted, by name, then ID. */
  principals(query: PrincipalQuery): Awaitable<PrincipalPage>
  countPrincipals(organizationId: string, search: string | null): Awaitable<number>

  /**
   * The resources that the viewer may see and whose name or ID contains the text (like `PrincipalQuery.search`), by
   * name, then ID. A resource with exactly this ID comes first if there are events about it.
   */
  resources(query: ValueQuery): Awaitable<Resource[]>
  /**
   * The IP addresses of events that begin with the text, ignoring case, each with its number of events: those with the
   * most events first, those with equal numbers by their newest event, then by text. Of a very long list, only a part
   * is considered.
   */
  addresses(query: ValueQuery): Awaitable<ValueCount[]>
  /**
   * The user agents of events that contain the text, ignoring the case of ASCII letters; otherwise like `addresses`.
   */
  userAgents(query: ValueQuery): Awaitable<ValueCount[]>

  /** One result for each of `ids`, in their order. */
  organizationsById(ids: readonly string[]): Awaitable<(Organization | null)[]>

  /**
   * All Organizations whose events the viewer may see, by ID. Those in a part of the database that does not respond
   * have no name, and reading their events fails.
   */
  organizations(): Awaitable<Organization[]>
}

/**
 * Each method is a separate read, which may yield to the event loop: events that existed when it was called are
 * counted once; events that arrive meanwhile may be counted by one method and not by another.
 */
export interface EventCounts {
  /**
   * `null`: all events that match are counted. Otherwise only the newest: all those dated at or after this instant,
   * and none before.
   */
  readonly since: Instant | null
  /**
   * The number of events of each action and category that has any, in Scaleway's words, in no particular order. Their
   * sum is the number of all events counted.
   */
  kinds(): Awaitable<KindCount[]>
  /** At most `first` principals: those with the most events first, those with equal numbers by ID. */
  principals(first: number): Awaitable<PrincipalCount[]>
  /**
   * The number of events from each edge (included) to the next (excluded): one number fewer than there are edges. Edges
   * must ascend.
   */
  times(edges: readonly Instant[]): Awaitable<number[]>
  /**
   * At most `first` IP addresses: those with the most events first, those with equal numbers by their newest event,
   * then by text in the order of code points, `null` last.
   */
  addresses(first: number): Awaitable<ValueCounts>
  /** User agents; like `addresses`. */
  userAgents(first: number): Awaitable<ValueCounts>
}

export interface ValueCounts {
  /** Like `EventCounts.since`, or later: fewer events may be counted here than by the other methods. */
  readonly since: Instant | null
  readonly values: readonly ValueCount[]
}

export interface ValueCount {
  /** The value in the events; `null`: the events without a value. */
  readonly value: string | null
  /** At least one. */
  readonly events: number
  /** The date of the newest of them. */
  readonly latest: Instant
}

export interface KindCount {
  readonly action: string
  readonly category: string
  readonly events: number
}

interface PrincipalCount {
  readonly principalId: string
  readonly events: number
}

/**
 * A page like in `EventQuery`, of principals by (name, ID) ascending. Names are compared without the differences that
 * `search` ignores.
 */
export interface PrincipalQuery {
  readonly organizationId: string
  /**
   * Part of a name, user name or e-mail address that the viewer may see, or at least four characters of an ID. Case,
   * accents, Unicode form and surrounding white space are ignored. `null`: all.
   */
  readonly search: string | null
  readonly after: PrincipalPosition | null
  readonly before: PrincipalPosition | null
  readonly limit: number
  readonly fromEnd: boolean
}

/** The first `limit` results of a search for a text. */
export interface ValueQuery {
  readonly organizationId: string
  readonly search: string
  readonly limit: number
}

export interface PrincipalPosition {
  readonly name: string
  readonly id: string
}

export interface PrincipalPage {
  readonly principals: readonly Principal[]
  readonly hasMore: boolean
}
