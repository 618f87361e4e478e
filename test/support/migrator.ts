// A process that migrates a database, and kills itself after one of the statements:
// `node migrator.ts ADDRESS NUMBER [FOLDER OF MIGRATIONS]`. Ends normally if there are fewer. The small cache makes SQLite
// write uncommitted pages to the file's log.

import { fileURLToPath } from 'node:url'
import type { Database } from '../../src/storage/database.ts'
import type { StatementHook } from '../../src/storage/queries.ts'

const [address = '', number = '1', folder] = process.argv.slice(2)

export const MIGRATOR = fileURLToPath(import.meta.url)

let left = Number(number)

const killAfter: StatementHook = () => () => {
  if (--left === 0) process.kill(process.pid, 'SIGKILL')
}

if (process.argv[1] === import.meta.filename) {
  const { sql } = await import('../../src/storage/drizzle.ts')
  const { migrate } = await import('../../src/storage/migrate.ts')
  const isFile = !address.startsWith('postgres://')
  const db = isFile ? await openFile() : await openServer()
  if (isFile) await db.transaction(session => session.run(sql`PRAGMA cache_size = 1`))
  await migrate(db, folder)
  await db.close()
}

async function openFile(): Promise<Database> {
  const { openSqliteDatabase } = await import('../../src/storage/sqlite/sqlite-database.ts')
  return openSqliteDatabase(address, { onStatement: killAfter })
}

async function openServer(): Promise<Database> {
  const { openPostgresDatabase } = await import('../../src/storage/postgres/postgres-database.ts')
  return openPostgresDatabase(address, [], { onStatement: killAfter })
}
