// The storage contract, the same for every database and tested by one suite (test/store.test.ts). It has two
// interfaces: a `LogReader` (log-reader.ts) is limited to what one viewer may see, and is all that code which serves
// viewers has access to; the `AuditStore` is unrestricted, for ingestion and administration.

import type { Coverage, ReadWindow } from './coverage.ts'
import type { Event } from './event.ts'
import type { Instant } from './instant.ts'
import type { Awaitable, LogReader, Organization } from './log-reader.ts'
import type { DirectoryEntry, DirectoryKey, DirectoryKind } from './principal.ts'
import type { SavedView, SavedViewContent } from './saved-view.ts'
import type { AccessGrant, AccessToken, KeptSession, Membership, Person, Viewer } from './viewer.ts'
import type { Visibility } from './visibility.ts'

/**
 * The stored audit log, unrestricted. Every write is one transaction: after a crash it is stored completely or not at
 * all.
 */
export interface AuditStore {
  /**
   * Adds events. An event whose ID already exists in its Organization remains unchanged, whatever else differs. The new
   * events of each Organization are sealed in the same transaction; see `chains`.
   */
  append(events: readonly Event[]): Awaitable<Appended>

  /**
   * Like `append`, for one Organization, and records in the same transaction that these windows of its log were read.
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
  updateDirectory(listing: DirectoryListing): Awaitable<DirectoryChanges>

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
   * Deletes the events of all Organizations dated before the start of the UTC month that contains `before`. They no
   * longer appear in any response or count; if they are appended again, they are ignored and count as `expired`.
   */
  dropBefore(before: Instant): Awaitable<DroppedEvents>

  /** What `dropBefore` would delete now. */
  expired(before: Instant): Awaitable<DroppedEvents>

  /**
   * Copies one consistent state, tokens included, to a new file, while others read and write. After a crash there is no
   * file of that name, or a complete one. Not supported for PostgreSQL, which has its own tools.
   */
  backup(file: string): Awaitable<void>

  /** `goOn` is called before each SQL statement of a read; if it throws, the read ends soon with that error. */
  reader(visibility: Visibility, goOn?: () => void): LogReader
  /** The viewer's own saved views and those shared with it. */
  savedViews(visibility: Visibility, viewer: Pick<Viewer, 'account' | 'name'>): SavedViews
  readonly tokens: TokenStore
  readonly access: AccessStore
  readonly sessions: SessionStore

  /** Resolves if the database responds to a read, rejects otherwise. */
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
  /** Events that already existed, or occurred twice in the call. */
  readonly known: number
  /** Events of a time that `dropBefore` has deleted. */
  readonly expired: number
}

export const NOTHING_APPENDED: Appended = { added: 0, known: 0, expired: 0 }

export function sumAppended(one: Appended, other: Appended): Appended {
  return {
    added: one.added + other.added,
    known: one.known + other.known,
    expired: one.expired + other.expired,
  }
}

/**
 * The state of an Organization's log at one time: the head of the hash chain that proves that the log is unchanged. Each
 * batch of an Organization's new events is sealed when it is written. Each seal includes the one before, so the head
 * covers all. An attacker who can write to the database can also write new seals: only comparing with a head that was
 * stored elsewhere detects that. Heads with equal `events` but different hashes mean different events.
 */
export interface Head {
  readonly organizationId: string
  /** The number of events ever added, including those that retention has deleted. */
  readonly events: number
  /** 64 hexadecimal digits in lower case. */
  readonly hash: string
}

/** The result of computing the seals of an Organization again from its events. */
export interface Chain {
  readonly organizationId: string
  /** `null`: there is no seal. */
  readonly head: Head | null
  /** The number of events that retention has deleted. */
  readonly dropped: number
  /** Events dated before this have been deleted; `null`: none. */
  readonly droppedBefore: Instant | null
  /** Messages: the first place where events and seals differ, and each kept head that is not in the chain. */
  readonly faults: readonly string[]
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

/** The number of directory entries that are new or changed, and that were removed. */
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
  /** By the hash of its secret; `null` if not found. Does not check the expiry. */
  find(hash: Uint8Array): Awaitable<FoundToken | null>
  /** All, oldest first. */
  list(): Awaitable<AccessToken[]>
  /** The revoked token; `null` if it did not exist. Effective for the next `find`, in every process. */
  revoke(id: string): Awaitable<AccessToken | null>
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
  /** `null` if not found. Does not check the expiry. */
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
