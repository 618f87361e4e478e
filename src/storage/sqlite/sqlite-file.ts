// The files of a SQLite database: the database, its log and the log's index. Checks that the open files still have their
// names: SQLite silently continues with a file that was deleted or replaced, and everything written to it is lost.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Client from 'better-sqlite3'
import { codeOf, InputError, quoted, type UserError } from '../../errors.ts'
import { isBusy } from './sqlite-connection.ts'

/** The files that SQLite keeps beside the database while it is open. */
const BESIDE = ['-wal', '-shm'] as const

/** Other users must not read a log of who did what; SQLite gives the files beside the database the same mode. */
const MODE = 0o600

/** Creates an empty file if there is none. Must not be called for a file that this process has open. */
export function makeFile(file: string): void {
  if (existsSync(file)) return
  try {
    closeSync(openSync(file, 'wx', MODE))
  } catch (error) {
    // Another process was faster, or opening the file will fail and give the reason.
    if (codeOf(error) === '') throw error
  }
}

/** In milliseconds: how long to wait for others that open the file at the same time; and the maximum per attempt. */
const OPENING = 2_000
const TRY_WITHIN = 50

/**
 * Rejects a file whose log was removed while others use it: they write to a log that no other process can see any more.
 * Must be called before the file is opened.
 */
export async function refuseIncompleteFile(file: string): Promise<void> {
  for (const until = performance.now() + OPENING; ; ) {
    if (!existsSync(file) || BESIDE.every(end => existsSync(file + end)) || !isUsed(file)) return
    if (performance.now() > until)
      throw gone(file, BESIDE.find(end => !existsSync(file + end)) ?? '')
    // Two processes that check at the same time block each other; the random delay keeps them from doing so again.
    await delay(Math.random() * TRY_WITHIN)
  }
}

/** Every process that has the file open holds a lock on it. */
function isUsed(file: string): boolean {
  let client: Client.Database | undefined
  try {
    client = new Client(file, { timeout: TRY_WITHIN })
    client.pragma('locking_mode = EXCLUSIVE')
    client.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    return isBusy(error)
  } finally {
    client?.close()
  }
}

/**
 * Must be called once the file is open and was read. The returned function throws if a name now belongs to another file
 * or to no file.
 */
export function movedCheck(file: string): () => void {
  const opened = ['', ...BESIDE].map(end => [end, identityOf(file + end)] as const)
  return () => {
    for (const [end, identity] of opened) {
      if (identityOf(file + end) !== identity) throw gone(file, end)
    }
  }
}

function identityOf(file: string): string | null {
  const found = statSync(file, { throwIfNoEntry: false })
  return found === undefined ? null : `${found.dev} ${found.ino}`
}

function gone(file: string, end: string): UserError {
  return new InputError(
    end === ''
      ? `database ${quoted(file)} was moved or deleted while it was in use; restart this program to use the file that is there now`
      : `database ${quoted(file)}: its file ${quoted(file + end)} was moved or deleted while it was in use; nothing more is written until all programs that use it have ended`,
  )
}

/**
 * Whether the file contains a database of this program, of any version; does not change it. Also true if that cannot be
 * determined: opening it will give the reason.
 */
export function isPresent(file: string): boolean {
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size === undefined || size === 0) return false
  try {
    const client = new Client(file, { readonly: true, fileMustExist: true })
    try {
      const journal = "SELECT 1 FROM sqlite_schema WHERE name = '__drizzle_migrations'"
      return client.prepare(journal).get() !== undefined
    } finally {
      client.close()
    }
  } catch {
    return true
  }
}

/**
 * Copies the database at one instant, while others read and write. The copy is written under a temporary name, synced,
 * and only then renamed: so a file with its final name is complete.
 */
export function backUp(client: Client.Database, file: string): void {
  const target = resolve(file)
  if (!existsSync(dirname(target))) {
    throw new InputError(`the folder of ${quoted(file)} does not exist; create it first`)
  }
  if (existsSync(target)) {
    throw new InputError(`${quoted(file)} already exists; give the name of a new file`)
  }
  const unfinished = `${target}.part`
  rmSync(unfinished, { force: true })
  try {
    makeFile(unfinished)
    // Reads in one transaction, which in WAL mode blocks no other connection.
    client.prepare('VACUUM INTO ?').run(unfinished)
    sync(unfinished)
    renameSync(unfinished, target)
    sync(dirname(target))
  } finally {
    rmSync(unfinished, { force: true })
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
