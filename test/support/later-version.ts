// Migrations as a later version of the program would have them: those that are committed, and one more.

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BREAK = '--> statement-breakpoint'

/** Into a folder that is there. */
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
