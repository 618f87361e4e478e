// Readers that wait for events wake up when one arrives, also between their read and their wait, and from other
// processes. Intervals are disabled where notifications must be enough.

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

/** The same log, which calls `after` between each read of arrivals and its result. */
function withHook(log: LogReader, after: (read: number) => unknown): LogReader {
  let reads = 0
  return {
    ...log,
    async arrivals(query) {
      const page = await log.arrivals(query)
      await after(++reads)
      return page
    },
  }
}

/** Follows the log until this number of events was delivered. */
async function seenBy(log: LogReader, count: number): Promise<string[]> {
  const stop = new AbortController()
  const seen: string[] = []
  const query = { organizationId: ORGANIZATION, filter: {}, after: FEED_START }
  for await (const { event } of follow(log, query, stop.signal)) {
    if (event !== null) seen.push(event.id)
    if (seen.length === count) stop.abort()
  }
  return seen
}

const idsOf = (events: readonly Event[]) => events.map(({ id }) => id)

/** Appends each event just after the read that would have found it, and expects that all are delivered. */
async function expectAllSeen(reading: AuditStore, writing: AuditStore): Promise<void> {
  const events = Array.from({ length: 6 }, () => event())
  await writing.append(events.slice(0, 1))
  const log = withHook(reading.reader(owner), read => writing.append(events.slice(read, read + 1)))
  expect(await seenBy(log, events.length)).toEqual(idsOf(events))
}

/** Stops all intervals. */
function withoutIntervals(): void {
  vi.useFakeTimers({ toFake: ['setInterval'] })
}

describe('an event that arrives between the read and the wait of a follower is delivered', () => {
  test('from the same store on SQLite', async () => {
    withoutIntervals()
    const store = await openStore(':memory:', { scalewayIds: scalewayIds() })
    await expectAllSeen(store, store)
    await store.close()
  })

  test('from another store on the same SQLite file', async () => {
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

  test('from the same store on PGlite', async () => {
    withoutIntervals()
    const store = await pglite.open()
    await expectAllSeen(store, store)
    await store.close()
  })

  test('from another store on PGlite, by a notification', async () => {
    withoutIntervals()
    const [one, other] = [await pglite.open(), await pglite.reopen()]
    await expectAllSeen(one, other)
    await one.close()
  })

  test.skipIf(SERVER_URL === null)(
    'from another store on PostgreSQL, by a notification',
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
    'from another store on PostgreSQL, also when the connection for notifications breaks',
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

  test('to a subscription, after each of its reads', async () => {
    withoutIntervals()
    const events = Array.from({ length: 5 }, () => event())
    const app = await openApp({
      store: store => ({
        ...store,
        reader: (...args) =>
          withHook(store.reader(...args), read => store.append(events.slice(read - 1, read))),
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

test('one arrival wakes up every waiting reader', async () => {
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

test('known events and names of Organizations wake up no reader', async () => {
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

test('a follower receives events that a command imports into the same file', async () => {
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

test('a subscription that resumes after each restart gets each event once', async () => {
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
    // Two events arrive before the subscription, and one during it.
    await app.store.append(events.slice(3 * round, 3 * round + 2))
    const after = seen.at(-1) ?? FEED_START
    const listener = await subscribe(app.fetch, { token, variables: { after } })
    await app.store.append(events.slice(3 * round + 2, 3 * round + 3))
    // In the first round the last event is left to the next subscription.
    for (let count = 0; count < (round === 0 ? 2 : 3); count++) {
      seen.push((await listener.next())?.data.data.eventRecorded.id)
    }
    await listener.leave()
    app.app.close()
    await app.store.close()
  }
  expect(seen).toEqual(idsOf(events).slice(0, 8))
})
