// The migrations of a later version: the committed ones, and one more.

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scalewayIds } from '../../src/principal.ts'
import { openStore } from '../../src/storage/open.ts'
import { event, ORGANIZATION, OTHER_ORGANIZATION } from './events.ts'
import { user } from './people.ts'

const BREAK = '--> statement-breakpoint'

/** Writes them into an existing folder. */
export function writeLaterVersion(
  folder: string,
  database: 'postgres' | 'sqlite',
  statements: readonly string[],
): void {
  cpSync(fileURLToPath(new URL(`../../drizzle/${database}`, import.meta.url)), folder, {
    recursive: true,
  })
  const file = join(folder, 'meta', '_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8'))
  const last = journal.entries.at(-1)
  const next = { ...last, idx: last.idx + 1, when: last.when + 1, tag: 'later' }
  writeFileSync(file, JSON.stringify({ ...journal, entries: [...journal.entries, next] }))
  writeFileSync(join(folder, 'later.sql'), statements.join(BREAK))
}

/** A migration that a later version may have for SQLite. */
export const LATER_SQLITE = [
  'ALTER TABLE `organizations` ADD `later` text',
  'UPDATE `organizations` SET `later` = `name`',
  'CREATE INDEX `events_by_later` ON `events` (`organization`,`recorded_ms`)',
  'CREATE TABLE `laters` (`organization` integer NOT NULL, `number` integer NOT NULL, PRIMARY KEY(`organization`, `number`)) WITHOUT ROWID',
  'INSERT INTO `laters` SELECT `organization`, `number` FROM `kinds`',
]

/** The same for PostgreSQL, distributed or not. */
export const LATER_POSTGRES = [
  'ALTER TABLE "organizations" ADD COLUMN "later" text COLLATE "C"',
  'UPDATE "organizations" SET "later" = "name"',
  'ALTER TABLE "events" ADD COLUMN "later" bigint',
  'CREATE INDEX "events_by_later" ON "events" ("organization", "later", "created_at")',
]

/** Makes a SQLite file of this version with rows in most tables. */
export async function fillDatabase(file: string): Promise<void> {
  const store = await openStore(file, { scalewayIds: scalewayIds() })
  const organizationId = ORGANIZATION
  await store.append([event(), event(), event({ organizationId: OTHER_ORGANIZATION })])
  await store.nameOrganization({ id: organizationId, name: 'Ada' })
  await store.updateDirectory({ organizationId, kind: 'user', entries: [user()], complete: true })
  const grants = [{ organizationId, owner: true, permissionSets: [] }]
  const token = { id: 't', name: null, createdAt: 1, expiresAt: null, grants }
  await store.tokens.create(token, new Uint8Array(32))
  await store.close()
}
