// The contract of src/store.ts on each database, and what only a database in a file can show.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { event, ORGANIZATION, uuid } from './support/events.ts'
import { testStore, user } from './support/store-contract.ts'

let folder = ''
let files = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'iam-logs-store-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

function open(file = join(folder, `${++files}.db`)) {
  return openStore(file, { scalewayIds: scalewayIds() })
}

testStore('SQLite', async () => open())

test('no byte of a removed name or address stays in the files of the database', async () => {
  const file = join(folder, 'erased.db')
  const store = open(file)
  const people = Array.from({ length: 2000 }, (_, number) =>
    user({
      id: uuid((number * 7919) % 2000),
      name: `Secret Person ${number}`,
      email: `secret-${number}@example.com`,
    }),
  )
  const listing = { organizationId: ORGANIZATION, kind: 'user' as const, complete: true }
  for (let from = 0; from < people.length; from += 100) {
    await store.describe({ ...listing, complete: false, entries: people.slice(from, from + 100) })
  }
  await store.describe({ ...listing, entries: people.filter((_, number) => number % 3 === 0) })
  const gone = people[3]
  await store.append([event({ action: 'deleted', category: 'user', resourceId: gone?.id ?? '' })])
  const bytes = readdirSync(folder)
    .filter(name => name.startsWith('erased.db'))
    .map(name => readFileSync(join(folder, name)).toString('latin1'))
    .join()
  const found = people.filter(
    ({ name, email }) => bytes.includes(`${name}"`) || bytes.includes(`"${email}"`),
  )
  await store.close()
  expect(found.map(({ name }) => name)).toEqual(
    people.filter((_, number) => number % 3 === 0 && number !== 3).map(({ name }) => name),
  )
})

test('what was acknowledged is there when the file is opened again', async () => {
  const file = join(folder, 'again.db')
  const first = open(file)
  await first.append([event(), event()])
  await first.close()
  const second = open(file)
  expect(await second.organizationIds()).toEqual([ORGANIZATION])
  expect(await second.verify()).toEqual([])
  await second.close()
})
