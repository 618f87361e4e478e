// Whether the files that are open are still those of their names: the database, its log and the log's index. SQLite goes
// on with one that was deleted or replaced as if nothing had happened, and whatever is written into it is lost.

import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import Client from 'better-sqlite3'
import { quoted, UserError } from '../../errors.ts'
import { isBusy } from './failures.ts'
import { pause } from './pause.ts'

/** SQLite's own, which are there while the database is open. */
const BESIDE = ['-wal', '-shm'] as const

/** Nobody else may read a log of who did what; SQLite gives the files beside it the same mode. */
const MODE = 0o600

/** Makes an empty file where there is none. Must not be called for one that this process has open. */
export function makeFile(file: string): void {
  if (existsSync(file)) return
  try {
    closeSync(openSync(file, 'wx', MODE))
  } catch (error) {
    // Another process was faster, or whoever opens it is told why that cannot be.
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}

/** So long, in milliseconds, is waited for others that open the file at the same time; and at most for each look. */
const OPENING = 2_000
const LOOK_EVERY = 50

/**
 * Refuses a file whose log was taken away while others use it: they write into a log that nobody else sees any more. To be
 * called before it is opened.
 */
export function refuseIncompleteFile(file: string): void {
  for (const until = performance.now() + OPENING; ; ) {
    if (!existsSync(file) || BESIDE.every(end => existsSync(file + end)) || !isUsed(file)) return
    if (performance.now() > until)
      throw gone(file, BESIDE.find(end => !existsSync(file + end)) ?? '')
    // Two that look at the same time are in each other's way, and would be so again.
    pause(Math.random() * LOOK_EVERY)
  }
}

/** Whoever has it open holds a lock on the file itself. */
function isUsed(file: string): boolean {
  let client: Client.Database | undefined
  try {
    client = new Client(file, { timeout: LOOK_EVERY })
    client.pragma('locking_mode = EXCLUSIVE')
    client.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    return isBusy(error)
  } finally {
    client?.close()
  }
}

/** To be called when the file is open and was read; what it returns throws once another or none has the name of any. */
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
  return new UserError(
    'BAD_USER_INPUT',
    end === ''
      ? `database ${quoted(file)} was moved or deleted while it was in use; start again to use the file that is there now`
      : `database ${quoted(file)}: its file ${quoted(file + end)} was moved or deleted while it was in use; nothing more is written until all programs that use it have ended`,
  )
}
