// The stored audit log, for both databases.

import { InputError } from '../errors.ts'
import { formatInstant, type Instant, now } from '../instant.ts'
import type { DirectoryKey, ScalewayIds } from '../principal.ts'
import { type AuditStore, type Clock, NOTHING_APPENDED } from '../store.ts'
import type { Membership } from '../viewer.ts'
import { createAppend } from './append.ts'
import { type Database, type Log, logOf, type Reads } from './database.ts'
import { readMembership } from './directory.ts'
import { type SQL, sql } from './drizzle.ts'
import { createEventReader } from './events.ts'
import { allOrganizations, createFindKeys, lockOrganization } from './organizations.ts'
import { createReader } from './reader.ts'
import { dropBefore, findExpired } from './retention.ts'
import { createSavedViews } from './saved-views.ts'
import { readChains } from './seal-chain.ts'
import { createAccess, createSessions, createTokens } from './stored-access.ts'
import { readCoverages, readWindows } from './stored-coverage.ts'
import { updateDirectory } from './update-directory.ts'
import { findInconsistencies } from './verify.ts'

export interface StoreParts {
  readonly scalewayIds: ScalewayIds
  readonly clock?: Clock
  /** The size in bytes of the cache for adding events; see values.ts. Smaller: less memory, but more statements. */
  readonly appendCache?: number
}

/** The database must be migrated. Closing the store closes it. */
export function createStore(
  db: Database,
  { scalewayIds, clock = now, appendCache }: StoreParts,
): AuditStore {
  const findKeys = createFindKeys()
  const readEvents = createEventReader()
  const append = createAppend(db, appendCache)

  /** `null` for an Organization that does not exist. */
  async function logOfOne(organizationId: string): Promise<Log | null> {
    const key = (await findKeys(db, [organizationId])).get(organizationId)
    return key === undefined ? null : logOf(db, key, organizationId)
  }

  async function membership(principal: DirectoryKey): Promise<Membership | null> {
    const log = await logOfOne(principal.organizationId)
    return log === null ? null : readMembership(log, principal)
  }

  /** The clock's time; throws if that cannot be stored, before anything is written. */
  function instant(): Instant {
    const at = clock()
    if (Number.isSafeInteger(at)) return at
    throw new InputError(
      `the date of the system clock cannot be stored; set the clock to a date before ${formatInstant(Number.MAX_SAFE_INTEGER).slice(0, 4)}`,
    )
  }

  const appendRead: AuditStore['appendRead'] = async (events, windows) => {
    if (events.length === 0 && windows.length === 0) return NOTHING_APPENDED
    const { erased, ...appended } = await append(events, windows, instant())
    if (appended.added > 0) db.arrivals.came()
    if (erased) await db.erase()
    return appended
  }

  return {
    append: events => appendRead(events, []),
    appendRead,

    async readWindows(organizationId) {
      const log = await logOfOne(organizationId)
      return log === null ? [] : readWindows(log)
    },

    async updateDirectory(listing) {
      const recordedAt = instant()
      const { written, removed, erased } = await db.transaction(async session => {
        const locked = await lockOrganization(session, listing.organizationId)
        const done = await updateDirectory(locked, listing, recordedAt)
        if (done.erased) await db.dialect.rewriteDirectory(session)
        return done
      })
      if (erased) await db.erase()
      return { written, removed }
    },

    async nameOrganization({ id, name }) {
      await db.transaction(async session => {
        const { organization } = await lockOrganization(session, id)
        await session.run(sql`UPDATE organizations SET name = ${name} WHERE key = ${organization}`)
      })
    },

    membership,
    coverages: () => readCoverages(db),
    expired: before => findExpired(db, before),
    dropBefore: before => dropBefore(db, before),
    backup: file => db.backup(file),

    reader(visibility, goOn) {
      const { next: nextArrival } = db.arrivals
      const reads = goOn === undefined ? db : withCheck(db, goOn)
      const parts = { db: reads, findKeys, readEvents, visibility, scalewayIds, nextArrival }
      return createReader(parts)
    },
    savedViews: (visibility, viewer) =>
      createSavedViews({ db, findKeys, visibility, viewer, instant }),
    tokens: createTokens(db, membership),
    access: createAccess(db),
    sessions: createSessions(db),

    check: () => db.check(),
    verify: () => findInconsistencies(db),
    chains: kept => readChains(db, kept),
    organizationIds: async () => (await allOrganizations(db)).map(({ id }) => id),
    close: () => db.close(),
  }
}

/** Calls `goOn` before each statement; if it throws, the read ends with that error. */
function withCheck(db: Database, goOn: () => void): Pick<Database, 'recent'> & Reads {
  const checked = (reads: Reads): Reads => ({
    dialect: reads.dialect,
    async rows<Row extends unknown[]>(query: SQL) {
      goOn()
      return reads.rows<Row>(query)
    },
    async build(query) {
      goOn()
      return reads.build(query)
    },
  })
  return Object.assign(checked(db), { recent: () => checked(db.recent()) })
}
