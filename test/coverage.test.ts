// What the graph says is complete, and what the readiness of the server makes of it.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BEGINNING, coverageOf, gapsIn, isStale, type ReadWindow } from '../src/coverage.ts'
import type { Instant } from '../src/instant.ts'
import { createApp } from '../src/server/app.ts'
import { openApp, type TestApp } from './support/app.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION } from './support/events.ts'

const COVERAGE = `query ($id: ID!) { organization(id: $id) { coverage {
  earliest latest lastSyncedAt completeUntil gaps { from until } stale
} } }`

const MONDAY = at('2026-03-02T00:00:00Z')
const TUESDAY = at('2026-03-03T00:00:00Z')
const WEDNESDAY = at('2026-03-04T00:00:00Z')
const HOUR = 3600 * 1_000_000

let app: TestApp
let clock: Instant

beforeEach(async () => {
  clock = WEDNESDAY
  app = await openApp({ clock: () => clock })
})

afterEach(() => app.store.close())

function read(given: Partial<ReadWindow> = {}): ReadWindow {
  return {
    organizationId: ORGANIZATION,
    from: BEGINNING,
    until: WEDNESDAY,
    events: 0,
    readAt: WEDNESDAY,
    ...given,
  }
}

async function coverage(id = ORGANIZATION) {
  const { data, errors } = await app.ask(COVERAGE, { id }, await app.token([], [id]))
  expect(errors).toBeUndefined()
  return data.organization.coverage
}

const NOTHING = {
  earliest: null,
  latest: null,
  lastSyncedAt: null,
  completeUntil: null,
  gaps: [],
  stale: null,
}

describe('the coverage of an Organization', () => {
  test('that was only imported tells its first and last date and knows nothing to be complete', async () => {
    await app.store.append([event({ createdAt: TUESDAY + 1 }), event({ createdAt: MONDAY })])
    expect(await coverage()).toEqual({
      ...NOTHING,
      earliest: '2026-03-02T00:00:00.000000Z',
      latest: '2026-03-03T00:00:00.000001Z',
    })
  })

  test('that was read to its end is complete up to there', async () => {
    await app.store.appendRead([event({ createdAt: MONDAY })], [read()])
    expect(await coverage()).toEqual({
      earliest: '2026-03-02T00:00:00.000000Z',
      latest: '2026-03-02T00:00:00.000000Z',
      lastSyncedAt: '2026-03-04T00:00:00.000000Z',
      completeUntil: '2026-03-04T00:00:00.000000Z',
      gaps: [],
      stale: false,
    })
  })

  test('tells what was not read: from the beginning on, and in between', async () => {
    await app.store.appendRead(
      [],
      [
        read({ from: MONDAY, until: MONDAY + HOUR, readAt: MONDAY + HOUR }),
        read({ from: TUESDAY, until: WEDNESDAY }),
      ],
    )
    expect(await coverage()).toMatchObject({
      earliest: null,
      completeUntil: null,
      gaps: [
        { from: null, until: '2026-03-02T00:00:00.000000Z' },
        { from: '2026-03-02T01:00:00.000000Z', until: '2026-03-03T00:00:00.000000Z' },
      ],
    })
  })

  test('is stale once its end was read more than an hour ago', async () => {
    await app.store.appendRead([], [read()])
    clock = WEDNESDAY + HOUR
    expect(await coverage()).toMatchObject({ stale: false })
    clock = WEDNESDAY + HOUR + 1
    expect(await coverage()).toMatchObject({ stale: true })
  })

  test('says nothing of another', async () => {
    await app.store.appendRead([event()], [read()])
    await app.store.nameOrganization({ id: OTHER_ORGANIZATION, name: 'Other' })
    expect(await coverage(OTHER_ORGANIZATION)).toEqual(NOTHING)
  })

  test('says nothing to who may not see its events', async () => {
    await app.store.appendRead([event()], [read({ from: MONDAY })])
    const query = `{ viewer { memberships { organization { coverage {
      earliest latest lastSyncedAt completeUntil gaps { from until } stale
    } } } } }`
    const { data } = await app.ask(query, {}, await app.token(['IAMUserReadOnly']))
    expect(data.viewer.memberships).toEqual([{ organization: { coverage: NOTHING } }])
  })
})

describe('readiness', () => {
  async function ready() {
    const response = await app.fetch('/health/ready')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const body = await response.text()
    expect(body).not.toContain(ORGANIZATION)
    return JSON.parse(body)
  }

  const never = { state: 'never', lastSyncedAt: null, completeUntil: null, gaps: 0 }

  test('needs no sync', async () => {
    expect(await ready()).toEqual({ status: 'ready', database: 'ok', sync: never })
    await app.store.append([event()])
    expect((await ready()).sync).toEqual(never)
  })

  test('says that the last run of the sync failed, and stays ready; stale goes before', async () => {
    let failingSince: number | null = null
    const watched = createApp({
      store: app.store,
      reportFault: () => {},
      clock: () => WEDNESDAY,
      syncRuns: () => ({ done: 0, failed: 0, failingSince }),
    })
    const ask = async () => {
      const response = await watched.fetch(new Request('http://localhost/health/ready'))
      return [response.status, ((await response.json()) as { sync: object }).sync]
    }
    expect(await ask()).toEqual([200, never])
    failingSince = WEDNESDAY - HOUR
    const failing = { failingSince: '2026-03-03T23:00:00.000000Z' }
    expect(await ask()).toEqual([200, { ...never, ...failing, state: 'failing' }])
    await app.store.appendRead([], [read({ until: WEDNESDAY, readAt: WEDNESDAY - HOUR })])
    expect(await ask()).toMatchObject([200, { ...failing, state: 'failing' }])
    await app.store.appendRead([], [read({ until: WEDNESDAY, readAt: WEDNESDAY - 2 * HOUR })])
    expect(await ask()).toMatchObject([200, { ...failing, state: 'stale' }])
  })

  test('does not wait for a database that says nothing', async () => {
    const watched = createApp({
      store: { ...app.store, check: () => new Promise<void>(() => {}) },
      reportFault: () => {},
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let answered = false
    const asked = watched.fetch(new Request('http://localhost/health/ready')).finally(() => {
      answered = true
    })
    await vi.advanceTimersByTimeAsync(1_999)
    expect(answered).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    vi.useRealTimers()
    const response = await asked
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({
      status: 'not ready',
      database: 'does not answer',
      sync: { state: 'unknown' },
    })
    watched.close()
  })

  test('tells of the Organizations that are synced the least, and no names', async () => {
    await app.store.appendRead([event()], [read()])
    await app.store.appendRead(
      [],
      [
        read({ organizationId: OTHER_ORGANIZATION, until: MONDAY, readAt: MONDAY }),
        read({
          organizationId: OTHER_ORGANIZATION,
          from: TUESDAY,
          until: WEDNESDAY,
          readAt: WEDNESDAY - HOUR,
        }),
      ],
    )
    expect((await ready()).sync).toEqual({
      state: 'fresh',
      lastSyncedAt: '2026-03-03T23:00:00.000000Z',
      completeUntil: '2026-03-02T00:00:00.000000Z',
      gaps: 1,
    })
  })

  test('an archive of which not even the beginning was read is complete up to nowhere', async () => {
    await app.store.appendRead([], [read()])
    await app.store.appendRead([], [read({ organizationId: OTHER_ORGANIZATION, from: MONDAY })])
    expect((await ready()).sync).toMatchObject({ completeUntil: null, gaps: 1 })
  })

  test('is given also while the archive is stale, and says so', async () => {
    await app.store.appendRead([], [read()])
    clock = WEDNESDAY + HOUR + 1
    expect((await ready()).sync).toMatchObject({ state: 'stale' })
  })
})

describe('windows that were read', () => {
  const events = { organizationId: ORGANIZATION, earliest: MONDAY, latest: TUESDAY }
  const [first, second] = [read({ until: MONDAY }), read({ from: MONDAY, until: TUESDAY })]
  const third = read({ from: TUESDAY + 1, readAt: WEDNESDAY + 1 })
  const between = { from: TUESDAY, until: TUESDAY + 1 }
  const before = { from: BEGINNING, until: MONDAY }

  test.each([
    ['none', [], []],
    ['one from the beginning', [first], []],
    ['two that touch', [first, second], []],
    ['two with an instant between', [first, second, third], [between]],
    ['one that is not from the beginning', [second], [before]],
    ['two with something before each', [second, third], [before, between]],
    ['one within another', [read(), second, read({ from: WEDNESDAY, until: WEDNESDAY + 1 })], []],
  ])('leave gaps where they leave something out: %s', (_, windows, gaps) => {
    expect(gapsIn(windows)).toEqual(gaps)
  })

  test('say up to where all was read, and when the last of them was', () => {
    const nothing = { ...events, lastSyncedAt: null, completeUntil: null, gaps: [] }
    expect(coverageOf([], events)).toEqual(nothing)
    const some = { ...events, completeUntil: TUESDAY }
    expect(coverageOf([first, second], events)).toEqual({
      ...some,
      lastSyncedAt: WEDNESDAY,
      gaps: [],
    })
    expect(coverageOf([first, second, third], events)).toEqual({
      ...some,
      lastSyncedAt: WEDNESDAY + 1,
      gaps: [between],
    })
    expect(coverageOf([second], events)).toMatchObject({ completeUntil: null, gaps: [before] })
  })

  test('are stale when the last was read more than an hour ago, and never where none ever was', () => {
    expect(isStale({ lastSyncedAt: MONDAY }, MONDAY + HOUR)).toBe(false)
    expect(isStale({ lastSyncedAt: MONDAY }, MONDAY + HOUR + 1)).toBe(true)
    expect(isStale({ lastSyncedAt: null }, MONDAY)).toBe(false)
  })
})
