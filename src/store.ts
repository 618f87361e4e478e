// The storage contract, the same for every database and tested by one suite (test/store.test.ts). It has two
// interfaces: a `LogReader` is limited to what one viewer may see, and is all that code which answers viewers holds;
// the `AuditStore` is unrestricted, for ingestion and administration.

import type { Chain, Head } from './chain.ts'
import type { Coverage, ReadWindow } from './coverage.ts'
import type {
  Event,
  EventFilter,
  EventPage,
  EventQuery,
  FeedMark,
  FeedPage,
  FeedQuery,
  RecordedEvent,
} from './event.ts'
import type { Instant } from './instant.ts'
import type { Organization } from './organization.ts'
import type {
  ApiKey,
  DirectoryEntry,
  DirectoryKey,
  DirectoryKind,
  DirectoryMoment,
  NamedEntry,
  Principal,
  Resource,
  ScalewayIds,
} from './principal.ts'
import type { SavedView, SavedViewContent } from './saved-view.ts'
import type { AccessGrant, AccessToken, KeptSession, Membership, Person, Viewer } from './viewer.ts'
import type { Visibility } from './visibility.ts'

/** SQLite answers synchronously, a server asynchronously; callers await either. */
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
   * The events that arrived after a cursor (`mark`), in order of arrival, whatever their dates: each once, from any
   * cursor. A call may examine only part of the log and then sets `hasMore`, so an empty page need not be the last.
   * `null` if the cursor is not an event of the Organization.
   */
  arrivals(query: FeedQuery): Awaitable<FeedPage | null>

  /** The cursor after everything that has arrived. */
  lastArrival(organizationId: string): Awaitable<FeedMark>

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
   * The resources that the viewer may see and whose name or ID contains the text (as `PrincipalQuery.search`), by
   * name, then ID. A resource with exactly this ID comes first if there are events about it.
   */
  resources(query: ValueQuery): Awaitable<Resource[]>
  /**
   * The IP addresses of events that begin with the text, ignoring case, each with its number of events: those with
   * the most events first, equal ones by their newest event, then by text. Of a very long list, only a part is
   * considered.
   */
  addresses(query: ValueQuery): Awaitable<ValueCount[]>
  /**
   * The user agents of events that contain the text, ignoring the case of ASCII letters; otherwise as `addresses`.
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
   * The number of events of each action and category that has any, in Scaleway's words, in no order. Their sum is the
   * number of all events counted.
   */
  kinds(): Awaitable<KindCount[]>
  /** At most `first` principals: those with the most events first, equal ones by ID. */
  principals(first: number): Awaitable<PrincipalCount[]>
  /**
   * The number of events from each edge (included) up to the next (excluded): one number fewer than there are edges.
   * Edges must ascend.
   */
  times(edges: readonly Instant[]): Awaitable<number[]>
  /**
   * At most `first` IP addresses: those with the most events first, equal ones by their newest event, then by text in
   * the order of code points, `null` last.
   */
  addresses(first: number): Awaitable<ValueCounts>
  /** User agents; as `addresses`. */
  userAgents(first: number): Awaitable<ValueCounts>
}

export interface ValueCounts {
  /** As `EventCounts.since`, or later: fewer events may be counted here than by the other methods. */
  readonly since: Instant | null
  readonly values: readonly ValueCount[]
}

export interface ValueCount {
  /** As in the events; `null`: the events without one. */
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

export interface PrincipalCount {
  readonly principalId: string
  readonly events: number
}

/**
 * A page as in `EventQuery`, of principals by (name, ID) ascending. Names are compared without what `search` ignores.
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

/**
 * The stored audit log, unrestricted. Every write is one transaction: after a crash it is there completely or not at
 * all.
 */
export interface AuditStore {
  /**
   * Adds events. An event whose ID already exists in its Organization stays as it is, whatever else differs. The new
   * events of each Organization are sealed in the same transaction; see `chains`.
   */
  append(events: readonly Event[]): Awaitable<Appended>

  /**
   * As `append`, for one Organization, and records in the same transaction that these windows of its log were read.
   * Replaces earlier windows that overlap any of them.
   */
  appendRead(events: readonly Event[], windows: readonly ReadWindow[]): Awaitable<Appended>

  /** The windows of an Organization's log that were read, disjoint and in order. */
  readWindows(organizationId: string): Awaitable<ReadWindow[]>

  /**
   * Updates an Organization's directory for one kind of entry. With `complete`, entries that are not listed are
   * removed. A removed entry is erased: no byte of its name or address stays in the files of a SQLite database;
   * whatever a PostgreSQL server keeps outside its tables is its operator's responsibility (see
   * storage/directory.ts). An entry is ignored if an event says that it was deleted after its creation, and such an
   * event erases an existing one. If the rules of a policy were not read, its permission sets stay unchanged.
   *
   * Former names are kept as long as the entry, and erased with it. A new name is valid from the date of the entry's
   * last update, or from when it was recorded if that date is missing or not later than the former name's. The first
   * known name is valid from the date of the last update, or else of creation, or else from when it was recorded. An
   * entry of another kind, or with another date of creation, is not the one that had the ID before.
   */
  describe(listing: DirectoryListing): Awaitable<DirectoryChanges>

  /** Sets the name of an Organization, and creates it if it does not exist. */
  nameOrganization(organization: Organization): Awaitable<void>

  /**
   * The rights of a Scaleway principal in an Organization, according to the directory: Owner, or the permission sets
   * that policies grant to it and to its groups. `null` if it is not in the directory, or is locked.
   */
  membership(principal: DirectoryKey): Awaitable<Membership | null>

  /** Of every Organization, by ID; for operators. */
  coverages(): Awaitable<Coverage[]>

  /**
   * Deletes the events of all Organizations dated before the start of the UTC month that `before` lies in. They are
   * gone from every answer and count; if they are appended again, they are ignored and count as `known`.
   */
  dropBefore(before: Instant): Awaitable<DroppedEvents>

  /** What `dropBefore` would delete now. */
  expired(before: Instant): Awaitable<DroppedEvents>

  /**
   * Copies one consistent state, tokens included, to a new file, while others read and write. After a crash there is
   * no file of that name, or a complete one. PostgreSQL refuses it, as it has its own tools.
   */
  backup(file: string): Awaitable<void>

  /** `goOn` is called before each SQL statement of a read; if it throws, the read ends soon with that error. */
  reader(visibility: Visibility, goOn?: () => void): LogReader
  /** The viewer's own saved views and those shared with it. */
  savedViews(visibility: Visibility, viewer: Pick<Viewer, 'account' | 'name'>): SavedViews
  readonly tokens: TokenStore
  readonly access: AccessStore
  readonly sessions: SessionStore

  /** Resolves if the database answers a read, rejects if it does not. */
  check(): Awaitable<void>
  /** A message for each fault found in the database; empty if there is none. Reads everything: slow. */
  verify(): Awaitable<string[]>
  /**
   * Computes the seals of every Organization again from its events, and looks for the heads in `kept`, which were
   * stored elsewhere. By Organization ID; heads of Organizations that do not exist here are ignored. Reads
   * everything: slow.
   */
  chains(kept: readonly Head[]): Promise<Chain[]>
  /** All Organization IDs; for operators. */
  organizationIds(): Awaitable<string[]>
  close(): Awaitable<void>
}

export interface Appended {
  readonly added: number
  /** Events that already existed, occurred twice in the call, or are of a time that `dropBefore` has deleted. */
  readonly known: number
}

export interface DroppedEvents {
  /** The number of events that this call deleted, or would delete. */
  readonly dropped: number
  /** Events dated at or after this are kept; `null`: all. */
  readonly from: Instant | null
}

export interface DirectoryListing {
  readonly organizationId: string
  readonly kind: DirectoryKind
  readonly entries: readonly DirectoryEntry[]
  readonly complete: boolean
}

export interface DirectoryChanges {
  readonly written: number
  readonly removed: number
}

/**
 * The saved views of one viewer. Views that are hidden, because others made them and do not share them or because the
 * Organization is hidden, are treated as missing: methods return `null` and change nothing. Errors: `LIMIT_EXCEEDED`
 * beyond `VIEW_LIMITS`; `BAD_USER_INPUT` if another view of the viewer has the same name, ignoring case and accents;
 * `FORBIDDEN` if the viewer may see the view, but not change or delete it.
 */
export interface SavedViews {
  /** By name, then ID. */
  list(organizationId: string): Awaitable<SavedView[]>
  find(key: DirectoryKey): Awaitable<SavedView | null>
  save(organizationId: string, content: SavedViewContent): Awaitable<SavedView | null>
  /** Only for the viewer's own views. */
  change(key: DirectoryKey, change: Partial<SavedViewContent>): Awaitable<SavedView | null>
  /**
   * Returns the deleted view. For the viewer's own views, and for shared ones if the viewer manages the Organization.
   */
  delete(key: DirectoryKey): Awaitable<SavedView | null>
}

/** Stored access tokens. Secrets are not stored, only their hashes, which `auth` computes. */
export interface TokenStore {
  create(token: AccessToken, hash: Uint8Array): Awaitable<void>
  /** By the hash of its secret; `null` if there is none. Does not check the expiry. */
  find(hash: Uint8Array): Awaitable<FoundToken | null>
  /** All, oldest first. */
  list(): Awaitable<AccessToken[]>
  /** Whether the token existed. Effective for the next `find`, in every process. */
  revoke(id: string): Awaitable<boolean>
}

interface FoundToken {
  /** With its current rights. */
  readonly viewer: Viewer
  readonly expiresAt: Instant | null
}

/** Stored rights of persons who sign in with an identity provider. */
export interface AccessStore {
  create(grant: AccessGrant): Awaitable<void>
  /** The rights granted to this person and to their groups; several for one Organization add up. */
  membershipsOf(person: Person): Awaitable<Membership[]>
  /** All, oldest first. */
  list(): Awaitable<AccessGrant[]>
  /** The revoked grant; `null` if it did not exist. Effective for the next `membershipsOf`, in every process. */
  revoke(id: string): Awaitable<AccessGrant | null>
}

/** Stored browser sessions. The secret in the cookie is not stored, only its hash. */
export interface SessionStore {
  /** Also deletes all sessions that have expired by `now`, and all but the newest sessions of this person. */
  create(session: KeptSession, now: Instant): Awaitable<void>
  /** `null` if there is none. Does not check the expiry. */
  find(hash: Uint8Array): Awaitable<KeptSession | null>
  /** Sets `checkAt` if it is unchanged (compare and swap): of concurrent callers only one gets `true`. */
  claim(session: KeptSession, checkAt: Instant): Awaitable<boolean>
  /** Stores the result of a request to the issuer. Does nothing if the session was ended meanwhile. */
  update(session: KeptSession): Awaitable<void>
  /** Effective for the next `find`, in every process. */
  end(hash: Uint8Array): Awaitable<void>
}

/** The source of the time at which writes are recorded: the store's, not the database's. */
export type Clock = () => Instant
