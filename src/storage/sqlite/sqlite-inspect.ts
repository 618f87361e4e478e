// Checks whether a SQLite file works: that it opens, has this version, can be written, is undamaged as far as a quick
// check shows, and has space to grow.

import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { bytes, type Diagnostic, fault, ok, warning } from '../../diagnostic.ts'
import { migrationState } from '../migrate.ts'
import { isBusy, sessionOf } from './sqlite-connection.ts'
import { createSqliteDialect } from './sqlite-dialect.ts'

/** In bytes: the space that a burst of events or a rewrite of names may need. */
const LITTLE_ROOM = 2 ** 30
const NO_ROOM = 100 * 2 ** 20

/** In bytes. Normally the log is emptied at 40 MiB. */
const LONG_LOG = 512 * 2 ** 20

/** The range of byte offsets in the log's index that readers lock. */
const FIRST_READER = 123
const LAST_READER = 127

/** How long to wait for another process to end its write, in milliseconds. */
const PATIENCE = 2_000

/** Small enough to be checked in full. */
const SMALL_TABLES = [
  ...['organizations', 'kinds', 'read_windows', 'directory'],
  ...['tokens', 'access_grants', 'sessions'],
]

export async function inspectSqlite(file: string): Promise<Diagnostic[]> {
  const folder = dirname(resolve(file))
  if (!existsSync(folder)) {
    return [fault('database', `its folder ${folder} does not exist`, `mkdir -p ${folder}`)]
  }
  if (!existsSync(file)) {
    const found = `${file} does not exist yet; serve, import, sync, sample and migrate create it`
    const isWritable = mayWrite(folder)
      ? ok('writable', 'the folder can be written')
      : fault(
          'writable',
          `this user may not write in ${folder}`,
          `make this user its owner: chown ${folder}`,
        )
    return [ok('database', found), isWritable, room(folder)]
  }
  let db: Database.Database
  try {
    db = new Database(file, { readonly: true, fileMustExist: true, timeout: PATIENCE })
  } catch (error) {
    return [cannotOpen(file, error)]
  }
  try {
    return [...(await opened(db, file)), logOf(db, file), writable(file, folder), room(folder)]
  } catch (error) {
    return [cannotOpen(file, error), room(folder)]
  } finally {
    db.close()
  }
}

function cannotOpen(file: string, error: unknown): Diagnostic {
  const remedy =
    'check that it is the right file and that this user may read it; if it is damaged, restore a backup'
  return fault('database', `${file} cannot be read: ${wordsOf(error)}`, remedy)
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function opened(db: Database.Database, file: string): Promise<Diagnostic[]> {
  const version = db.prepare('SELECT sqlite_version()').pluck().get()
  const found = [ok('database', `${file}, ${bytes(statSync(file).size)}, SQLite ${version}`)]
  const state = await migrationState(sessionOf(createSqliteDialect(), db))
  if (state === 'newer') {
    const remedy = 'use the version that made it, or a newer one'
    return [...found, fault('migrations', 'made by a newer version of iam-logs-gateway', remedy)]
  }
  if (state === 'behind') {
    const remedy = 'stop other versions that use it, then run: iam-logs migrate'
    return [...found, warning('migrations', 'made by an older version', remedy)]
  }
  return [...found, ok('migrations', 'up to date'), contents(db)]
}

function contents(db: Database.Database): Diagnostic {
  const checked = SMALL_TABLES.flatMap(
    table => db.pragma(`quick_check('${table}')`) as { quick_check: string }[],
  )
  const wrong = checked.find(({ quick_check }) => quick_check !== 'ok')
  const remedy = 'run: iam-logs verify; if that finds faults, restore a backup'
  if (wrong !== undefined) return fault('contents', wrong.quick_check, remedy)
  const [organizations, events, last] = db
    .prepare('SELECT count(*), total(events), total(last_sequence) FROM organizations')
    .raw()
    .get() as [number, number, number]
  if (last < events) return fault('contents', 'events are missing', remedy)
  const many = `${events.toLocaleString('en')} events of ${organizations.toLocaleString('en')} Organizations`
  return ok('contents', `${many}; small tables have no faults, iam-logs verify checks all tables`)
}

function logOf(db: Database.Database, file: string): Diagnostic {
  const mode = db.pragma('journal_mode', { simple: true })
  if (mode !== 'wal') {
    const remedy =
      'open the database once with any command; if that does not help, move it to a local disk'
    return warning('write-ahead log', `the journal mode is ${mode}, not wal`, remedy)
  }
  const size = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0
  if (size <= LONG_LOG) return ok('write-ahead log', bytes(size))
  const found = `${bytes(size)}, but it should be emptied at 40 MiB; ${readersOf(file)}`
  const remedy = 'stop the process that reads the file for long, or restart the server'
  return warning('write-ahead log', found, remedy)
}

/** The processes that keep the log from being emptied, if known: each SQLite reader locks a byte of the log's index. */
function readersOf(file: string): string {
  const pids = new Set<string>()
  try {
    const { ino } = statSync(`${file}-shm`)
    for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
      const [, , , , pid = '', place = '', from] = line.trim().split(/\s+/)
      const isReader = Number(from) >= FIRST_READER && Number(from) <= LAST_READER
      if (isReader && place.endsWith(`:${ino}`)) pids.add(pid)
    }
  } catch {
    // Only Linux has /proc/locks.
  }
  pids.delete(String(process.pid))
  if (pids.size === 0) return 'another process reads the file, or did until now'
  return `${[...pids].map(pid => `process ${pid}${nameOf(pid)}`).join(' and ')} reads the file`
}

/** In parentheses, with a leading space; empty if unknown. */
function nameOf(pid: string): string {
  try {
    return ` (${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`
  } catch {
    return ''
  }
}

/** Acquires the write lock and releases it. */
function writable(file: string, folder: string): Diagnostic {
  if (!mayWrite(file) || !mayWrite(folder)) {
    const remedy =
      'run this as the user of the server, or make this user the owner of the file and its folder'
    return fault('writable', 'this user may not write the file', remedy)
  }
  const db = new Database(file, { timeout: PATIENCE })
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK')
    return ok('writable', 'yes')
  } catch (error) {
    const found = `another process has been writing for over ${PATIENCE / 1000} s`
    return isBusy(error)
      ? warning('writable', found, 'wait until it has ended')
      : fault('writable', wordsOf(error), 'check whether the disk is full or mounted read-only')
  } finally {
    db.close()
  }
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function room(folder: string): Diagnostic {
  const { bavail, bsize, blocks } = statfsSync(folder)
  const free = bavail * bsize
  const found = `${bytes(free)} free of ${bytes(blocks * bsize)}`
  const remedy = 'free some space, or move the database to a larger disk'
  if (free < NO_ROOM) return fault('disk', found, remedy)
  return free < LITTLE_ROOM ? warning('disk', found, remedy) : ok('disk', found)
}
