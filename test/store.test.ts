// The contract of src/store.ts on SQLite, and what holds only for a database in a file.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Event, FEED_START } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore, type StoreOptions } from '../src/storage/open.ts'

import { assertBound } from './support/bound.ts'
import { testBounds } from './support/bounds-contract.ts'
import { event, ORGANIZATION, query, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { testNames } from './support/names-contract.ts'
import { user } from './support/people.ts'
import { testPrincipals } from './support/principals-contract.ts'
import { testRights } from './support/rights-contract.ts'
import { testSavedViews } from './support/saved-views-contract.ts'
import { testSeals } from './support/seals-contract.ts'
import { testSearch } from './support/search-contract.ts'
import { testStore } from './support/store-contract.ts'
import { testSyncStore } from './support/sync-contract.ts'
import { owner } from './support/viewers.ts'

const ROUNDS = LONG ? 150 : 30

let folder = ''
let files = 0

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'iam-logs-store-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

function open(file = join(folder, `${++files}.db`), options: Partial<StoreOptions> = {}) {
  return openStore(file, { scalewayIds: scalewayIds(), onStatement: assertBound, ...options })
}

testStore('SQLite', async () => open())
testSyncStore('SQLite', async () => open())
testSearch('SQLite', async () => open())
testSeals('SQLite', async options => open(undefined, options))
testSavedViews('SQLite', async options => open(undefined, options))
testNames('SQLite', async options => open(undefined, options))
testRights('SQLite', async options => open(undefined, options))
testPrincipals('SQLite', async () => open())
testBounds('SQLite', async () => open(':memory:'))
testStore(
  'SQLite, which moves IDs early',
  async () => open(undefined, { mostWaitingIds: 3 }),
  LONG ? 200 : 30,
)

test('each event is found by its ID, and known when it is appended again, before and after IDs are moved', async () => {
  const store = await open(undefined, { mostWaitingIds: 50 })
  const events = Array.from({ length: 2000 }, (_, number) =>
    event({ id: uuid((number * 7919) % 2003, 'e7000000') }),
  )
  const appended = new Set<Event>()
  for (let from = 0; from < events.length; from += 17) {
    const batch = events.slice(from, from + 17)
    const again = [...appended].filter((_, number) => number % 97 === from % 97)
    const { added } = await store.append([...batch, ...again, ...batch.slice(0, 3)])
    expect(added).toBe(batch.length)
    for (const event of batch) appended.add(event)
  }
  const reader = store.reader(owner)
  for (let from = 0; from < events.length; from += 100) {
    const some = events.slice(from, from + 100)
    expect(await reader.eventsById(some.map(({ id }) => id))).toMatchObject(some)
  }
  expect(await reader.countEvents(ORGANIZATION, {})).toBe(2000)
  expect(await store.verify()).toEqual([])
  await store.close()
})

test('a page of events by action, principal or network tests events in an index, and reads the rows of only those it shows', async () => {
  const file = join(folder, 'plans.db')
  const statements: [string, readonly unknown[]][] = []
  const onStatement = (text: string, values: readonly unknown[]) => {
    statements.push([text, values])
  }
  const store = await open(file, { onStatement })
  await store.append(
    Array.from({ length: 500 }, (_, number) =>
      event({
        action: number % 9 === 0 ? 'deleted' : 'created',
        principalId: uuid(number % 3),
        userAgent: `agent ${number % 7}`,
        ipAddress: `192.0.2.${number % 40}`,
        createdAt: 1_000_000 * number,
      }),
    ),
  )
  const network = { first: Uint8Array.of(192, 0, 2, 0), last: Uint8Array.of(192, 0, 2, 29) }
  const client = new Database(file, { readonly: true })
  for (const filter of [
    { actions: ['deleted' as const] },
    { principalIds: [uuid(1)] },
    { addresses: [network] },
  ]) {
    const page = await store.reader(owner).events(query({ filter, limit: 20 }))
    expect(page.events).toHaveLength(20)
    statements.length = 0
    const last = page.events.at(-1)
    const after = { createdAt: last?.createdAt ?? 0, id: last?.id ?? '' }
    await store.reader(owner).events(query({ filter, limit: 20, after }))
    const reads = statements.filter(([text]) => text.includes('recorded_ms'))
    expect(reads.length).toBeGreaterThan(0)
    for (const [text, values] of reads) {
      const plan = client.prepare(`EXPLAIN QUERY PLAN ${text}`).all(values) as { detail: string }[]
      const steps = plan.map(({ detail }) => detail)
      expect(steps).toContainEqual(
        expect.stringMatching(/^SEARCH e USING COVERING INDEX events_by_(date|series)/),
      )
      // An event has its own kind and address; only its principal is found by its series.
      if (!('principalIds' in filter)) {
        expect(steps).not.toContainEqual(expect.stringContaining('SEARCH s '))
      }
    }
  }
  client.close()
  await store.close()
})

test('the next page of a filter looks up its values again only if events have arrived', async () => {
  const statements: string[] = []
  const store = await open(join(folder, 'pages.db'), {
    onStatement: text => statements.push(text),
  })
  await store.append(Array.from({ length: 9 }, (_, number) => event({ createdAt: number })))
  const reader = store.reader(owner)
  async function lookUps(after: number): Promise<number> {
    statements.length = 0
    const place = { createdAt: after, id: FEED_START }
    const page = query({ filter: { userAgent: 'curl' }, limit: 2, after: place })
    expect((await reader.events(page)).events).toHaveLength(2)
    return statements.filter(text => text.includes('LIKE')).length
  }
  expect(await lookUps(9)).toBe(1)
  expect(await lookUps(7)).toBe(0)
  expect(await lookUps(5)).toBe(0)
  await store.append([event({ createdAt: 20 })])
  expect(await lookUps(3)).toBe(1)
  await store.close()
})

test('an event that another store of the same file appended is known, also after its ID was moved', async () => {
  const file = join(folder, 'shared.db')
  const one = await open(file)
  const another = await open(file, { mostWaitingIds: 0 })
  const events = Array.from({ length: 300 }, () => event())
  expect(await one.append(events.slice(0, 150))).toEqual({ added: 150, known: 0, expired: 0 })
  expect(await another.append(events.slice(150))).toEqual({ added: 150, known: 0, expired: 0 })
  expect(await another.append(events)).toEqual({ added: 0, known: 300, expired: 0 })
  expect(await one.append(events)).toEqual({ added: 0, known: 300, expired: 0 })
  expect(await one.verify()).toEqual([])
  await one.close()
  await another.close()
})

test('no bytes of removed users, nor of former e-mail addresses, stay in the files of the database', async () => {
  const file = join(folder, 'erased.db')
  const store = await open(file)
  const listing = { organizationId: ORGANIZATION, kind: 'user' as const, complete: false }
  const people = new Map<number, ReturnType<typeof user>>()
  let seed = 1
  const random = (below: number) => {
    seed = (seed * 48271) % 2147483647
    return seed % below
  }
  // Users are added, renamed and removed in random order, so that pages of the file split, fill and empty.
  for (let round = 0; round < ROUNDS; round++) {
    const changed: number[] = []
    for (let change = 0; change < 60; change++) {
      const number = random(3000)
      const email = `secret-${number}-${round}-${change}@${'x'.repeat(random(300))}.example`
      const name = `called-${number}-${round} ${'y'.repeat(random(200))}`
      people.set(number, user({ id: uuid(number * 7919), name, email }))
      changed.push(number)
    }
    const entries = changed.flatMap(number => people.get(number) ?? [])
    await store.updateDirectory({ ...listing, entries })
  }
  const removed = [...people.keys()].filter(() => random(4) === 0)
  const [deleted = 0, ...unlisted] = removed
  for (const number of unlisted) people.delete(number)
  await store.updateDirectory({ ...listing, complete: true, entries: [...people.values()] })
  people.delete(deleted)
  await store.append([
    event({ action: 'deleted', category: 'user', resourceId: uuid(deleted * 7919) }),
  ])
  const bytes = readdirSync(folder)
    .filter(name => name.startsWith('erased.db'))
    .map(name => readFileSync(join(folder, name)).toString('latin1'))
    .join()
  await store.close()
  const found = new Set(bytes.match(/secret-\d+-\d+-\d+@/g))
  const kept = new Set([...people.values()].map(({ email }) => `${email?.split('@')[0]}@`))
  expect(found).toEqual(kept)
  // Former names stay for listed users, and are removed with them.
  const called = new Set([...bytes.matchAll(/called-(\d+)-/g)].map(match => Number(match[1])))
  expect(called).toEqual(new Set(people.keys()))
  expect(new Set(bytes.match(/called-\d+-\d+/g)).size).toBeGreaterThan(people.size)
})

test('no bytes of names stay of a former user with the same ID', async () => {
  const file = join(folder, 'another.db')
  const store = await open(file)
  const listing = { organizationId: ORGANIZATION, kind: 'user' as const, complete: false }
  const names = ['born-first', 'born-second', 'born-third']
  for (const [number, name] of names.entries()) {
    const createdAt = number < 2 ? 1 : 2
    await store.updateDirectory({ ...listing, entries: [user({ name, createdAt })] })
  }
  const bytes = readdirSync(folder)
    .filter(name => name.startsWith('another.db'))
    .map(name => readFileSync(join(folder, name)).toString('latin1'))
    .join()
  await store.close()
  expect(new Set(bytes.match(/born-(?:first|second|third)/g))).toEqual(new Set(['born-third']))
})

test('a reader in another process delays no writes, and delays the erasure of names only until it ends', async () => {
  const file = join(folder, 'read.db')
  const store = await open(file)
  const listing = { organizationId: ORGANIZATION, kind: 'user' as const, complete: true }
  const bytes = () =>
    readdirSync(folder)
      .filter(name => name.startsWith('read.db'))
      .map(name => readFileSync(join(folder, name)).toString('latin1'))
      .join()
  await store.updateDirectory({ ...listing, entries: [user({ name: 'gone-soon' })] })
  const other = new Database(file)
  other.exec('BEGIN')
  other.prepare('SELECT count(*) FROM directory').get()
  let erased = false
  const done = Promise.resolve(store.updateDirectory({ ...listing, entries: [] })).then(() => {
    erased = true
  })
  await store.append([event()])
  expect(await store.reader(owner).countEvents(ORGANIZATION, {})).toBe(1)
  expect([erased, bytes().includes('gone-soon')]).toEqual([false, true])
  other.exec('COMMIT')
  other.close()
  await done
  expect(bytes()).not.toContain('gone-soon')
  await store.close()
})

test('verify reports names that do not fit the history of names', async () => {
  const file = join(folder, 'names.db')
  const store = await open(file)
  const listing = { organizationId: ORGANIZATION, kind: 'user' as const, complete: false }
  await store.updateDirectory({ ...listing, entries: [user(), user({ id: uuid(2) })] })
  expect(await store.verify()).toEqual([])
  const db = new Database(file)
  db.exec("UPDATE names SET name = 'x' WHERE id = unhex('10000000000040008000000000000001')")
  db.exec("DELETE FROM directory WHERE id = unhex('10000000000040008000000000000002')")
  db.exec("UPDATE directory SET sort_name = 'x'")
  db.close()
  expect(await store.verify()).toEqual([
    `Organization ${ORGANIZATION}: 1 entry whose name is not the last of its history`,
    `Organization ${ORGANIZATION}: 1 entry whose name for search is not its own`,
    `Organization ${ORGANIZATION}: 1 former name without an entry`,
  ])
  await store.close()
})

test('appended events are stored when the file is opened again', async () => {
  const file = join(folder, 'again.db')
  const first = await open(file)
  await first.append([event(), event()])
  await first.close()
  const second = await open(file)
  expect(await second.organizationIds()).toEqual([ORGANIZATION])
  expect(await second.reader(owner).countEvents(ORGANIZATION, {})).toBe(2)
  expect(await second.verify()).toEqual([])
  await second.close()
})
