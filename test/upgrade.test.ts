// A database is brought up to date by a later version with all that is in it; and this version takes none of a later one.

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

async function toldBy(store: AuditStore) {
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

test('what was in a file is in it after an upgrade, and it is written to as before', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  await fillDatabase(file)
  const before = await openStore(file, { scalewayIds: scalewayIds() })
  const told = await toldBy(before)
  expect(told.at(-1)).toEqual([])
  await before.close()

  const later = join(folder.path, 'later')
  mkdirSync(later)
  writeLaterVersion(later, 'sqlite', LATER_SQLITE)
  const db = await openSqliteDatabase(file)
  await migrate(db, later)
  await migrate(db, later)
  const after = createStore(db, { scalewayIds: scalewayIds() })
  expect(await toldBy(after)).toEqual(told)
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
