// Who follows the log is woken by what arrives, whenever it arrives: also between its look and its wait, and whichever
// process takes it in. No timer of the program's own helps here where there are notices.

import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Event, FEED_START } from '../src/event.ts'
import type { LogReader } from '../src/log-reader.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import type { AuditStore } from '../src/store.ts'
import { follow } from '../src/tail.ts'
import { openApp } from './support/app.ts'
import { run, temporaryFolder } from './support/command.ts'
import { event, ORGANIZATION } from './support/events.ts'
import {
  makeSchema,
  onServer,
  openAt,
  type Pglite,
  SERVER_URL,
  startPglite,
} from './support/postgres.ts'
import { subscribe } from './support/streams.ts'
import { owner } from './support/viewers.ts'

let pglite: Pglite

beforeAll(async () => {
  pglite = await startPglite()
})
afterEach(() => {
  vi.useRealTimers()
})
afterAll(() => pglite.close())

/** The same log, where something happens after each look for arrivals and before its answer is there. */
function lookedAt(log: LogReader, after: (look: number) => unknown): LogReader {
  let looks = 0
  return {
    ...log,
    async arrivals(query) {
      const page = await log.arrivals(query)
      await after(++looks)
      return page
    },
  }
}

/** Follows until it has seen so many. */
async function seenBy(log: LogReader, count: number): Promise<string[]> {
  const stop = new AbortController()
  const seen: string[] = []
  const asked = { organizationId: ORGANIZATION, filter: {}, after: FEED_START }
  for await (const { event } of follow(log, asked, stop.signal)) {
    if (event !== null) seen.push(event.id)
    if (seen.length === count) stop.abort()
  }
  return seen
}

const idsOf = (events: readonly Event[]) => events.map(({ id }) => id)

/** Each event arrives when the look that would have found it is over. */
async function expectAllSeen(reading: AuditStore, writing: AuditStore): Promise<void> {
  const events = Array.from({ length: 6 }, () => event())
  await writing.append(events.slice(0, 1))
  const log = lookedAt(reading.reader(owner), look => writing.append(events.slice(look, look + 1)))
  expect(await seenBy(log, events.length)).toEqual(idsOf(events))
}

/** From now on no interval of the program's own goes by. */
function withoutIntervals(): void {
  vi.useFakeTimers({ toFake: ['setInterval'] })
}

describe('what arrives between the look and the wait wakes who follows', () => {
  test('in the same process, over SQLite', async () => {
    withoutIntervals()
    const store = await openStore(':memory:', { scalewayIds: scalewayIds() })
    await expectAllSeen(store, store)
    await store.close()
  })

  test('from another connection to the SQLite file', async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'log.db')
    const [one, other] = [
      await openStore(file, { scalewayIds: scalewayIds() }),
      await openStore(file, { scalewayIds: scalewayIds() }),
    ]
    await expectAllSeen(one, other)
    await one.close()
    await other.close()
  })

  test('in the same process, over PGlite', async () => {
    withoutIntervals()
    const store = await pglite.open()
    await expectAllSeen(store, store)
    await store.close()
  })

  test('from another store over PGlite, by a notice', async () => {
    withoutIntervals()
    const [one, other] = [await pglite.open(), await pglite.reopen()]
    await expectAllSeen(one, other)
    await one.close()
  })

  test.skipIf(SERVER_URL === null)(
    'from another connection to PostgreSQL, by a notice',
    async () => {
      await using schema = await makeSchema()
      const [one, other] = [await openAt(schema.url), await openAt(schema.url)]
      withoutIntervals()
      await expectAllSeen(one, other)
      await one.close()
      await other.close()
    },
  )

  test.skipIf(SERVER_URL === null)(
    'while the connection is broken on which PostgreSQL gives notice',
    async () => {
      await using schema = await makeSchema()
      const elsewhere = new URL(schema.url)
      elsewhere.searchParams.set('application_name', 'elsewhere')
      const [one, other] = [await openAt(schema.url), await openAt(elsewhere.href)]
      withoutIntervals()
      await expectAllSeen(one, other)
      for (let round = 0; round < 3; round++) {
        const next = one.reader(owner).nextArrival()
        await onServer(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE application_name = '${schema.applicationName}'`)
        await other.append([event()])
        await next
      }
      await one.close()
      await other.close()
    },
  )

  test('as a subscriber, after each look', async () => {
    withoutIntervals()
    const events = Array.from({ length: 5 }, () => event())
    const app = await openApp({
      store: store => ({
        ...store,
        reader: (...asked) =>
          lookedAt(store.reader(...asked), look => store.append(events.slice(look - 1, look))),
      }),
    })
    await app.store.nameOrganization({ id: ORGANIZATION, name: null })
    const token = await app.token()
    const listener = await subscribe(app.fetch, { token, variables: { after: FEED_START } })
    const seen: unknown[] = []
    while (seen.length < events.length) {
      seen.push((await listener.next())?.data.data.eventRecorded.id)
    }
    expect(seen).toEqual(idsOf(events))
    app.app.close()
    await app.store.close()
  })
})

test('each who waits is woken, and once is enough for all', async () => {
  withoutIntervals()
  for (const store of [
    await openStore(':memory:', { scalewayIds: scalewayIds() }),
    await pglite.open(),
  ]) {
    const waiting = [1, 2, 3].map(() => store.reader(owner).nextArrival())
    await store.append([event()])
    await Promise.all(waiting)
    await store.close()
  }
})

test('what was there already, and what changes no log, wakes nobody', async () => {
  withoutIntervals()
  const store = await openStore(':memory:', { scalewayIds: scalewayIds() })
  const known = event()
  await store.append([known])
  let woken = false
  const next = store
    .reader(owner)
    .nextArrival()
    .then(() => {
      woken = true
    })
  await store.append([known])
  await store.nameOrganization({ id: ORGANIZATION, name: 'Example' })
  await new Promise(setImmediate)
  expect(woken).toBe(false)
  await store.append([event()])
  await next
  await store.close()
})

test('who follows the log is told of what a command takes in beside it', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  const store = await openStore(file, { scalewayIds: scalewayIds() })
  const first = event()
  await store.append([first])
  const seeing = seenBy(store.reader(owner), 2)
  const id = 'e0000000-0000-4000-8000-0000000fffff'
  const logs = [
    {
      ...{ id, organization_id: ORGANIZATION, created_at: '2026-02-01T00:00:00Z' },
      ...{ action: 'created', resource_type: 'user', resource_id: first.resourceId },
      ...{ bearer_id: first.principalId, ip: '192.0.2.1', user_agent: 'curl' },
    },
  ]
  const input = JSON.stringify({ logs })
  const ended = await run(['import', '-', '--database', file], { cwd: folder.path, input })
  expect(ended).toMatchObject({ code: 0 })
  expect(await seeing).toEqual([first.id, id])
  await store.close()
})

test('a subscriber that goes on after a restart gets each event once', async () => {
  using folder = temporaryFolder()
  const file = join(folder.path, 'log.db')
  const events = Array.from({ length: 9 }, () => event())
  const seen: unknown[] = []
  let token = ''
  for (let round = 0; round < 3; round++) {
    const app = await openApp({ file })
    if (round === 0) {
      token = await app.token()
      await app.store.nameOrganization({ id: ORGANIZATION, name: null })
    }
    // Some arrived while nobody listened, some while the subscriber does.
    await app.store.append(events.slice(3 * round, 3 * round + 2))
    const after = seen.at(-1) ?? FEED_START
    const listener = await subscribe(app.fetch, { token, variables: { after } })
    await app.store.append(events.slice(3 * round + 2, 3 * round + 3))
    // Of the last before the restart only the cursor comes.
    for (let count = 0; count < (round === 0 ? 2 : 3); count++) {
      seen.push((await listener.next())?.data.data.eventRecorded.id)
    }
    await listener.leave()
    app.app.close()
    await app.store.close()
  }
  expect(seen).toEqual(idsOf(events).slice(0, 8))
})
