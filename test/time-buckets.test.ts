// Buckets of minutes, hours, days, weeks and months in time zones, compared with clocks that are read minute by minute.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UserError } from '../src/errors.ts'
import { formatInstant } from '../src/instant.ts'
import { bucketEdges, type Interval } from '../src/schema/time-buckets.ts'
import { at } from './support/events.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

function edges(interval: Interval, zone: string, from: string, until: string) {
  return bucketEdges(interval, zone, at(from), at(until)).map(edge =>
    formatInstant(edge).replace('.000000Z', 'Z'),
  )
}

/** The clock of a time zone: its date, its minute, and how much it is ahead of UTC. */
function clockIn(timeZone: string) {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    ...({ year: 'numeric', month: 'numeric', day: 'numeric' } as const),
    ...({ hour: 'numeric', minute: 'numeric' } as const),
  })
  return (time: number) => {
    const parts = new Map(
      format.formatToParts(time).map(({ type, value }) => [type, Number(value)]),
    )
    const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = (
      ['year', 'month', 'day', 'hour', 'minute'] as const
    ).map(type => parts.get(type))
    const shown = Date.UTC(year, month - 1, day, hour, minute)
    return { date: Math.floor(shown / DAY), minute, ahead: shown - time }
  }
}

/** The minutes of a range at which a minute, an hour or a date begins. */
function plainEdges(
  interval: 'minute' | 'hour' | 'day',
  zone: string,
  from: number,
  until: number,
): number[] {
  const clock = clockIn(zone)
  const begins: number[] = []
  const early = from - 3 * HOUR
  let before = clock(early)
  // A date that has begun does not end when clocks are put back to the date before.
  let latest = before.date
  for (let time = early + MINUTE; time < until; time += MINUTE) {
    const now = clock(time)
    const isEdge =
      interval === 'minute'
        ? true
        : interval === 'hour'
          ? now.minute === 0 || now.ahead !== before.ahead
          : now.date > latest
    if (isEdge && time >= from) begins.push(time)
    before = now
    latest = Math.max(latest, now.date)
  }
  return begins
}

/** A range of a day and a half, mostly around a change of clocks. No offset since 1975 has seconds. */
const arbitraryRange = fc
  .record({
    zone: fc.oneof(
      fc.constantFrom(
        ...['Europe/Paris', 'America/Sao_Paulo', 'America/St_Johns', 'Australia/Lord_Howe'],
        ...[
          'Pacific/Apia',
          'Asia/Kathmandu',
          'Africa/Casablanca',
          'Asia/Beirut',
          'Atlantic/Azores',
        ],
      ),
      fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
    ),
    day: fc.integer({ min: 1826, max: 25_000 }),
    minute: fc.nat(1440),
  })
  .map(({ zone, day, minute }) => {
    const clock = clockIn(zone)
    const ahead = clock(day * DAY).ahead
    let change = day
    while (change < day + 400 && clock(change * DAY).ahead === ahead) change++
    const from = (change < day + 400 ? change : day) * DAY - 26 * HOUR + minute * MINUTE
    return { zone, from, until: from + 36 * HOUR }
  })

test('buckets begin where a clock shows it, in any time zone and at any change of clocks (300 ranges)', () => {
  fc.assert(
    fc.property(
      arbitraryRange,
      fc.constantFrom('minute', 'hour', 'day'),
      ({ zone, from, until }, kind) => {
        const found = bucketEdges(kind, zone, from * 1000, until * 1000).map(edge => edge / 1000)
        expect(found[0]).toBeLessThanOrEqual(from)
        expect(found[1]).toBeGreaterThan(from)
        expect(found.at(-1)).toBeGreaterThanOrEqual(until)
        expect(found.at(-2)).toBeLessThan(until)
        const inside = (edge: number) => edge > from && edge < until
        expect(found.filter(inside)).toEqual(plainEdges(kind, zone, from, until).filter(inside))
        // The first bucket is complete, too.
        expect(plainEdges(kind, zone, found[0] ?? 0, (found[0] ?? 0) + MINUTE)).toEqual([found[0]])
      },
    ),
    { numRuns: 300 },
  )
})

test('weeks begin with a Monday and months with their first day (300 ranges)', () => {
  fc.assert(
    fc.property(arbitraryRange, fc.nat(200), ({ zone, from }, days) => {
      const [start, end] = [from * 1000, (from + days * DAY + 1) * 1000]
      const clock = clockIn(zone)
      for (const interval of ['week', 'month'] as const) {
        const found = bucketEdges(interval, zone, start, end)
        const [first = 0, last = 0] = [found[0], found.at(-1)]
        const beginnings = bucketEdges('day', zone, first, last).filter(edge => {
          const date = new Date(clock(edge / 1000).date * DAY)
          return interval === 'week' ? date.getUTCDay() === 1 : date.getUTCDate() === 1
        })
        expect(found).toEqual(beginnings)
        expect(first).toBeLessThanOrEqual(start)
        expect(last).toBeGreaterThanOrEqual(end)
      }
    }),
    { numRuns: 300 },
  )
})

test('a day has 23 or 25 hours where clocks change, and a repeated hour is two buckets', () => {
  const paris = (interval: 'hour' | 'day', from: string, until: string) =>
    edges(interval, 'Europe/Paris', from, until)
  expect(paris('day', '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z')).toEqual([
    '2026-03-27T23:00:00Z',
    '2026-03-28T23:00:00Z',
    '2026-03-29T22:00:00Z',
    '2026-03-30T22:00:00Z',
  ])
  expect(paris('hour', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z')).toHaveLength(23 + 1)
  expect(paris('hour', '2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z')).toHaveLength(25 + 1)
})

test('a day begins later where midnight is skipped, and a skipped date has no bucket', () => {
  const day = (zone: string, from: string, until: string) => edges('day', zone, from, until)
  expect(day('America/Sao_Paulo', '2018-11-03T12:00:00Z', '2018-11-04T12:00:00Z')).toEqual([
    '2018-11-03T03:00:00Z',
    '2018-11-04T03:00:00Z',
    '2018-11-05T02:00:00Z',
  ])
  expect(day('Pacific/Apia', '2011-12-29T12:00:00Z', '2011-12-31T12:00:00Z')).toEqual([
    '2011-12-29T10:00:00Z',
    '2011-12-30T10:00:00Z',
    '2011-12-31T10:00:00Z',
    '2012-01-01T10:00:00Z',
  ])
  expect(edges('hour', 'Asia/Kathmandu', '2026-01-01T00:00:00Z', '2026-01-01T00:15:00Z')).toEqual([
    '2025-12-31T23:15:00Z',
    '2026-01-01T00:15:00Z',
  ])
})

test('a day that has begun goes on when clocks are put back to the day before', () => {
  // At one minute past midnight of 7 November, clocks showed 23:01 of 6 November again.
  const from = '2010-11-07T03:00:00Z'
  expect(edges('day', 'America/St_Johns', from, '2010-11-07T12:00:00Z')).toEqual([
    '2010-11-07T02:30:00Z',
    '2010-11-08T03:30:00Z',
  ])
})

test('months exist for all dates, with the seconds of historical offsets', () => {
  const all = edges('month', 'Europe/Paris', '1700-01-01T00:00:00Z', '2250-01-01T00:00:00Z')
  expect(all).toHaveLength(550 * 12 + 2)
  expect(all[0]).toBe('1699-12-31T23:50:39Z')
  expect(all.at(-2)).toBe('2249-12-31T23:00:00Z')
})

test('minutes have no gap at a change of clocks, and the seconds of historical offsets', () => {
  const paris = edges('minute', 'Europe/Paris', '2026-10-25T00:00:30Z', '2026-10-25T02:00:00Z')
  expect(paris).toHaveLength(120 + 1)
  expect(paris.slice(59, 62)).toEqual([
    '2026-10-25T00:59:00Z',
    '2026-10-25T01:00:00Z',
    '2026-10-25T01:01:00Z',
  ])
  // Paris changed from its own time, 9 minutes and 21 seconds ahead, to that of Greenwich.
  expect(edges('minute', 'Europe/Paris', '1911-03-10T23:49:00Z', '1911-03-10T23:53:00Z')).toEqual([
    '1911-03-10T23:48:39Z',
    '1911-03-10T23:49:39Z',
    '1911-03-10T23:50:39Z',
    '1911-03-10T23:51:00Z',
    '1911-03-10T23:52:00Z',
    '1911-03-10T23:53:00Z',
  ])
  const week = edges('minute', 'UTC', '2026-01-01T00:00:00Z', '2026-01-07T22:40:00Z')
  expect(week).toHaveLength(10_000 + 1)
})

test('more than ten thousand buckets and unknown time zones are refused', () => {
  const year = edges('hour', 'UTC', '2024-01-01T00:00:00Z', '2025-01-01T00:00:00Z')
  expect(year).toHaveLength(8784 + 1)
  expect(edges('hour', 'UTC', '2024-01-01T00:00:00Z', '2025-02-20T16:00:00Z')).toHaveLength(10_001)
  const refusal = (work: () => unknown) => {
    try {
      return work()
    } catch (error) {
      return error instanceof UserError ? `${error.code}: ${error.message}` : error
    }
  }
  expect(
    refusal(() => edges('hour', 'UTC', '2024-01-01T00:00:00Z', '2025-02-20T16:00:00.000001Z')),
  ).toBe(
    'LIMIT_EXCEEDED: interval: HOUR makes more than 10000 buckets between 2024-01-01T00:00:00.000000Z and 2025-02-20T16:00:00.000001Z; choose a longer interval or a shorter range',
  )
  expect(
    refusal(() => edges('day', 'Mars/Olympus', '2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z')),
  ).toBe(
    'BAD_USER_INPUT: timeZone: "Mars/Olympus" is not a known time zone; give an IANA name such as "Europe/Paris"',
  )
})
