// PostgreSQL for tests: PGlite within this process, and the server of TEST_DATABASE_URL, in a schema for each test. If
// that server is the coordinator of a Citus cluster, the schema is distributed.

import { existsSync, openAsBlob, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { afterAll } from 'vitest'

import manifest from '../../package.json' with { type: 'json' }
import { scalewayIds } from '../../src/principal.ts'
import { createStore } from '../../src/storage/create-store.ts'
import type { Database } from '../../src/storage/database.ts'
import { getTableName } from '../../src/storage/drizzle.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { openStore, type StoreOptions } from '../../src/storage/open.ts'
import type { Ask, Driver } from '../../src/storage/postgres/driver.ts'
import { databaseOver } from '../../src/storage/postgres/postgres-database.ts'
import { postgresTables } from '../../src/storage/postgres/postgres-tables.ts'
import type { StatementHook } from '../../src/storage/queries.ts'
import type { AuditStore, Clock } from '../../src/store.ts'
import { assertBound } from './bound.ts'

export const SERVER_URL = process.env.TEST_DATABASE_URL || null

interface PgliteOptions {
  /** Called before each statement. */
  readonly onStatement?: StatementHook
  readonly scaleway?: { readonly always: readonly string[]; readonly never: readonly string[] }
  readonly clock?: Clock
}

export interface Pglite {
  /** Opens an empty store, which replaces the one before. */
  open(options?: PgliteOptions): Promise<AuditStore>
  /** Opens another store with the same contents. */
  reopen(options?: PgliteOptions): Promise<AuditStore>
  /** Runs a statement without the store. */
  run(text: string): Promise<unknown>
  close(): Promise<void>
}

const TABLES = ['event_ids', ...Object.values(postgresTables).map(getTableName)]

/** For few rows it takes a tenth of the time of TRUNCATE. */
const EMPTY = TABLES.map(table => `DELETE FROM ${table}`).join('; ')

/** A database without tables. The first one on a machine saves its files, with which others start three times as fast. */
export async function emptyPglite(): Promise<PGlite> {
  const version = manifest.devDependencies['@electric-sql/pglite']
  const file = join(tmpdir(), `iam-logs-pglite-${version}.tar`)
  if (existsSync(file)) return PGlite.create({ loadDataDir: await openAsBlob(file) })
  const client = await PGlite.create()
  const files = await client.dumpDataDir('none')
  writeFileSync(`${file}.${process.pid}`, Buffer.from(await files.arrayBuffer()))
  renameSync(`${file}.${process.pid}`, file)
  return client
}

export async function startPglite(): Promise<Pglite> {
  const client = await emptyPglite()
  await migrate(databaseOf(client))
  const reopen: Pglite['reopen'] = async ({ onStatement, scaleway, clock } = {}) =>
    createStore(databaseOf(client, onStatement), {
      scalewayIds: scalewayIds(scaleway?.always, scaleway?.never),
      ...(clock && { clock }),
    })
  return {
    reopen,
    async open(options) {
      await client.exec(EMPTY)
      return reopen(options)
    },
    run: text => client.exec(text),
    close: () => client.close(),
  }
}

/** Closing the database does not close PGlite. */
export function databaseOf(client: PGlite, onStatement?: StatementHook): Database {
  return databaseOver(driverOf(client), (text, values) => {
    assertBound(text, values)
    return onStatement?.(text, values)
  })
}

const INT8 = 20
const NUMERIC = 1700
const BYTEA = 17

const parsers = {
  [INT8]: Number,
  [NUMERIC]: Number,
  [BYTEA]: (text: string) => Buffer.from(text.slice(2), 'hex'),
}

function driverOf(client: PGlite): Driver {
  const asker =
    (on: Pick<PGlite, 'query'>): Ask =>
    async (text, values) => {
      const { rows, fields, affectedRows } = await on.query<unknown[]>(text, [...values], {
        rowMode: 'array',
        parsers,
      })
      return fields.length === 0 ? [[affectedRows ?? 0]] : rows
    }
  return {
    ask: asker(client),
    recent: () => asker(client),
    impatient: asker(client),
    transaction: work => client.transaction(transaction => work(asker(transaction))),
    snapshot: work =>
      client.transaction(async transaction => {
        await transaction.exec('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY')
        return work(asker(transaction))
      }),
    listen(channel, onNotice) {
      let hears = false
      const listening = client.listen(channel, onNotice).then(stop => {
        hears = true
        onNotice()
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
  /** The URL of a database that is empty until it is migrated. */
  readonly url: string
  /** The application name of connections with this URL. */
  readonly applicationName: string
}

let made = 0

/** Makes a schema on the server of TEST_DATABASE_URL, which is dropped with its contents. */
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

/** Runs statements on the server, on a separate connection; returns the rows of the last one as text. */
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

/** Few, as every test creates its own shards. */
const SHARDS = 2

const askForCitus = async () =>
  SERVER_URL !== null &&
  (await onServer(`SELECT 1 FROM pg_extension WHERE extname = 'citus'`)).rows.length > 0
let citus: Promise<boolean> | undefined

/** Whether TEST_DATABASE_URL names the coordinator of a Citus cluster. */
export function isDistributed(): Promise<boolean> {
  citus ??= askForCitus()
  return citus
}

/** Opens a store at a URL, by default with migrations. A schema of `makeSchema` is distributed if the server can do so. */
export async function openAt(
  url: string,
  options: Partial<StoreOptions> = {},
): Promise<AuditStore> {
  const isSchema = new URL(url).searchParams.has('options')
  const distribute = isSchema && (await isDistributed()) ? SHARDS : null
  const usual = { scalewayIds: scalewayIds(), migrate: true, distribute, unsafe: true }
  return openStore(url, { ...usual, ...options })
}

/** Schemas of closed stores, which are emptied and used again, as a migration takes longer than most tests. */
const left: Schema[] = []

afterAll(async () => {
  for (const schema of left.splice(0)) await schema[Symbol.asyncDispose]()
})

/** Opens an empty store in a schema that no other store uses at the same time. */
export async function openOnServer(options: Partial<StoreOptions> = {}): Promise<AuditStore> {
  const used = left.pop()
  if (used) await onServer(`SET search_path = ${used.applicationName}; ${EMPTY}`)
  const schema = used ?? (await makeSchema())
  const store = await openAt(schema.url, { onStatement: assertBound, ...options })
  return {
    ...store,
    async close() {
      await store.close()
      left.push(schema)
    },
  }
}
