// A PostgreSQL database as the store uses it, over any driver: server.ts for a server, PGlite in tests.

import { codeOf, InputError } from '../../errors.ts'
import { type Database, type Session, watchArrivals } from '../database.ts'
import { loadPostgresProxy } from '../drizzle.ts'
import { createQueries, type StatementHook, watched } from '../queries.ts'
import type { Ask, Driver, Listen } from './driver.ts'
import { createPartitions, MissingPartitions } from './partitions.ts'
import { CHANNEL, postgresDialect } from './postgres-dialect.ts'
import { connectPostgres } from './server.ts'

export interface PostgresConnection {
  readonly onStatement?: StatementHook
  /** The maximum number of connections to each server, without the one that listens. */
  readonly poolSize?: number
}

/** Does not connect yet. */
export function openPostgresDatabase(
  address: string,
  replicas: readonly string[],
  { onStatement, poolSize }: PostgresConnection = {},
): Database {
  return databaseOver(connectPostgres(address, replicas, poolSize), onStatement)
}

const queries = createQueries(
  place => `$${place}`,
  ask => loadPostgresProxy().drizzle(async (text, values) => ({ rows: await ask(text, values) })),
)

/** A serialization failure, a deadlock, and a row that another writer has just created. */
const LOST: ReadonlySet<string> = new Set(['40001', '40P01', '23505'])
/** The SQLSTATE for a row without a partition, for example because retention has just dropped it. */
const NO_PARTITION = '23514'
const MOST_TRIES = 7

/** The hook is called for every statement except those that control transactions, such as BEGIN. */
export function databaseOver(driver: Driver, hook?: StatementHook): Database {
  const partitions = createPartitions()
  const dialect = postgresDialect(partitions)
  const arrivals = watchNotices(driver.listen)

  function withHook(ask: Ask): Ask {
    return hook === undefined
      ? ask
      : (text, values) => watched(hook, text, values, () => ask(text, values))
  }

  function transaction<T>(work: (session: Session) => Promise<T>, patient = false): Promise<T> {
    return driver.transaction(ask => work(queries.session(dialect, withHook(ask))), { patient })
  }

  /** Retries after a conflict with another transaction, and after creating missing partitions. */
  async function persistently<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work()
      } catch (error) {
        const code = codeOf(error)
        if (tries === MOST_TRIES) throw error
        if (error instanceof MissingPartitions) {
          await partitions.make(work => persistently(() => transaction(work)), error.partitions)
        } else if (code === NO_PARTITION) partitions.forget()
        else if (!LOST.has(code)) throw error
      }
    }
  }

  return {
    ...queries.session(dialect, withHook(driver.ask)),
    recent: () => queries.session(dialect, withHook(driver.recent())),
    transaction: (work, { patient } = {}) => persistently(() => transaction(work, patient)),
    snapshot: work => driver.snapshot(ask => work(queries.session(dialect, withHook(ask)))),
    arrivals,
    async erase() {
      for (const table of ['directory', 'names']) {
        await withHook(driver.impatient)(`VACUUM (FULL) ${table}`, []).catch(() => {})
      }
    },
    // A table that is only on the coordinator, so that it works while a worker does not respond.
    check: async () => void (await withHook(driver.ask)('SELECT 1 FROM tokens LIMIT 1', [])),
    async backup() {
      throw new InputError(
        'a PostgreSQL database is copied by its own tools, such as pg_dump or pg_basebackup',
      )
    },
    async close() {
      await arrivals.end()
      await driver.close()
    },
  }
}

/** In milliseconds: wakes all subscribers in case a notification was lost; more often while none can arrive. */
const WAKE_EVERY = 30_000
const WAKE_DEAF_EVERY = 2_000

/** Wakes subscribers when any process has added events: by NOTIFY if notifications arrive, otherwise by a timer. */
function watchNotices(listen: Listen) {
  return watchArrivals(came => {
    let woken = Date.now()
    const wake = () => {
      woken = Date.now()
      came()
    }
    const listening = listen(CHANNEL, wake)
    const timer = setInterval(() => {
      const every = listening.hears() ? WAKE_EVERY : WAKE_DEAF_EVERY
      if (Date.now() - woken >= every) wake()
    }, WAKE_DEAF_EVERY).unref()
    return () => {
      clearInterval(timer)
      return listening.end()
    }
  })
}
