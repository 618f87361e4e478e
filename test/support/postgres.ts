// PostgreSQL for tests: PGlite, which is one within this process; and, where TEST_DATABASE_URL names it, a real
// server, in a schema of the test's own.

import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { scalewayIds } from '../../src/principal.ts'
import { openStore, type StoreOptions } from '../../src/storage/open.ts'
import type { PostgresDatabase, Readable, Session } from '../../src/storage/postgres/database.ts'
import { migratePostgres } from '../../src/storage/postgres/migrate.ts'
import { type PostgresQuery, type Sql, sql } from '../../src/storage/postgres/sql.ts'
import { createPostgresStore } from '../../src/storage/postgres/store.ts'
import type { AuditStore, Clock } from '../../src/store.ts'
import { assertBound } from './bound.ts'

export const SERVER_URL = process.env.TEST_DATABASE_URL || null

export interface PgliteOptions {
  /** Sees each statement before it runs. */
  readonly onStatement?: (query: PostgresQuery) => void
  readonly scaleway?: { readonly always: readonly string[]; readonly never: readonly string[] }
  readonly clock?: Clock
}

export interface Pglite {
  /** An empty store, in place of the one before. */
  open(options?: PgliteOptions): Promise<AuditStore>
  /** As `open`, with what is in it. */
  reopen(options?: PgliteOptions): Promise<AuditStore>
  /** Behind the store's back. */
  run(text: string): Promise<unknown>
  close(): Promise<void>
}

const TABLES = `events, event_ids, organizations, kinds, principals, user_agents, addresses, directory,
  names, read_windows, seals, tokens`

/** Up to date, whatever the statements made of it before. */
export async function startPglite(before: readonly string[] = []): Promise<Pglite> {
  const client = await PGlite.create()
  for (const statements of before) await client.exec(statements)
  await migratePostgres(databaseOf(client))
  const reopen: Pglite['reopen'] = async ({ onStatement, scaleway, clock } = {}) =>
    createPostgresStore(databaseOf(client, onStatement), {
      scalewayIds: scalewayIds(scaleway?.always, scaleway?.never),
      ...(clock && { clock }),
    })
  return {
    reopen,
    async open(options) {
      await client.exec(`TRUNCATE ${TABLES}`)
      return reopen(options)
    },
    run: text => client.exec(text),
    close: () => client.close(),
  }
}

/** Closing it leaves PGlite open. */
export function databaseOf(
  client: PGlite,
  onStatement?: PgliteOptions['onStatement'],
): PostgresDatabase {
  type Runs = Pick<PGlite, 'query'>
  const session = (on: Runs): Session => {
    const query = async (sql: Sql) => {
      const query = sql.query()
      assertBound(query.text, query.values)
      onStatement?.(query)
      return on.query<unknown[]>(query.text, [...query.values], { rowMode: 'array' })
    }
    return {
      rows: async <Row extends unknown[]>(sql: Sql) => (await query(sql)).rows as Row[],
      run: async sql => (await query(sql)).affectedRows ?? 0,
      async passing<Row extends unknown[]>(given: Sql) {
        await on.query('SAVEPOINT passing')
        const { rows } = await query(given)
        await on.query('ROLLBACK TO passing')
        return rows as Row[]
      },
    }
  }
  const outside = session(client)
  const readable: Readable = {
    rows: outside.rows,
    snapshot: work =>
      client.transaction(async transaction => {
        await transaction.exec('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
        return work(session(transaction))
      }),
  }
  return {
    ...readable,
    behind: readable,
    run: outside.run,
    async rewrite(table) {
      await outside.run(sql`VACUUM (FULL) ${table}`)
    },
    transaction: work => client.transaction(transaction => work(session(transaction))),
    together: statements =>
      client.transaction(async transaction => {
        const answers: unknown[][][] = []
        for (const statement of statements) answers.push(await session(transaction).rows(statement))
        return answers
      }),
    listen(channel, heard) {
      let hears = false
      const listening = client.listen(channel, heard).then(stop => {
        hears = true
        heard()
        return stop
      })
      return {
        hears: () => hears,
        async end() {
          await (await listening)()
        },
      }
    },
    async close() {},
  }
}

export interface Schema extends AsyncDisposable {
  /** The address of a database that is empty, until it is migrated. */
  readonly url: string
  /** Who connects by the address calls itself so. */
  readonly applicationName: string
}

let made = 0

/** On the server that TEST_DATABASE_URL names; dropped with all that is in it. */
export async function makeSchema(): Promise<Schema> {
  const name = `iam_logs_test_${process.pid}_${++made}`
  await onServer(`CREATE SCHEMA ${name}`)
  const url = new URL(SERVER_URL ?? '')
  url.searchParams.set('options', `-csearch_path=${name}`)
  url.searchParams.set('application_name', name)
  return {
    url: url.href,
    applicationName: name,
    async [Symbol.asyncDispose]() {
      await onServer(`DROP SCHEMA ${name} CASCADE`)
    },
  }
}

/** Runs statements on the server, on a connection of its own; the rows of the last as texts. */
export async function onServer(text: string): Promise<{ readonly rows: string[] }> {
  const client = new pg.Client({ connectionString: SERVER_URL ?? '' })
  await client.connect()
  try {
    const result = await client.query<unknown[]>({ text, rowMode: 'array' })
    const last = Array.isArray(result) ? result.at(-1) : result
    return { rows: last.rows.map(String) }
  } finally {
    await client.end()
  }
}

/** A store over an address, up to date unless said. */
export function openAt(url: string, options: Partial<StoreOptions> = {}): Promise<AuditStore> {
  return openStore(url, { scalewayIds: scalewayIds(), migrate: true, unsafe: true, ...options })
}

/** A store in a schema of its own, which goes with it. */
export async function openOnServer(options: Partial<StoreOptions> = {}): Promise<AuditStore> {
  const schema = await makeSchema()
  const store = await openAt(schema.url, options)
  return {
    ...store,
    async close() {
      await store.close()
      await schema[Symbol.asyncDispose]()
    },
  }
}
