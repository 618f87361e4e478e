// A later version migrates a database without losing anything, and this version refuses a database of a later one.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { scalewayIds } from '../src/principal.ts'
import { createStore } from '../src/storage/create-store.ts'
import { migrate } from '../src/storage/migrate.ts'
import { openStore } from '../src/storage/open.ts'
import { openSqliteDatabase } from '../src/storage/sqlite/sqlite-database.ts'
import type { AuditStore } from '../src/store.ts'
import { temporaryFolder } from './support/command.ts'
import { event, query } from './support/events.ts'
import { fillDatabase, LATER_SQLITE, writeLaterVersion } from './support/later-version.ts'
import { user } from './support/people.ts'
import { owner } from './support/viewers.ts'

async function contentsOf(store: AuditStore) {
  const reader = store.reader(owner)
  return [
    await reader.organizations(),
    await reader.events(query()),
    await reader.directoryById([user().id]),
    await store.tokens.list(),
    await store.coverages(),
    await store.chains([]),
    await store.verify(),
  ]
}

test('a file has the same contents after an upgrade, can be written to, and is then refused by this version', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  await fillDatabase(file)
  const before = await openStore(file, { scalewayIds: scalewayIds() })
  const contents = await contentsOf(before)
  expect(contents.at(-1)).toEqual([])
  await before.close()

  const later = join(folder.path, 'later')
  mkdirSync(later)
  writeLaterVersion(later, 'sqlite', LATER_SQLITE)
  const db = await openSqliteDatabase(file)
  await migrate(db, later)
  await migrate(db, later)
  const after = createStore(db, { scalewayIds: scalewayIds() })
  expect(await contentsOf(after)).toEqual(contents)
  expect(await after.append([event()])).toEqual({ added: 1, known: 0, expired: 0 })
  expect(await after.verify()).toEqual([])
  await after.close()

  const raw = new Database(file, { readonly: true })
  const named = 'SELECT later FROM organizations WHERE name IS NOT NULL'
  expect(raw.prepare(named).pluck().all()).toEqual(['Ada'])
  raw.close()
  await expect(openStore(file, { scalewayIds: scalewayIds() })).rejects.toThrow(
    `database "${file}" was made by a newer version of iam-logs-gateway; use that version`,
  )
})
