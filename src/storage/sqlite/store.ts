// The audit log in one SQLite file. One writer at a time by SQLite's own lock, so arrival numbers become
// visible in their order; readers never wait for it.

import type { Chain, Head } from '../../chain.ts'
import type { ReadWindow } from '../../coverage.ts'
import { Refusal } from '../../errors.ts'
import { now } from '../../instant.ts'
import type { DirectoryKey, ScalewayIds } from '../../principal.ts'
import type { Appended, AuditStore, Clock } from '../../store.ts'
import type { Membership } from '../../viewer.ts'
import { decodeId, encodeId, type StoredId } from '../codec.ts'
import { watchArrivals } from './arrivals.ts'
import { backUp } from './backup.ts'
import { untrueTimes } from './counts-verify.ts'
import { noteRead, readCoverages, readWindows } from './coverage.ts'
import { asked, openSqliteDatabase, type StatementHook } from './database.ts'
import { describeDirectory, emptyLog, rewriteDirectory } from './directory.ts'
import { batchesOf, type EventBatch } from './event-batch.ts'
import { createIntake } from './intake.ts'
import { migrateSqlite } from './migrate.ts'
import { untrueNames } from './names.ts'
import { createSqliteReader, type OrganizationKeys } from './reader.ts'
import { readMembership } from './rights.ts'
import { readSqliteChain } from './seals.ts'
import { keepSum, type Summed, untrueSums } from './sums.ts'
import { untrueRuns } from './sums-verify.ts'
import { untrueDates } from './tallies-verify.ts'
import { createSqliteTokens } from './tokens.ts'

export interface SqliteOptions {
  readonly scalewayIds: ScalewayIds
  readonly clock?: Clock
  readonly onStatement?: StatementHook
  /** How many new event IDs wait before they settle; a million unless said. */
  readonly mostWaitingIds?: number
}

export interface SqliteStore extends AuditStore {
  /** As `appendRead`, of events that were looked at before, maybe on another thread. */
  appendBatches(batches: readonly EventBatch[], windows: readonly ReadWindow[]): Appended
}

const NEWEST_ORGANIZATION = 'SELECT max(key) FROM organizations'

/** Opens or makes the file and brings it up to date. */
export function openSqliteStore(file: string, options: SqliteOptions): SqliteStore {
  const { scalewayIds, clock = now, onStatement, mostWaitingIds } = options
  const db = openSqliteDatabase(file, onStatement)
  try {
    migrateSqlite(db)
  } catch (error) {
    db.close()
    throw error
  }
  const intake = createIntake(db, mostWaitingIds)
  const arrivals = watchArrivals(db)
  const keys = rememberOrganizations()

  let logHoldsErased = false
  /** The key of the newest Organization that is in their sum. */
  let newestSummed = 0
  /** Why nothing more is written. */
  let failed: Error | null = null

  /**
   * A write that is there whole or not at all; what was erased in it is gone from the files after it. `changed` are
   * the tables whose sums are due.
   */
  function write<T extends { erased: boolean; changed?: readonly Summed[] }>(work: () => T): T {
    if (failed !== null) throw failed
    let done: T
    let summed = 0
    try {
      done = db.transaction(() => {
        const done = work()
        if (done.erased) rewriteDirectory(db)
        const changed = new Set(done.changed)
        for (const table of done.erased ? (['directory', 'names'] as const) : []) changed.add(table)
        const newest = db.row<[number | null]>({ text: NEWEST_ORGANIZATION, values: [] })?.[0] ?? 0
        if (newest !== newestSummed) changed.add('organizations')
        for (const table of changed) keepSum(db, table)
        summed = newest
        return done
      })
    } catch (error) {
      intake.reset()
      if (!isDiskFailure(error)) throw error
      failed = new DiskFailed(error)
      throw failed
    }
    newestSummed = summed
    if (done.erased || logHoldsErased) logHoldsErased = !emptyLog(db)
    return done
  }

  function rememberOrganizations(): OrganizationKeys {
    const known = new Map<string, number>()
    return {
      find(id) {
        const key = known.get(id)
        if (key !== undefined) return key
        const row = db.row<[number]>({
          text: 'SELECT key FROM organizations WHERE id = ?',
          values: [encodeId(id)],
        })
        if (row === null) return null
        known.set(id, row[0])
        return row[0]
      },
      remember: (id, key) => known.set(id, key),
    }
  }

  function take(batches: readonly EventBatch[], windows: readonly ReadWindow[]): Appended {
    const { added, known } = write(() => {
      const taken = { added: 0, known: 0, erased: false }
      const recordedAt = clock()
      for (const batch of batches) {
        const { added, known, forgotten } = intake.take(batch, recordedAt)
        taken.added += added
        taken.known += known
        taken.erased ||= forgotten > 0
      }
      for (const window of windows) {
        noteRead(db, intake.organizationKey(window.organizationId), window)
      }
      return taken
    })
    if (added > 0) arrivals.came()
    return { added, known }
  }

  function membership({ organizationId, id }: DirectoryKey): Membership | null {
    const key = keys.find(organizationId)
    return key === null ? null : readMembership(db, key, { organizationId, id })
  }

  return {
    append(events) {
      if (events.length === 0) return { added: 0, known: 0 }
      return take(batchesOf(events), [])
    },

    appendRead: (events, windows) => take(batchesOf(events), windows),
    appendBatches: take,

    readWindows(organizationId) {
      const key = keys.find(organizationId)
      return key === null ? [] : readWindows(db, key, organizationId)
    },

    describe(listing) {
      const { written, removed } = write(() => {
        const organization = intake.organizationKey(listing.organizationId)
        const done = describeDirectory(db, organization, listing, clock())
        return { ...done, changed: done.written > 0 ? (['directory', 'names'] as const) : [] }
      })
      return { written, removed }
    },

    nameOrganization({ id, name }) {
      write(() => {
        const key = intake.organizationKey(id)
        db.run('UPDATE organizations SET name = ? WHERE key = ?', name, key)
        return { erased: false, changed: ['organizations'] as const }
      })
    },

    membership,
    coverages: () => readCoverages(db),

    dropBefore() {
      throw new Refusal(
        'BAD_USER_INPUT',
        'a SQLite database keeps all its events; only PostgreSQL can drop them by month',
      )
    },

    backup: file => backUp(db, file),

    reader: (visibility, goOn) =>
      createSqliteReader(
        goOn === undefined ? db : asked(db, goOn),
        keys,
        visibility,
        scalewayIds,
        arrivals.next,
      ),
    tokens: createSqliteTokens(db, membership),

    check() {
      db.checkPlace()
      db.row({ text: 'SELECT max(arrival) FROM events', values: [] })
    },

    verify() {
      try {
        const faults = db
          .rows<[string]>({ text: 'PRAGMA integrity_check', values: [] })
          .map(([line]) => line)
          .filter(line => line !== 'ok')
        return faults.length > 0 ? faults : untrueTallies()
      } catch (error) {
        // Damage may be such that SQLite cannot even read on.
        if (isSqliteError(error)) return [error.message]
        throw error
      }
    },

    async chains(kept) {
      const organizations = db.rows<[number, StoredId]>({
        text: 'SELECT key, id FROM organizations ORDER BY id',
        values: [],
      })
      const chains: Chain[] = []
      for (const [key, stored] of organizations) {
        const id = decodeId(stored)
        const own = kept.filter(({ organizationId }) => organizationId === id)
        chains.push(await chainOf(key, id, own))
      }
      return chains
    },

    organizationIds() {
      return db
        .rows<[StoredId]>({ text: 'SELECT id FROM organizations ORDER BY id', values: [] })
        .map(([id]) => decodeId(id))
    },

    close() {
      arrivals.end()
      db.close()
    },
  }

  async function chainOf(key: number, id: string, kept: readonly Head[]): Promise<Chain> {
    try {
      return await readSqliteChain(db, key, id, kept)
    } catch (error) {
      if (!isSqliteError(error)) throw error
      const nothing = { head: null, unsealed: 0, dropped: 0, droppedBefore: null }
      return { organizationId: id, ...nothing, faults: [error.message] }
    }
  }

  /** Tallies that differ from the events they count. */
  function untrueTallies(): string[] {
    const counted = (table: string, column: string) =>
      db
        .rows<[number, number, number]>({
          text: `SELECT x.key, x.events, count(e.arrival) FROM ${table} x
            LEFT JOIN events e ON e.${column} = x.key GROUP BY x.key HAVING x.events <> count(e.arrival)`,
          values: [],
        })
        .map(
          ([key, said, found]) =>
            `${table} ${key}: said to have ${said} events, but there are ${found}`,
        )
    const known = (table: string) =>
      `(SELECT count(*) FROM ${table} i JOIN events e
        ON e.arrival = i.arrival AND e.organization = i.organization AND e.id = i.id)`
    const [events, ids] = db.row<[number, number]>({
      text: `SELECT (SELECT count(*) FROM events), ${known('event_ids')} + ${known('new_event_ids')}`,
      values: [],
    }) ?? [0, 0]
    const [strays] = db.row<[number]>({
      text: `SELECT count(*) FROM events e WHERE NOT EXISTS (SELECT 1 FROM arrivals s
        WHERE s.organization = e.organization AND e.arrival BETWEEN s.first AND s.last)`,
      values: [],
    }) ?? [0]
    return [
      ...(strays === 0 ? [] : [`${strays} events are in no run of arrivals`]),
      ...(events === ids ? [] : [`${events} events, but ${ids} are found by their ID`]),
      ...counted('organizations', 'organization'),
      ...counted('trails', 'trail'),
      ...counted('addresses', 'address'),
      ...untrueDates(db),
      ...untrueRuns(db),
      ...untrueSums(db),
      ...untrueTimes(db),
      ...untrueNames(db),
    ]
  }
}

/** Whether SQLite itself complains, of the file or of the system under it. */
export function isSqliteError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_')
}

/**
 * After a disk failed to keep something, the system may have dropped it from its memory, and a second try would seem
 * to succeed. A disk that is full is another matter: there the next try may be tried.
 */
function isDiskFailure(error: unknown): error is Error & { readonly code: string } {
  return isSqliteError(error) && error.code.startsWith('SQLITE_IOERR')
}

export class DiskFailed extends Error {
  readonly code: string

  constructor(cause: Error & { readonly code: string }) {
    super(
      `the disk of the database failed (${cause.code}); nothing more is written until this program is started again`,
      { cause },
    )
    this.code = cause.code
  }
}
