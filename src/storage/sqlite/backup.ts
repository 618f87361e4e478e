// A copy of the database as of one moment, while others read and write. Written beside its place, synced, and only
// then given its name: so a file of that name is whole.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type Client from 'better-sqlite3'
import { quoted, UserError } from '../../errors.ts'
import { makeFile } from './file-check.ts'

export function backUp(client: Client.Database, file: string): void {
  const place = resolve(file)
  if (!existsSync(dirname(place))) {
    throw new UserError(
      'BAD_USER_INPUT',
      `the folder of ${quoted(file)} does not exist; make it first`,
    )
  }
  if (existsSync(place)) {
    throw new UserError(
      'BAD_USER_INPUT',
      `${quoted(file)} is there already; give the name of a new file`,
    )
  }
  const unfinished = `${place}.part`
  rmSync(unfinished, { force: true })
  try {
    makeFile(unfinished)
    // Reads in one transaction, which in this mode holds nobody up.
    client.prepare('VACUUM INTO ?').run(unfinished)
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
