// A migration that is killed after any of its statements leaves the database unchanged, and the next start completes
// it. `npm run test:long` kills the first set-up after each of its statements; otherwise, it is killed only after some.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { migrate } from '../src/storage/migrate.ts'
import { temporaryFolder } from './support/command.ts'
import { ORGANIZATION } from './support/events.ts'
import {
  fillDatabase,
  LATER_POSTGRES,
  LATER_SQLITE,
  writeLaterVersion,
} from './support/later-version.ts'
import { LONG } from './support/long.ts'
import { MIGRATOR } from './support/migrator.ts'
import { databaseOf, emptyPglite, makeSchema, SERVER_URL } from './support/postgres.ts'

/** Migrates in a process that is killed after so many statements; `false` if the migration ended before. */
async function migrateUntilKilled(
  address: string,
  statements: number,
  ...folder: string[]
): Promise<boolean> {
  const child = spawn(process.execPath, [MIGRATOR, address, String(statements), ...folder], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [code, signal] = await once(child, 'close')
  if (signal === 'SIGKILL') return true
  expect(code).toBe(0)
  return false
}

/** Every table and index, and every row. */
function everythingIn(file: string): string {
  const db = new Database(file)
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all()
  const all = {
    faults: db.pragma('integrity_check'),
    schema: db.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all(),
    rows: tables.map(name => [name, db.prepare(`SELECT * FROM ${name}`).safeIntegers().all()]),
  }
  db.close()
  // No table contains the time of a migration, so that the results of two migrations can be compared.
  return JSON.stringify(all, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}

describe.each([
  ['empty', LONG ? 1 : 4],
  ['of the current version', 1],
] as const)('the migration of a SQLite file that is %s', (state, step) => {
  test('leaves the file unchanged when it is killed after any statement, and succeeds when it is run again', async () => {
    using folder = temporaryFolder()
    const later = join(folder.path, 'later')
    mkdirSync(later)
    writeLaterVersion(later, 'sqlite', LATER_SQLITE)
    const old = join(folder.path, 'old.db')
    if (state === 'empty') new Database(old).close()
    else await fillDatabase(old)
    const before = everythingIn(old)
    const migrated = join(folder.path, 'migrated.db')
    cpSync(old, migrated)
    expect(await migrateUntilKilled(migrated, 10_000, later)).toBe(false)
    const after = everythingIn(migrated)
    expect(after).not.toBe(before)

    const file = join(folder.path, 'log.db')
    let killed = 0
    for (let statements = 1; ; statements += step) {
      for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
      cpSync(old, file)
      if (!(await migrateUntilKilled(file, statements, later))) break
      killed++
      // After the last statement, which records the migration, only the commit is missing.
      expect(everythingIn(file)).toBe(before)
      expect(await migrateUntilKilled(file, 10_000, later)).toBe(false)
      expect(everythingIn(file)).toBe(after)
    }
    expect(killed).toBeGreaterThan(LATER_SQLITE.length)
  })
})

const POSTGRES = new URL('../drizzle/postgres/', import.meta.url)

const OBJECTS = `SELECT table_name || '.' || column_name || ' ' || data_type AS is FROM information_schema.columns
  WHERE table_schema = current_schema()
  UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() ORDER BY 1`

/** The tables of the current version in PostgreSQL, with one row. */
function currentVersion(): string {
  const { entries } = JSON.parse(readFileSync(new URL('meta/_journal.json', POSTGRES), 'utf8'))
  const tables = entries.map(({ tag }: { tag: string }) =>
    readFileSync(new URL(`${tag}.sql`, POSTGRES), 'utf8'),
  )
  return `${tables.join(';')};
    CREATE TABLE __drizzle_migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint);
    INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('', ${entries.at(-1).when});
    INSERT INTO organizations (key, id, name) VALUES ('${ORGANIZATION}', '${ORGANIZATION}', 'Ada')`
}

describe.each([
  ['empty', '', LONG ? 1 : 6],
  ['of the current version', currentVersion(), 1],
])('the migration of a PostgreSQL database that is %s', (_, tables, step) => {
  test('leaves the database unchanged when any statement fails, in PGlite', async () => {
    using folder = temporaryFolder()
    writeLaterVersion(folder.path, 'postgres', LATER_POSTGRES)
    const client = await emptyPglite()
    if (tables !== '') await client.exec(tables)
    const before = (await client.query(OBJECTS)).rows
    let failed = 0
    for (let wanted = 1; ; wanted += step) {
      let left = wanted
      const failing = databaseOf(client, () => {
        if (--left === 0) throw new Error('cut')
      })
      const ended = await migrate(failing, folder.path).then(
        () => true,
        error => {
          expect(error.message).toBe('cut')
          return false
        },
      )
      const now = (await client.query(OBJECTS)).rows
      if (ended) {
        expect(now).not.toEqual(before)
        break
      }
      failed++
      expect(now).toEqual(before)
    }
    expect(failed).toBeGreaterThan(3)
    await client.close()
  })

  test.skipIf(SERVER_URL === null)(
    'leaves the database unchanged when its process is killed after any statement, on a server',
    async () => {
      using folder = temporaryFolder()
      writeLaterVersion(folder.path, 'postgres', LATER_POSTGRES)
      await using schema = await makeSchema()
      const client = new pg.Client({ connectionString: schema.url })
      await client.connect()
      if (tables !== '') await client.query(tables)
      const objects = async () => (await client.query(OBJECTS)).rows
      const before = await objects()
      let killed = 0
      while (await migrateUntilKilled(schema.url, killed * step + 1, folder.path)) {
        killed++
        expect(await objects()).toEqual(before)
      }
      expect(killed).toBeGreaterThan(3)
      expect(await objects()).not.toEqual(before)
      await client.end()
    },
  )
})
