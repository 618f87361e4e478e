// The file of the database, taken away or replaced while it is in use: nothing is acknowledged that the next start
// would not find, and the operator is told.

import { copyFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { scalewayIds } from '../src/principal.ts'
import { openStore, openStoreForIntake } from '../src/storage/open.ts'
import { openApp } from './support/app.ts'
import { temporaryFolder } from './support/command.ts'
import { event } from './support/events.ts'

const MOVED = /was moved or deleted while it was in use; start again/

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
])('nothing is acknowledged that goes into a file that was %s', async (_, take) => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  const options = { scalewayIds: scalewayIds() }
  const store = await openStore(file, options)
  const intake = await openStoreForIntake(file, { ...options, migrate: true })
  for (const one of [store, intake]) await one.append([event()])
  take(file)
  for (const one of [store, intake]) {
    await expect(async () => one.append([event()])).rejects.toThrow(MOVED)
    await one.close()
  }
})

test('who watches the server is told, and who asks is answered', async () => {
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
