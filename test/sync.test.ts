// Sync of the log: the requests to Scaleway, the stored events, and the coverage.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { BEGINNING } from '../src/coverage.ts'
import { formatInstant, type Instant } from '../src/instant.ts'
import type { LogReader } from '../src/log-reader.ts'
import { ScalewayUnavailable } from '../src/scaleway/client.ts'
import { at, ORGANIZATION, OTHER_ORGANIZATION, query, uuid } from './support/events.ts'
import {
  type FakeOrganization,
  type FakeScaleway,
  log,
  startFakeScaleway,
  user,
  type WireItem,
} from './support/scaleway.ts'
import { DAY, type Follower, follower, MINUTE, NOW, type SyncRun } from './support/upstream.ts'
import { owner } from './support/viewers.ts'

let fake: FakeScaleway
const folder = mkdtempSync(join(tmpdir(), 'iam-logs-sync-'))
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  fake = await startFakeScaleway()
})

afterEach(async () => {
  for (const archive of opened.splice(0)) await archive.close()
})

afterAll(async () => {
  await fake.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Scene {
  readonly scaleway: FakeOrganization
  readonly archive: Follower
  readonly reader: LogReader
}

/** An empty Scaleway with one Organization, and an empty archive, in memory unless a file is named. */
async function scene(name?: string): Promise<Scene> {
  fake.reset()
  const archive = await follower(fake, name === undefined ? ':memory:' : join(folder, name))
  opened.push(archive)
  return {
    scaleway: fake.organization(ORGANIZATION),
    archive,
    reader: archive.store.reader(owner),
  }
}

const MILLISECOND = 1000
/** Small windows, so that a few hundred events make many. */
const SMALL = { windowEvents: { least: 20, most: 100 } } satisfies SyncRun
const LATEST = { ...SMALL, thorough: false } satisfies SyncRun
/** More requests than a run without new events needs: five lists, the end of the log, and a count. */
const IDLE = 20

function dated(date: Instant, fields: Parameters<typeof log>[0] = {}) {
  return log({ created_at: formatInstant(date), ...fields })
}

/** This number of events at equal distances, from a date up to another one, excluded. */
function spread(count: number, from: Instant, until: Instant): WireItem[] {
  const step = (until - from) / count
  return Array.from({ length: count }, (_, place) => dated(Math.round(from + place * step)))
}

function idsOf(items: readonly WireItem[]): unknown[] {
  return items.map(({ id }) => id).toSorted()
}

async function keptIds(reader: LogReader, organizationId = ORGANIZATION): Promise<unknown[]> {
  return idsOf((await reader.events(query({ organizationId, limit: 100_000 }))).events as never)
}

/** The number of requests of a run. */
async function requestsOf(archive: Follower, run?: SyncRun): Promise<number> {
  const before = fake.requests.length
  await archive.sync(run)
  return fake.requests.length - before
}

describe('sync of the log', () => {
  test('keeps microseconds, and actions and types that this version does not know', async () => {
    const { scaleway, archive, reader } = await scene()
    const created = '2026-05-01T10:00:00.123456Z'
    scaleway.add(log({ created_at: created, action: 'archived', resource_type: 'saml' }))
    await archive.sync()
    const { events } = await reader.events(query())
    expect(events).toMatchObject([
      { createdAt: at(created), action: 'archived', category: 'saml', recordedAt: NOW },
    ])
  })

  test('reads several hundred pages, one at a time', async () => {
    const { scaleway, archive, reader } = await scene()
    const events = spread(25_000, NOW - 400 * DAY, NOW)
    scaleway.add(...events)
    fake.faults = () => ({ kind: 'slow', milliseconds: 1 })
    const summary = await archive.sync()
    expect(summary).toMatchObject({ added: 25_000, unsettled: 0 })
    expect(await keptIds(reader)).toEqual(idsOf(events))
    expect(fake.requests.length).toBeGreaterThan(250)
    expect(fake.requests.length).toBeLessThan(350)
    expect(fake.mostInFlight).toBe(1)
    const [read, total] = archive.progress.at(-1) ?? []
    expect([read, total]).toEqual([total, total])
  })

  test('needs a few requests if there is nothing new, however long the log is', async () => {
    const { scaleway, archive } = await scene()
    scaleway.add(...spread(1000, NOW - 400 * DAY, NOW - DAY))
    await archive.sync(SMALL)
    archive.pass(MINUTE)
    expect(await requestsOf(archive, SMALL)).toBeLessThanOrEqual(IDLE)
    archive.pass(MINUTE)
    expect(await requestsOf(archive, LATEST)).toBeLessThanOrEqual(3)
  })

  test.each([
    ['quiet', 3],
    ['busy', 300],
  ])(
    'finds an event of a %s Organization that is listed ten minutes late at the next run',
    async (_, count) => {
      const { scaleway, archive, reader } = await scene()
      scaleway.add(...spread(100, NOW - 100 * DAY, NOW - DAY))
      scaleway.add(...spread(count, NOW - 14 * MINUTE, NOW))
      await archive.sync(SMALL)
      archive.pass(MINUTE)
      const late = dated(NOW - 10 * MINUTE)
      scaleway.add(late)
      expect(await archive.sync(LATEST)).toMatchObject({ added: 1 })
      expect(await keptIds(reader)).toContain(late.id)
    },
  )

  test('finds an event that is listed ten days late at the next thorough run, with few requests', async () => {
    const { scaleway, archive, reader } = await scene()
    scaleway.add(...spread(6000, NOW - 400 * DAY, NOW))
    await archive.sync(SMALL)
    const windows = (await archive.store.readWindows(ORGANIZATION)).length
    expect(windows).toBeGreaterThan(50)
    archive.pass(MINUTE)
    const idle = await requestsOf(archive, SMALL)
    const late = dated(NOW - 10 * DAY)
    scaleway.add(late)
    archive.pass(MINUTE)
    expect(await archive.sync(LATEST)).toMatchObject({ added: 0 })
    const requests = await requestsOf(archive, SMALL)
    expect(await keptIds(reader)).toContain(late.id)
    // A binary search for the window, which is two pages at most, and two more counts.
    expect(requests).toBeLessThanOrEqual(idle + Math.ceil(Math.log2(windows)) + 6)
  })

  test('reads each window again within a week, and finds an event that took the place of another', async () => {
    const { scaleway, archive, reader } = await scene()
    const events = spread(300, NOW - 100 * DAY, NOW - DAY)
    scaleway.add(...events)
    await archive.sync(SMALL)
    // One event disappears and another appears in the same window, so that the count is the same.
    const [, second] = events
    scaleway.drop(String(second?.created_at))
    const late = dated(at(String(second?.created_at)) + 1)
    scaleway.add(late)
    archive.pass(MINUTE)
    expect(await archive.sync(SMALL)).toMatchObject({ added: 0 })
    archive.pass(8 * DAY)
    expect(await archive.sync(SMALL)).toMatchObject({ added: 1 })
    expect(await keptIds(reader)).toEqual(idsOf([...events, late]))
    // Each run reads one window, until each was read within the last week.
    const windows = await archive.store.readWindows(ORGANIZATION)
    for (const _ of windows) await archive.sync(SMALL)
    for (const { readAt } of await archive.store.readWindows(ORGANIZATION)) {
      expect(readAt).toBe(archive.now())
    }
  })

  test('keeps events that Scaleway no longer has, without a gap in the coverage', async () => {
    const { scaleway, archive, reader } = await scene()
    const events = spread(3000, NOW - 400 * DAY, NOW)
    scaleway.add(...events)
    await archive.sync(SMALL)
    scaleway.drop(formatInstant(NOW - 100 * DAY))
    const dropped = events.length - scaleway.size
    for (let run = 0; run < 5; run++) {
      archive.pass(MINUTE)
      expect(await archive.sync(SMALL)).toMatchObject({ added: 0, unsettled: 0 })
      expect(await reader.coverage(ORGANIZATION)).toMatchObject({
        gaps: [],
        earliest: NOW - 400 * DAY,
      })
    }
    expect(dropped).toBeGreaterThan(2000)
    expect(await keptIds(reader)).toEqual(idsOf(events))
    archive.pass(MINUTE)
    expect(await requestsOf(archive, SMALL)).toBeLessThanOrEqual(IDLE)
  })

  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])(
    'stores events at the ends of windows once, whether Scaleway includes the start (%s) and the end (%s)',
    async (after, before) => {
      const { scaleway, archive, reader } = await scene()
      Object.assign(fake.settings, { afterIncluded: after, beforeIncluded: before })
      const start = NOW - 40 * DAY
      // In some windows every millisecond has an event, in others two of three, in others few.
      const pairs = spread(100, start + DAY, start + DAY + 300 * MILLISECOND)
      const events = [
        ...spread(300, start, start + 300 * MILLISECOND),
        ...pairs.flatMap(one => [one, dated(at(String(one.created_at)) + MILLISECOND)]),
        ...spread(300, start + 2 * DAY, NOW - DAY),
      ]
      scaleway.add(...events)
      await archive.sync(SMALL)
      const ends = (await archive.store.readWindows(ORGANIZATION)).map(({ until }) => until)
      const busy = new Set(events.map(one => at(String(one.created_at))))
      expect(ends.filter(end => end >= start + DAY && busy.has(end))).toEqual([])
      expect(await keptIds(reader)).toEqual(idsOf(events))
      for (const { until } of await archive.store.readWindows(ORGANIZATION)) {
        const late = [dated(until), dated(until - 1), dated(until + 1), dated(until)]
        events.push(...late)
        scaleway.add(...late)
      }
      for (let run = 0; run < 3; run++) {
        archive.pass(MINUTE)
        await archive.sync(SMALL)
      }
      expect(await keptIds(reader)).toEqual(idsOf(events))
      archive.pass(MINUTE)
      expect(await requestsOf(archive, SMALL)).toBeLessThanOrEqual(IDLE)
    },
  )

  test('leaves out events with a fault, and reports each in one line', async () => {
    const { scaleway, archive, reader } = await scene()
    const sound = [dated(NOW - 3 * MINUTE), dated(NOW - MINUTE)]
    scaleway.add(
      ...sound,
      log({ id: uuid(1), created_at: null }),
      dated(NOW - 2 * MINUTE, { id: 'no\nUUID' }),
      dated(NOW - 2 * MINUTE, { id: uuid(2), organization_id: OTHER_ORGANIZATION }),
      dated(NOW - 2 * MINUTE, { id: uuid(3), resource_id: null as never }),
    )
    expect(await archive.sync()).toMatchObject({ added: 2, unsettled: 0 })
    expect(await keptIds(reader)).toEqual(idsOf(sound))
    expect(await keptIds(reader, OTHER_ORGANIZATION)).toEqual([])
    expect(archive.notes.toSorted()).toEqual([
      `event "${uuid(1)}" is left out: created_at is null`,
      `event "${uuid(3)}" is left out: resource_id is null`,
      'event "no\\nUUID" is left out: id is not a UUID: "no\\nUUID"',
      `event ${uuid(2)} is left out: it belongs to another Organization`,
    ])
  })

  test('stores events with dates in the future, as the local clock may be slow', async () => {
    const { scaleway, archive, reader } = await scene()
    const future = [dated(NOW + MINUTE), dated(NOW + 600 * MINUTE)]
    scaleway.add(dated(NOW - DAY), ...future)
    expect(await archive.sync()).toMatchObject({ added: 3, unsettled: 0 })
    const more = [dated(NOW + 300 * MINUTE), dated(NOW)]
    scaleway.add(...more)
    expect(await archive.sync(LATEST)).toMatchObject({ added: 2 })
    archive.pass(DAY)
    expect(await archive.sync()).toMatchObject({ added: 0, unsettled: 0 })
    archive.pass(MINUTE)
    expect(await requestsOf(archive)).toBeLessThanOrEqual(IDLE)
    expect((await keptIds(reader)).length).toBe(5)
    expect(await reader.coverage(ORGANIZATION)).toMatchObject({ gaps: [] })
  })

  test.each([
    ['few', 1],
    ['many', 300],
  ])(
    'continues when the local clock was a day fast and was corrected, with %s events',
    async (_, count) => {
      const { scaleway, archive, reader } = await scene()
      const events = spread(100, NOW - 100 * DAY, NOW)
      scaleway.add(...events)
      archive.pass(DAY)
      await archive.sync(SMALL)
      archive.pass(-DAY)
      for (let look = 0; look < 3; look++) {
        const news = spread(count, archive.now(), archive.now() + MINUTE)
        events.push(...news)
        scaleway.add(...news)
        archive.pass(MINUTE)
        expect(await archive.sync(LATEST)).toMatchObject({ added: count, unsettled: 0 })
        const now = archive.now()
        const upToNow = { gaps: [], completeUntil: now, lastSyncedAt: now }
        expect(await reader.coverage(ORGANIZATION)).toMatchObject(upToNow)
      }
      archive.pass(2 * DAY)
      expect(await archive.sync(SMALL)).toMatchObject({ added: 0, unsettled: 0 })
      expect(await keptIds(reader)).toEqual(idsOf(events))
      expect(await reader.coverage(ORGANIZATION)).toMatchObject({
        completeUntil: archive.now(),
        gaps: [],
      })
    },
  )

  test('leaves a gap in the coverage where totals change during the run, which the next run closes', async () => {
    const { scaleway, archive, reader } = await scene()
    const events = spread(300, NOW - 100 * DAY, NOW)
    scaleway.add(...events)
    const changing = at(String(events[150]?.created_at))
    fake.faults = ({ query }) => {
      const [from, until] = ['created_after', 'created_before'].map(name => query.get(name))
      const isWithin = from && until && at(from) <= changing && changing < at(until)
      return isWithin ? { kind: 'wrong-total', by: 1 } : null
    }
    const summary = await archive.sync({ ...SMALL, thorough: false })
    expect(summary).toMatchObject({ added: 300, unsettled: 1 })
    expect(archive.notes).toHaveLength(1)
    expect(archive.notes[0]).toMatch(
      /^the log from \S+Z to \S+Z changed while it was read; the next run reads it again$/,
    )
    const { gaps, completeUntil } = (await reader.coverage(ORGANIZATION)) ?? {}
    expect(gaps).toHaveLength(1)
    const [gap] = gaps ?? []
    expect(gap?.from).toBeLessThanOrEqual(changing)
    expect(gap?.until).toBeGreaterThan(changing)
    expect(completeUntil).toBe(gap?.from)
    fake.faults = []
    archive.pass(MINUTE)
    expect(await archive.sync(LATEST)).toMatchObject({ added: 0, unsettled: 0 })
    expect(await reader.coverage(ORGANIZATION)).toMatchObject({
      gaps: [],
      completeUntil: archive.now(),
    })
  })

  test('that was aborted continues after its last window, and reads the first one only once', async () => {
    const { scaleway, archive, reader } = await scene()
    const events = spread(1000, NOW - 100 * DAY, NOW - DAY)
    scaleway.add(...events)
    const cut = new AbortController()
    let requests = 0
    fake.faults = ({ list }) => {
      if (list === 'logs' && ++requests === 12) cut.abort(new Error('cut off'))
      return null
    }
    await expect(archive.sync({ ...SMALL, signal: cut.signal })).rejects.toThrow('cut off')
    const kept = (await keptIds(reader)).length
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThan(1000)
    const [window] = (await archive.store.readWindows(ORGANIZATION)).slice(-1)
    expect(await archive.sync(LATEST)).toMatchObject({ added: 1000 - kept })
    expect(await keptIds(reader)).toEqual(idsOf(events))
    expect(archive.windows.filter(({ from }) => from === BEGINNING)).toHaveLength(1)
    expect(window?.until).toBeLessThan(NOW - DAY)
  })

  test('keeps what it has read when the last retry fails', async () => {
    const { scaleway, archive, reader } = await scene()
    scaleway.add(...spread(300, NOW - 100 * DAY, NOW - DAY))
    let requests = 0
    fake.faults = ({ list }) =>
      list === 'logs' && ++requests > 6 ? { kind: 'status', status: 503, body: 'html' } : null
    await expect(archive.sync({ ...SMALL, tries: 2 })).rejects.toThrow(ScalewayUnavailable)
    expect((await keptIds(reader)).length).toBeGreaterThan(0)
    expect(requests).toBe(8)
  })
})

test('after a failed write, the counts of windows are those of stored events, and the next run stores the rest', async () => {
  const events = spread(400, NOW - 100 * DAY, NOW - DAY)
  let statements = 0
  let failing = Number.POSITIVE_INFINITY
  const open = async () => {
    fake.reset()
    const archive = await follower(fake, ':memory:', () => {
      statements++
      if (statements === failing) throw new Error('the disk is full')
    })
    fake.organization(ORGANIZATION).add(...events)
    return archive
  }
  const unbroken = await open()
  statements = 0
  await unbroken.sync(SMALL)
  const all = statements
  const windows = await unbroken.store.readWindows(ORGANIZATION)
  expect(windows.reduce((sum, { events }) => sum + events, 0)).toBe(400)
  await unbroken.close()

  const FAILURES = 15
  for (let failure = 1; failure <= FAILURES; failure++) {
    const archive = await open()
    const reader = archive.store.reader(owner)
    statements = 0
    failing = Math.floor((failure * all) / (FAILURES + 1))
    await expect(archive.sync(SMALL)).rejects.toThrow('the disk is full')
    failing = Number.POSITIVE_INFINITY
    let kept = 0
    for (const { from, until, events } of await archive.store.readWindows(ORGANIZATION)) {
      const filter = { createdAfter: from, createdBefore: until }
      expect(await reader.countEvents(ORGANIZATION, filter)).toBe(events)
      kept += events
    }
    expect(await archive.sync(LATEST)).toMatchObject({ added: 400 - kept, unsettled: 0 })
    expect(await keptIds(reader)).toEqual(idsOf(events))
    expect(await reader.coverage(ORGANIZATION)).toMatchObject({
      gaps: [],
      completeUntil: archive.now(),
    })
    await archive.close()
  }
})

test('a list of the directory that fails does not stop sync of the log and of other lists, and is the error of the run', async () => {
  fake.reset()
  const scaleway = fake.organization(ORGANIZATION)
  const archive = await follower(fake)
  scaleway.add(log(), log())
  scaleway.users = [user({ first_name: 'Ada' })]
  fake.faults = ({ list }) => (list === 'groups' ? { kind: 'status', status: 503 } : null)
  await expect(archive.sync({ tries: 2 })).rejects.toThrow(/the groups of Organization/)
  const reader = archive.store.reader(owner)
  expect(await reader.countEvents(ORGANIZATION, {})).toBe(2)
  expect(await reader.countPrincipals(ORGANIZATION, 'Ada')).toBe(1)
  fake.faults = []
  await archive.sync()
  await archive.close()
})

test('an event with an empty action, type and resource ID is stored as it is', async () => {
  fake.reset()
  const archive = await follower(fake)
  fake.organization(ORGANIZATION).add(log({ action: '', resource_type: '', resource_id: '' }))
  await archive.sync()
  const { events } = await archive.store.reader(owner).events(query())
  expect(events).toMatchObject([{ action: '', category: '', resourceId: '' }])
  await archive.close()
})

test('a Scaleway that ignores the requested dates is reported in one line after few requests', async () => {
  const { scaleway, archive, reader } = await scene()
  scaleway.add(
    ...Array.from({ length: 300 }, (_, at) =>
      log({ created_at: formatInstant(NOW - DAY - at * MINUTE) }),
    ),
  )
  fake.faults = () => ({ kind: 'dates-ignored' })
  const failed = archive.sync(SMALL)
  await expect(failed).rejects.toBeInstanceOf(ScalewayUnavailable)
  await expect(failed).rejects.toThrow(
    /^Scaleway ignored the requested dates: for the log from [^\n]+$/,
  )
  expect(fake.requests.length).toBeLessThan(30)
  fake.faults = []
  await archive.sync(SMALL)
  expect((await reader.events(query({ limit: 1000 }))).events).toHaveLength(300)
})

test.each(['created_after', 'created_before'])(
  'a Scaleway that ignores %s only is reported after few requests',
  async parameter => {
    const { scaleway, archive } = await scene()
    scaleway.add(
      ...Array.from({ length: 300 }, (_, at) =>
        log({ created_at: formatInstant(NOW - DAY - at * MINUTE) }),
      ),
    )
    fake.faults = ({ query }) => {
      query.delete(parameter)
      return null
    }
    await expect(archive.sync(SMALL)).rejects.toThrow('Scaleway ignored the requested dates')
    expect(fake.requests.length).toBeLessThan(30)
  },
)

test('a Scaleway that returns the same event for all dates is reported after few requests', async () => {
  const { scaleway, archive } = await scene()
  scaleway.add(log({ created_at: formatInstant(NOW - DAY) }))
  fake.settings.total = () => 50
  fake.faults = ({ query }) => {
    query.set('page', '1')
    return { kind: 'dates-ignored' }
  }
  await expect(archive.sync()).rejects.toThrow('Scaleway ignored the requested dates')
  expect(fake.requests.length).toBeLessThan(500)
})

test('a total that is always wrong leaves the log incomplete, until a run with the right total', async () => {
  fake.reset()
  const archive = await follower(fake)
  const scaleway = fake.organization(ORGANIZATION)
  scaleway.add(...Array.from({ length: 150 }, () => log()))
  fake.settings.total = (truth, list) => (list === 'logs' ? truth - 1 : truth)
  expect((await archive.sync()).unsettled).toBe(1)
  const reader = archive.store.reader(owner)
  expect(await reader.countEvents(ORGANIZATION, {})).toBe(150)
  expect((await reader.coverage(ORGANIZATION))?.completeUntil).toBeNull()
  fake.settings.total = null
  expect((await archive.sync()).unsettled).toBe(0)
  expect((await reader.coverage(ORGANIZATION))?.completeUntil).not.toBeNull()
  await archive.close()
})

test('events that Scaleway drops while pages are read do not hide those that it still has', async () => {
  fake.reset()
  const archive = await follower(fake)
  const scaleway = fake.organization(ORGANIZATION)
  const dated = (place: number) => formatInstant(at('2026-01-01T00:00:00Z') + place * MINUTE)
  const logs = Array.from({ length: 250 }, (_, place) => log({ created_at: dated(place) }))
  scaleway.add(...logs)
  let pages = 0
  fake.faults = ({ list, query }) => {
    // The oldest 20 are dropped at the request for the second page, so that it does not have the next ones.
    if (list === 'logs' && query.get('page_size') === '100' && ++pages === 2) {
      scaleway.drop(dated(20))
    }
    return null
  }
  await archive.sync()
  const { events } = await archive.store.reader(owner).events(query({ limit: 1000 }))
  const kept = new Set(events.map(({ id }) => id))
  expect(logs.slice(20).filter(({ id }) => !kept.has(id))).toEqual([])
  await archive.close()
})
