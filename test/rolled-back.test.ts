// Writes that fail in the middle, on each database: at a statement, at the commit, on a server whose disk is full, and on
// one that ends the connection.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Event } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { openStoreForIntake } from '../src/storage/sqlite/append-thread.ts'
import { event, ORGANIZATION, uuid } from './support/events.ts'
import {
  makeSchema,
  onServer,
  openAt,
  type Pglite,
  SERVER_URL,
  startPglite,
} from './support/postgres.ts'
import { expectKept, newBatch, settled, testRollback } from './support/rollback-contract.ts'
import { ownerOf } from './support/viewers.ts'

let folder = ''
let files = 0
let pglite: Pglite

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'iam-logs-rollback-'))
  pglite = await startPglite()
})
afterAll(async () => {
  await pglite.close()
  rmSync(folder, { recursive: true })
})

const newFile = () => join(folder, `${++files}.db`)

testRollback('SQLite', async onStatement =>
  openStore(newFile(), { scalewayIds: scalewayIds(), onStatement, mostWaitingIds: 20 }),
)
testRollback('PGlite', onStatement => pglite.open({ onStatement }))

test.each([
  ['on the calling thread', openStore],
  ['on a thread of its own', openStoreForIntake],
])(
  'SQLite %s stores nothing of a batch whose commit fails, and all of it when it is sent again',
  async (_, open) => {
    const file = newFile()
    const store = await open(file, { scalewayIds: scalewayIds() })
    const kept = newBatch(1, uuid(1, 'f0a00000'))
    await store.append(kept)
    const db = new Database(file)
    for (let round = 2; round < 6; round++) {
      // The deferred foreign key fails only at the commit.
      db.exec(`CREATE TABLE there (id INTEGER PRIMARY KEY);
      CREATE TABLE missed (id INTEGER REFERENCES there DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER missing AFTER INSERT ON ${tableOfEvents(db)} BEGIN INSERT INTO missed VALUES (1); END`)
      const batch = newBatch(round, uuid(round, 'f0a00000'))
      const error = await settled(() => store.append(batch))
      expect(error).toMatchObject({ code: 'SQLITE_CONSTRAINT_FOREIGNKEY' })
      db.exec('DROP TRIGGER missing; DROP TABLE missed; DROP TABLE there')
      expect(await store.organizationIds()).not.toContain(uuid(round, 'f0a00000'))
      if (round % 2 === 0) {
        const others = newBatch(1000 + round, uuid(1000 + round, 'f0a00000'))
        expect(await store.append(others)).toEqual({ added: 6, known: 0, expired: 0 })
        kept.push(...others)
      }
      expect(await store.append(batch)).toEqual({ added: 6, known: 0, expired: 0 })
      kept.push(...batch)
    }
    db.close()
    await expectKept(store, kept)
    await store.close()
  },
)

test.each([
  ['40001', 'could not serialize access', 1],
  ['40P01', 'deadlock detected', 3],
  ['23505', 'duplicate key value violates unique constraint', 2],
])(
  'PGlite stores a batch once and without an error after conflicts with another writer (%s)',
  async (code, message, losses) => {
    let left = Number.POSITIVE_INFINITY
    let lost = 0
    let place = 0
    const store = await pglite.open({
      onStatement() {
        left--
        if (left > 0 || lost === losses) return
        lost++
        left = place
        throw Object.assign(new Error(message), { code })
      },
    })
    const kept = newBatch(1, ORGANIZATION)
    await store.append(kept)
    for (place = 1; ; place++) {
      const batch = newBatch(place + 1, ORGANIZATION)
      left = place
      lost = 0
      expect(await store.append(batch)).toEqual({ added: 6, known: 0, expired: 0 })
      kept.push(...batch)
      if (lost < losses) break
    }
    expect(place).toBeGreaterThan(4)
    left = Number.POSITIVE_INFINITY
    await expectKept(store, kept)
    await store.close()
  },
)

function tableOfEvents(db: Database.Database): string {
  const [name] = db
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('events', 'event')`)
    .pluck()
    .all()
  return String(name)
}

describe.skipIf(SERVER_URL === null)('a PostgreSQL server', () => {
  const FAULTS = {
    'whose disk is full': `RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'`,
    'that ends the connection':
      'PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(9)',
  }

  test.each(Object.entries(FAULTS))(
    '%s stores nothing of the batch, and all of it when it is sent again, whichever table failed',
    async (_, fault) => {
      await using schema = await makeSchema()
      const { applicationName: place } = schema
      // A distributed table takes no triggers.
      const store = await openAt(schema.url, { distribute: null })
      const kept: Event[] = newBatch(1, uuid(1, 'f0a00000'))
      await store.append(kept)
      await onServer(`CREATE FUNCTION ${place}.broken() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN ${fault}; RETURN NULL; END $$`)
      const { rows: tables } = await onServer(
        `SELECT relname FROM pg_class WHERE relnamespace = '${place}'::regnamespace
          AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`,
      )
      let failures = 0
      const ways = tables.flatMap(table => [
        `CREATE TRIGGER broken AFTER INSERT OR UPDATE ON ${place}.${table}
          FOR EACH STATEMENT EXECUTE FUNCTION ${place}.broken()`,
        // Fails at the commit.
        `CREATE CONSTRAINT TRIGGER broken AFTER INSERT OR UPDATE ON ${place}.${table}
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ${place}.broken()`,
      ])
      for (const [number, way] of ways.entries()) {
        const table = tables[number >> 1]
        await onServer(way)
        const batch = newBatch(number + 2, uuid(number + 2, 'f0a00000'))
        const error = await settled(() => store.append(batch))
        await onServer(`DROP TRIGGER broken ON ${place}.${table}`)
        if (error === null) {
          kept.push(...batch)
          continue
        }
        failures++
        const ids = batch.map(({ id }) => id)
        const reader = store.reader(ownerOf(ORGANIZATION))
        expect(await reader.eventsById(ids)).toEqual(ids.map(() => null))
        if (number % 4 < 2) {
          const others = newBatch(1000 + number, uuid(1000 + number, 'f0a00000'))
          expect(await store.append(others)).toEqual({ added: 6, known: 0, expired: 0 })
          kept.push(...others)
        }
        expect(await store.append([...batch, event(kept[0])])).toEqual({
          added: 6,
          known: 1,
          expired: 0,
        })
        kept.push(...batch)
      }
      expect(failures).toBeGreaterThan(9)
      await expectKept(store, kept)
      await store.close()
    },
  )
})
