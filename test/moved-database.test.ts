// The file of the database is moved, deleted or replaced while it is in use: nothing is acknowledged that would be
// missing after a restart, and the operator is told.

import { copyFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { openStoreForIntake } from '../src/storage/sqlite/append-thread.ts'
import { openApp } from './support/app.ts'
import { run, temporaryFolder } from './support/command.ts'
import { event } from './support/events.ts'

const MOVED = /was moved or deleted while it was in use; restart this program /

test.each([
  ['deleted', (file: string) => rmSync(file)],
  ['moved', (file: string) => renameSync(file, `${file}.old`)],
  [
    'replaced by a copy',
    (file: string) => {
      copyFileSync(file, `${file}.copy`)
      renameSync(`${file}.copy`, file)
    },
  ],
])('an append to a database file that was %s fails', async (_, change) => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  const options = { scalewayIds: scalewayIds() }
  const store = await openStore(file, options)
  const intake = await openStoreForIntake(file, { ...options, migrate: true })
  for (const one of [store, intake]) await one.append([event()])
  change(file)
  for (const one of [store, intake]) {
    await expect(async () => one.append([event()])).rejects.toThrow(MOVED)
    await one.close()
  }
})

test('the readiness check fails while the database file is moved away, and queries are still answered', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  const app = await openApp({ file })
  await app.store.append([event()])
  const token = await app.token()
  const ready = async () => (await app.fetch('/health/ready')).status
  expect(await ready()).toBe(200)
  renameSync(file, `${file}.old`)
  expect(await ready()).toBe(503)
  expect(app.faults).toEqual([expect.objectContaining({ message: expect.stringMatching(MOVED) })])
  const { data } = await app.ask('{ organizations { events { totalCount } } }', {}, token)
  expect(data.organizations[0].events.totalCount).toBe(1)
  renameSync(`${file}.old`, file)
  expect(await ready()).toBe(200)
  await app.store.close()
})

const LOG_MISSING =
  /its file ".*-(wal|shm)" was moved or deleted while it was in use; nothing more is written/

test.each(['-wal -shm', '-wal', '-shm'])(
  'nothing is written after the file %s of SQLite was deleted, by this or another process',
  async deleted => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'log.db')
    const options = { scalewayIds: scalewayIds() }
    const store = await openStore(file, options)
    await store.append([event(), event()])
    for (const end of deleted.split(' ')) rmSync(`${file}${end}`)
    await expect(store.append([event()])).rejects.toThrow(LOG_MISSING)
    await expect(store.check()).rejects.toThrow(LOG_MISSING)
    // Another process would write to a new file, which this one does not read.
    const another = await run(['migrate', '--database', file], { cwd: folder.path })
    expect(another).toMatchObject({ code: 1, stderr: expect.stringMatching(LOG_MISSING) })
    await store.close()
  },
)

test('only their owner can read and write the files of the database and of a backup', async () => {
  using folder = temporaryFolder()
  const store = await openStore(join(folder.path, 'log.db'), { scalewayIds: scalewayIds() })
  await store.append([event()])
  await store.backup(join(folder.path, 'copy.db'))
  const names = readdirSync(folder.path).sort()
  expect(names).toEqual(['copy.db', 'log.db', 'log.db-shm', 'log.db-wal'])
  for (const name of names) expect(statSync(join(folder.path, name)).mode & 0o777).toBe(0o600)
  await store.close()
})

test('an append fails while the date of the system clock cannot be stored, and succeeds afterwards', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  let at = 2 ** 60
  const store = await openStore(file, { scalewayIds: scalewayIds(), clock: () => at })
  await expect(store.append([event()])).rejects.toThrow(
    'the date of the system clock cannot be stored',
  )
  expect(await store.organizationIds()).toEqual([])
  at = 1000
  expect(await store.append([event()])).toEqual({ added: 1, known: 0, expired: 0 })
  expect(await store.verify()).toEqual([])
  await store.close()
})
