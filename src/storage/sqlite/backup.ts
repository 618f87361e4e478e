// A copy of the database as of one moment, while others read and write. Written beside its place, synced, and only
// then given its name: so a file of that name is whole.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { quoted, Refusal } from '../../errors.ts'
import type { SqliteDatabase } from './database.ts'

export function backUp(db: SqliteDatabase, file: string): void {
  const place = resolve(file)
  if (!existsSync(dirname(place))) {
    throw new Refusal(
      'BAD_USER_INPUT',
      `the folder of ${quoted(file)} does not exist; make it first`,
    )
  }
  if (existsSync(place)) {
    throw new Refusal(
      'BAD_USER_INPUT',
      `${quoted(file)} is there already; give the name of a new file`,
    )
  }
  const unfinished = `${place}.part`
  rmSync(unfinished, { force: true })
  try {
    // Reads in one transaction, which in this mode holds nobody up.
    db.run('VACUUM INTO ?', unfinished)
    sync(unfinished)
    renameSync(unfinished, place)
    sync(dirname(place))
  } finally {
    rmSync(unfinished, { force: true })
  }
}

function sync(path: string): void {
  const opened = openSync(path, 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}
