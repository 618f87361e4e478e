// A process that brings a database up to date and is killed after one of the statements that takes:
// `node migrator.ts ADDRESS NUMBER [FOLDER OF MIGRATIONS]`. Ends by itself where there are fewer. Little is kept in memory, so that what is
// not yet committed is in the file's log.

import { fileURLToPath } from 'node:url'
import type { StatementHook } from '../../src/storage/statement.ts'

const [address = '', number = '1', folder] = process.argv.slice(2)

export const MIGRATOR = fileURLToPath(import.meta.url)

let left = Number(number)

const killAfter: StatementHook = () => () => {
  if (--left === 0) process.kill(process.pid, 'SIGKILL')
}

if (process.argv[1] === import.meta.filename) {
  if (address.startsWith('postgres://')) await migrateServer()
  else await migrateFile()
}

async function migrateFile(): Promise<void> {
  const { openSqliteDatabase } = await import('../../src/storage/sqlite/sqlite-database.ts')
  const { migrateSqlite } = await import('../../src/storage/sqlite/sqlite-migrate.ts')
  const db = openSqliteDatabase(address, killAfter)
  db.client.pragma('cache_size = 1')
  migrateSqlite(db, folder)
  await db.close()
}

async function migrateServer(): Promise<void> {
  const { migratePostgres } = await import('../../src/storage/postgres/postgres-migrate.ts')
  const { openPostgresDatabase } = await import('../../src/storage/postgres/postgres-database.ts')
  const db = openPostgresDatabase(address, [], { onStatement: killAfter })
  await migratePostgres(db, folder)
  await db.close()
}
