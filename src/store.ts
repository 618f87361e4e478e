// How the log is kept and read: the contract under every database, tested by one suite (test/store.test.ts).
// Two doors on purpose: who answers viewers holds a `LogReader` and has nothing unchecked to read from;
// who takes events in holds the `AuditStore`.

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

/** SQLite answers at once, a server later; callers await either. */
export type Awaitable<T> = T | Promise<T>

/**
 * Read access to the part of the log one viewer may see. What is hidden is indistinguishable from what is
 * not there: the same `null`, the same empty page, whatever was asked. Every read sees one state of the
 * database; two reads may see two states. Rejects with `Unavailable` where what was asked for is in a part of the
 * database that is away.
 */
export interface LogReader {
  /** The IDs that stand for Scaleway itself. */
  readonly scalewayIds: ScalewayIds

  /**
   * A page in the order by date (`comparePositions`). Pages neither repeat nor skip an event that was there
   * when the first page was read, however many share a date and whatever arrives meanwhile.
   */
  events(query: EventQuery): Awaitable<EventPage>

  /** How many events match, exactly. May read all of them: ask only when someone wants to know. */
  countEvents(organizationId: string, filter: EventFilter): Awaitable<number>

  /**
   * Figures over the events that match, each read when it is asked for. Exact wherever that is possible without
   * looking at more events one by one than others can wait for; where it is not, `since` says what they count.
   */
  eventCounts(organizationId: string, filter: EventFilter): Awaitable<EventCounts>

  /**
   * The events that arrived after a mark, in order of arrival: each once, from any mark, whatever was dated
   * when. May look at fewer than all and say so by `hasMore`, so a page may be empty and not the last.
   * `null` where the mark names no event of the Organization.
   */
  arrivals(query: FeedQuery): Awaitable<FeedPage | null>

  /** The mark behind everything that has arrived. */
  lastArrival(organizationId: string): Awaitable<FeedMark>

  /**
   * Resolves soon after an event arrives that was not there when this was called, in whichever process or
   * Organization; sometimes for no reason. Who calls it, then reads, then awaits it, misses nothing.
   */
  nextArrival(): Promise<void>

  /** What is known to be complete; `null` for an Organization that is hidden or not there. */
  coverage(organizationId: string): Awaitable<Coverage | null>

  /** As long as `ids` and in their order. Where two visible Organizations hold the same ID, the smaller Organization ID answers. */
  eventsById(ids: readonly string[]): Awaitable<(RecordedEvent | null)[]>

  /** Each of its own Organization, as long as `keys` and in their order. */
  eventsByKey(keys: readonly DirectoryKey[]): Awaitable<(RecordedEvent | null)[]>

  /**
   * The directory entries the viewer may see, as long as `keys` and in their order: `null` for removed,
   * hidden and never known alike. One statement, whatever the number of keys.
   */
  directory(keys: readonly DirectoryKey[]): Awaitable<(DirectoryEntry | null)[]>

  /** The visible entries with these IDs, in whichever Organization; as `eventsById`. */
  directoryById(ids: readonly string[]): Awaitable<(DirectoryEntry | null)[]>

  /**
   * The visible entries, each with what it was called at an instant, as long as `wanted` and in its order: by the
   * last name that the archive had seen by then, or else the first it ever saw. `null` for exactly those of which
   * `directory` tells nothing. One statement for each Organization, whatever the number.
   */
  namesAt(wanted: readonly DirectoryMoment[]): Awaitable<(NamedEntry | null)[]>

  /**
   * The API keys of each of these users and applications, as long as `bearers` and in their order: those that exist now
   * and that the viewer may see, the newest first. One statement for each Organization.
   */
  apiKeys(bearers: readonly DirectoryKey[]): Awaitable<ApiKey[][]>

  /** As long as `keys` and in their order: whether this principal stands behind any event of the Organization. */
  hasActed(keys: readonly DirectoryKey[]): Awaitable<boolean[]>

  /** As long as `ids` and in their order: the smallest visible Organization in which this principal acted. */
  actedInById(ids: readonly string[]): Awaitable<(string | null)[]>

  /** Users and applications the viewer may see and everyone who acted, by name, then ID. */
  principals(query: PrincipalQuery): Awaitable<PrincipalPage>
  countPrincipals(organizationId: string, search: string | null): Awaitable<number>

  /**
   * Resources the viewer may see whose name or ID is searched for as in `principals`, by name, then ID; before them
   * the one that has exactly this ID, if events are about it.
   */
  resources(query: ValueQuery): Awaitable<Resource[]>
  /**
   * Addresses of events that begin so, in either case of letters, with the number of all events there are: those with the
   * most first, equal ones by the newest of them, then by text. Of a very long list, some.
   */
  addresses(query: ValueQuery): Awaitable<ValueCount[]>
  /** User agents that contain it, but for the case of ASCII letters; as `addresses`. */
  userAgents(query: ValueQuery): Awaitable<ValueCount[]>

  /** As long as `ids` and in their order. */
  organizationsById(ids: readonly string[]): Awaitable<(Organization | null)[]>

  /** All that the viewer may see events of, by ID; of those that are away, whose events are asked for in vain, no name. */
  organizations(): Awaitable<Organization[]>
}

/**
 * Each figure is a read of its own, and may take several turns: what was there when it was asked for is counted
 * once; what arrives meanwhile may be in one figure and not in another.
 */
export interface EventCounts {
  /**
   * `null`: all events that match are counted. Otherwise only the newest are: every one that is dated from this
   * instant on, and none before.
   */
  readonly since: Instant | null
  /** Of each action and category that has events, in Scaleway's words; in no order. Their sum is how many there are. */
  kinds(): Awaitable<KindCount[]>
  /** Those with the most events first, equal ones by ID; no more than `first`. */
  principals(first: number): Awaitable<PrincipalCount[]>
  /** How many from each instant up to the next, excluded: one fewer than there are edges, which must ascend. */
  times(edges: readonly Instant[]): Awaitable<number[]>
  /**
   * By which addresses: those with the most events first, equal ones by the newest of them, then by text in the order
   * of code points, where no address comes last; no more than `first`.
   */
  addresses(first: number): Awaitable<ValueCounts>
  /** By which user agents; as `addresses`. */
  userAgents(first: number): Awaitable<ValueCounts>
}

/** Of a kind of value that events have, or have none of. */
export interface ValueCounts {
  /** As `EventCounts.since`, and not earlier: of these, fewer events may be counted than of the other figures. */
  readonly since: Instant | null
  readonly values: readonly ValueCount[]
}

export interface ValueCount {
  /** As in the events; `null`: of those without one. */
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

/** The same page as `EventQuery`, over principals by (name, ID) ascending; of a name only what `search` takes matters. */
export interface PrincipalQuery {
  readonly organizationId: string
  /**
   * Part of a name, user name or e-mail address the viewer may see, or of an ID, of which it must be four characters
   * or more, as people type it: case, accents,
   * Unicode form and white space around it do not matter; `null`: all.
   */
  readonly search: string | null
  readonly after: PrincipalPosition | null
  readonly before: PrincipalPosition | null
  readonly limit: number
  readonly fromEnd: boolean
}

/** The first so many of what a text finds. */
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

/** The audit log at rest. Every write is one transaction: after a crash it is there whole or not at all. */
export interface AuditStore {
  /**
   * By event ID within an Organization: one that is already here stays as it is, whatever else differs.
   * The new ones of each Organization are sealed in the same transaction; see `chains`.
   */
  append(events: readonly Event[]): Awaitable<Appended>

  /**
   * As `append`, of one Organization, and in the same transaction: these windows of its log are read. Windows
   * noted before that overlap any of them are forgotten.
   */
  appendRead(events: readonly Event[], windows: readonly ReadWindow[]): Awaitable<Appended>

  /** The windows of an Organization's log that are read, apart from each other and in order. */
  readWindows(organizationId: string): Awaitable<ReadWindow[]>

  /**
   * Tells what an Organization's directory lists of one kind. With `complete`, entries that are not listed
   * are removed. A removed entry is erased: no byte of its name or address stays in a SQLite database's files;
   * what a server keeps of it beside its tables is for who runs the server (see storage/directory.ts).
   * An entry that an event says was deleted, after it was created, is not taken in; and such an event erases it.
   * Of a policy whose rules were not read, the permission sets stay as they were.
   *
   * What an entry was called before is kept for as long as the entry, and erased with it. A new name holds from
   * the date of the entry's last update, or from when it was taken in, where that date is missing or not later
   * than the former name's; a first name also from the date of creation. An entry of another kind, or with another
   * date of creation, is not the one that had the ID before.
   */
  describe(listing: DirectoryListing): Awaitable<DirectoryChanges>

  /** Names an Organization, and makes it known if it was not. */
  nameOrganization(organization: Organization): Awaitable<void>

  /**
   * What a Scaleway principal may do in an Organization, by the directory: an owner, or the permission sets
   * that policies grant it, its groups included. `null` for one that is not listed there, or is locked.
   */
  membership(principal: DirectoryKey): Awaitable<Membership | null>

  /** One for each Organization, by ID; for those who operate the archive. */
  coverages(): Awaitable<Coverage[]>

  /**
   * Drops the events of all Organizations that are dated before the instant, by whole months of UTC: what is
   * younger than the end of the last whole month before it stays. They are gone from every answer and count; who
   * brings them again brings events that are `known`.
   */
  dropBefore(before: Instant): Awaitable<DroppedEvents>

  /** What `dropBefore` would drop now. */
  expired(before: Instant): Awaitable<DroppedEvents>

  /**
   * Copies everything as of one moment to a new file, tokens included, while others read and write. After a crash
   * there is no file of that name, or a whole one. Refused by a database whose server has tools of its own for it.
   */
  backup(file: string): Awaitable<void>

  /** `goOn` is called before each statement of a read; what it throws ends the read, soon however long it is. */
  reader(visibility: Visibility, goOn?: () => void): LogReader
  /** The views of a viewer, and those that are shared with it. */
  savedViews(visibility: Visibility, viewer: Pick<Viewer, 'account' | 'name'>): SavedViews
  readonly tokens: TokenStore
  readonly access: AccessStore
  readonly sessions: SessionStore

  /** Resolves when the database answers a read; throws when it does not. */
  check(): Awaitable<void>
  /** Every fault found in the files, in words; empty when sound. Reads everything: slow. */
  verify(): Awaitable<string[]>
  /**
   * Makes the seals of every Organization again from its events, by Organization ID, and looks for the heads that were
   * kept elsewhere; of an Organization that is not here it tells nothing. Reads everything: slow.
   */
  chains(kept: readonly Head[]): Promise<Chain[]>
  /** All Organization IDs, for those who operate the archive. */
  organizationIds(): Awaitable<string[]>
  close(): Awaitable<void>
}

export interface Appended {
  readonly added: number
  /** Events that were here already, or twice in the call, or dropped by `dropBefore`. */
  readonly known: number
}

export interface DroppedEvents {
  /** How many events were dropped now. */
  readonly dropped: number
  /** The date from which on events are kept; `null`: from the beginning. */
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
 * What one viewer may do with saved views. Those that are hidden, as others made them and do not share them, or as the
 * Organization is hidden, are not there: `null`, and nothing is done. Refuses with `LIMIT_EXCEEDED` what goes beyond
 * `VIEW_LIMITS`, with `BAD_USER_INPUT` a name that another view of the viewer has, but for case and accents, and with
 * `FORBIDDEN` what is for others to do.
 */
export interface SavedViews {
  /** By name, then ID. */
  list(organizationId: string): Awaitable<SavedView[]>
  find(key: DirectoryKey): Awaitable<SavedView | null>
  save(organizationId: string, content: SavedViewContent): Awaitable<SavedView | null>
  /** One's own alone. */
  change(key: DirectoryKey, change: Partial<SavedViewContent>): Awaitable<SavedView | null>
  /** As it was; one's own or, by who manages the Organization, a shared one. */
  delete(key: DirectoryKey): Awaitable<SavedView | null>
}

/** Access tokens at rest. The secret is never here, only what `auth` made of it. */
export interface TokenStore {
  create(token: AccessToken, hash: Uint8Array): Awaitable<void>
  /** By the hash of its secret, with its expiry not looked at; `null` when there is none. */
  find(hash: Uint8Array): Awaitable<FoundToken | null>
  /** All, oldest first. */
  list(): Awaitable<AccessToken[]>
  /** Whether there was one. Effective for the next `find`, in every process. */
  revoke(id: string): Awaitable<boolean>
}

interface FoundToken {
  /** With the rights it has now. */
  readonly viewer: Viewer
  readonly expiresAt: Instant | null
}

/** What persons may see whom an identity provider vouches for. */
export interface AccessStore {
  create(grant: AccessGrant): Awaitable<void>
  /** What is granted to this person and to their groups: several for one Organization add up. */
  membershipsOf(person: Person): Awaitable<Membership[]>
  /** All, oldest first. */
  list(): Awaitable<AccessGrant[]>
  /** The grant that there was, or `null`. Effective for the next `membershipsOf`, in every process. */
  revoke(id: string): Awaitable<AccessGrant | null>
}

/** Sessions of browsers at rest. The secret in the cookie is never here, only its hash. */
export interface SessionStore {
  /** Drops what has ended by now, and all but the newest sessions of this person. */
  create(session: KeptSession, now: Instant): Awaitable<void>
  /** `null` when there is none; whether it has ended is not looked at. */
  find(hash: Uint8Array): Awaitable<KeptSession | null>
  /** Moves `checkAt` where it is still the same: only one of those who try at once gets true. */
  claim(session: KeptSession, checkAt: Instant): Awaitable<boolean>
  /** What is known after the issuer was asked. Nothing happens where the session was ended meanwhile. */
  update(session: KeptSession): Awaitable<void>
  /** Effective for the next `find`, in every process. */
  end(hash: Uint8Array): Awaitable<void>
}

/** What a database may not promise about time: the instant a write is recorded at is the store's clock's. */
export type Clock = () => Instant
