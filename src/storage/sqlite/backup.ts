// Copies the database at one instant, while others read and write. The copy is written under a temporary name, synced,
// and only then renamed: so a file with its final name is complete.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type Client from 'better-sqlite3'
import { InputError, quoted } from '../../errors.ts'
import { makeFile } from './file-check.ts'

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
