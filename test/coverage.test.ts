// Coverage: for which period the log of an Organization is complete, in the graph and in GET /health/ready.

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
  test('has the first and last date, but no complete period, if events were only imported', async () => {
    await app.store.append([event({ createdAt: TUESDAY + 1 }), event({ createdAt: MONDAY })])
    expect(await coverage()).toEqual({
      ...NOTHING,
      earliest: '2026-03-02T00:00:00.000000Z',
      latest: '2026-03-03T00:00:00.000001Z',
    })
  })

  test('is complete until the date to which sync has read the log', async () => {
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

  test('has a gap for each period that was not read: at the beginning, and in between', async () => {
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

  test('is stale if the log was last read more than an hour ago', async () => {
    await app.store.appendRead([], [read()])
    clock = WEDNESDAY + HOUR
    expect(await coverage()).toMatchObject({ stale: false })
    clock = WEDNESDAY + HOUR + 1
    expect(await coverage()).toMatchObject({ stale: true })
  })

  test('contains nothing of another Organization', async () => {
    await app.store.appendRead([event()], [read()])
    await app.store.nameOrganization({ id: OTHER_ORGANIZATION, name: 'Other' })
    expect(await coverage(OTHER_ORGANIZATION)).toEqual(NOTHING)
  })

  test('is empty for a viewer without a right to events', async () => {
    await app.store.appendRead([event()], [read({ from: MONDAY })])
    const query = `{ viewer { memberships { organization { coverage {
      earliest latest lastSyncedAt completeUntil gaps { from until } stale
    } } } } }`
    const { data } = await app.ask(query, {}, await app.token(['IAMUserReadOnly']))
    expect(data.viewer.memberships).toEqual([{ organization: { coverage: NOTHING } }])
  })
})

describe('GET /health/ready', () => {
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

  test('reports ready without any sync, with or without events', async () => {
    expect(await ready()).toEqual({ status: 'ready', database: 'ok', sync: never })
    await app.store.append([event()])
    expect((await ready()).sync).toEqual(never)
  })

  test('stays ready while sync fails, and reports since when; if the log is stale, it reports that instead', async () => {
    let failingSince: number | null = null
    const syncing = createApp({
      store: app.store,
      reportFault: () => {},
      clock: () => WEDNESDAY,
      syncRuns: () => ({ done: 0, failed: 0, failingSince }),
    })
    const ask = async () => {
      const response = await syncing.fetch(new Request('http://localhost/health/ready'))
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

  test('returns 503 after two seconds if the database does not answer', async () => {
    const waiting = createApp({
      store: { ...app.store, check: () => new Promise<void>(() => {}) },
      reportFault: () => {},
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let answered = false
    const pending = waiting.fetch(new Request('http://localhost/health/ready')).finally(() => {
      answered = true
    })
    await vi.advanceTimersByTimeAsync(1_999)
    expect(answered).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    vi.useRealTimers()
    const response = await pending
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({
      status: 'not ready',
      database: 'does not answer',
      sync: { state: 'unknown' },
    })
    waiting.close()
  })

  test('reports the earliest lastSyncedAt and completeUntil of all Organizations, and none of their IDs', async () => {
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

  test('reports no completeUntil if the beginning of the log of one Organization was not read', async () => {
    await app.store.appendRead([], [read()])
    await app.store.appendRead([], [read({ organizationId: OTHER_ORGANIZATION, from: MONDAY })])
    expect((await ready()).sync).toMatchObject({ completeUntil: null, gaps: 1 })
  })

  test('stays ready while the log is stale, and reports it', async () => {
    await app.store.appendRead([], [read()])
    clock = WEDNESDAY + HOUR + 1
    expect((await ready()).sync).toMatchObject({ state: 'stale' })
  })
})

describe('from the windows that were read', () => {
  const events = { organizationId: ORGANIZATION, earliest: MONDAY, latest: TUESDAY }
  const [first, second] = [read({ until: MONDAY }), read({ from: MONDAY, until: TUESDAY })]
  const third = read({ from: TUESDAY + 1, readAt: WEDNESDAY + 1 })
  const between = { from: TUESDAY, until: TUESDAY + 1 }
  const before = { from: BEGINNING, until: MONDAY }

  test.each([
    ['none', [], []],
    ['one from the beginning', [first], []],
    ['two adjacent ones', [first, second], []],
    ['two with a microsecond between', [first, second, third], [between]],
    ['one that is not from the beginning', [second], [before]],
    ['two with a gap before each', [second, third], [before, between]],
    ['one within another', [read(), second, read({ from: WEDNESDAY, until: WEDNESDAY + 1 })], []],
  ])('gapsIn returns the gaps: %s', (_, windows, gaps) => {
    expect(gapsIn(windows)).toEqual(gaps)
  })

  test('coverageOf returns the end of the first complete period, and the date of the latest read', () => {
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

  test('isStale is true more than an hour after the last read, and false if there was none', () => {
    expect(isStale({ lastSyncedAt: MONDAY }, MONDAY + HOUR)).toBe(false)
    expect(isStale({ lastSyncedAt: MONDAY }, MONDAY + HOUR + 1)).toBe(true)
    expect(isStale({ lastSyncedAt: null }, MONDAY)).toBe(false)
  })
})
