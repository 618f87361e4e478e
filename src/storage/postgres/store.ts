// The audit log in PostgreSQL, over whichever connection it is given. Several processes may write and read at
// the same time: writers of one Organization wait for each other, readers for nobody.

import { Refusal } from '../../errors.ts'
import { now } from '../../instant.ts'
import type { DirectoryKey, ScalewayIds } from '../../principal.ts'
import type { AuditStore, Clock } from '../../store.ts'
import { watchArrivals } from './arrivals.ts'
import { isPlainId } from './codec.ts'
import { readCoverages, readWindows } from './coverage.ts'
import { asked, type PostgresDatabase, persistently } from './database.ts'
import { describeDirectory, readMembership } from './directory.ts'
import { createIntake } from './intake.ts'
import { createPartitions } from './partitions.ts'
import { createPostgresReader } from './reader.ts'
import { dropBefore } from './retention.ts'
import { readPostgresChains } from './seals.ts'
import { constant, sql } from './sql.ts'
import { createPostgresTokens } from './tokens.ts'
import { findFaults } from './verify.ts'

export interface PostgresStoreOptions {
  readonly scalewayIds: ScalewayIds
  readonly clock?: Clock
}

/** Over a database that is up to date; closing the store closes it. */
export async function createPostgresStore(
  db: PostgresDatabase,
  { scalewayIds, clock = now }: PostgresStoreOptions,
): Promise<AuditStore> {
  const partitions = createPartitions(db)
  await partitions.refresh()
  const intake = createIntake(db, partitions)
  const arrivals = watchArrivals(db)
  const membership = (principal: DirectoryKey) => readMembership(db, principal)

  /** So that no byte of what was erased stays in the tables. Where others are in the way, the next removal does it. */
  async function erase(): Promise<void> {
    for (const table of ['directory', 'names']) {
      await db.rewrite(constant(table)).catch(() => {})
    }
  }

  const appendRead: AuditStore['appendRead'] = async (events, windows) => {
    if (events.length === 0 && windows.length === 0) return { added: 0, known: 0 }
    const { added, known, forgotten } = await intake.take(events, windows, clock())
    if (added > 0) arrivals.came()
    if (forgotten > 0) await erase()
    return { added, known }
  }

  return {
    append: events => appendRead(events, []),
    appendRead,

    async readWindows(organizationId) {
      return isPlainId(organizationId) ? readWindows(db, organizationId) : []
    },

    async describe(listing) {
      const known = await partitions.known()
      const { written, removed, erased } = await persistently(() =>
        db.transaction(session => describeDirectory(session, known, listing, clock())),
      )
      if (erased) await erase()
      return { written, removed }
    },

    async nameOrganization({ id, name }) {
      await db.run(
        sql`INSERT INTO organizations (id, name) VALUES (${id}, ${name})
          ON CONFLICT (id) DO UPDATE SET name = excluded.name`,
      )
    },

    membership,
    coverages: () => readCoverages(db),
    reader: (visibility, goOn) =>
      createPostgresReader(
        goOn === undefined ? db : asked(db, goOn),
        partitions,
        visibility,
        scalewayIds,
        arrivals.next,
      ),
    tokens: createPostgresTokens(db, membership),
    dropBefore: before => dropBefore(db, before),

    backup() {
      throw new Refusal(
        'BAD_USER_INPUT',
        'a PostgreSQL database is copied by its own tools, such as pg_dump or pg_basebackup',
      )
    },

    async check() {
      await db.rows(sql`SELECT 1 FROM organizations LIMIT 1`)
    },

    verify: () => findFaults(db),
    chains: kept => readPostgresChains(db, kept),

    async organizationIds() {
      const rows = await db.rows<[string]>(sql`SELECT id FROM organizations ORDER BY id`)
      return rows.map(([id]) => id)
    },

    async close() {
      await arrivals.end()
      await db.close()
    },
  }
}
