// Instants: which RFC 3339 dates are parsed and which are refused, and how an instant is formatted.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatInstant, now, parseInstant } from '../src/instant.ts'

const SECOND = 1_000_000
const HOUR = 3600 * SECOND
const DAY = 24 * HOUR

describe('parsing a date', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01t00:00:00z', 0],
    ['1970-01-01T00:00:01Z', SECOND],
    ['1969-12-31T23:59:59.999999Z', -1],
    ['1970-01-02T03:04:05.000006Z', DAY + 3 * HOUR + 4 * 60 * SECOND + 5 * SECOND + 6],
    ['1970-01-01T23:59:59Z', DAY - SECOND],
    // A fraction of a second may have few digits, and is cut off after the sixth.
    ['1970-01-01T00:00:00.5Z', 500_000],
    ['1970-01-01T00:00:00.05Z', 50_000],
    ['1970-01-01T00:00:00.1234567Z', 123_456],
    ['1970-01-01T00:00:00.999999999Z', 999_999],
    ['1970-01-01T01:00:00+01:00', 0],
    ['1970-01-01T00:00:00-01:30', HOUR + 30 * 60 * SECOND],
    ['1970-01-01T00:00:00+00:59', -59 * 60 * SECOND],
    ['1970-01-02T00:00:00+23:59', 60 * SECOND],
    ['1970-01-01T00:00:00-00:00', 0],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29) * 1000],
    ['2025-11-17T17:10:30.448542Z', Date.UTC(2025, 10, 17, 17, 10, 30) * 1000 + 448_542],
    // The first and the last instant that a safe integer can hold.
    ['1684-07-28T00:12:25.259009Z', Number.MIN_SAFE_INTEGER],
    ['2255-06-05T23:47:34.740991Z', Number.MAX_SAFE_INTEGER],
  ])('%s gives %i microseconds', (text, instant) => {
    expect(parseInstant(text)).toBe(instant)
  })

  test.each([
    '',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2026-01-01 00:00:00Z',
    '2026-01-01T00:00Z',
    '2026-01-01T00:00:00.Z',
    '2026-01-01T00:00:00.1234567890Z',
    '2026-01-01T00:00:00,5Z',
    '2026-01-01T00:00:00+0100',
    '2026-01-01T00:00:00+1:00',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00-24:00',
    '2026-01-01T00:00:00+00:60',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T23:59:60Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    ' 2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z ',
    '2026-01-01T00:00:00Z\n',
    '+002026-01-01T00:00:00Z',
    '12026-01-01T00:00:00Z',
    '1684-07-28T00:12:25.259008Z',
    '2255-06-05T23:47:34.740992Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ])('%j gives null', text => {
    expect(parseInstant(text)).toBeNull()
  })
})

test.each([
  [0, '1970-01-01T00:00:00.000000Z'],
  [-1, '1969-12-31T23:59:59.999999Z'],
  [9 * HOUR + 9 * 60 * SECOND + 9 * SECOND + 9, '1970-01-01T09:09:09.000009Z'],
  [10 * HOUR + 10 * 60 * SECOND + 10 * SECOND + 10, '1970-01-01T10:10:10.000010Z'],
  [DAY - 1, '1970-01-01T23:59:59.999999Z'],
  [DAY, '1970-01-02T00:00:00.000000Z'],
  [Number.MIN_SAFE_INTEGER, '1684-07-28T00:12:25.259009Z'],
  [Number.MAX_SAFE_INTEGER, '2255-06-05T23:47:34.740991Z'],
])('the instant %i is formatted as %s', (instant, text) => {
  expect(formatInstant(instant)).toBe(text)
})

test('formatted instants are parsed to the same instants, and sort in the same order', () => {
  const instant = fc.oneof(
    fc.maxSafeInteger(),
    fc.integer({ min: -3, max: 3 }).map(days => days * DAY),
  )
  fc.assert(
    fc.property(instant, fc.integer({ min: -DAY, max: DAY }), (one, between) => {
      const other = Math.max(
        Number.MIN_SAFE_INTEGER,
        Math.min(Number.MAX_SAFE_INTEGER, one + between),
      )
      const [first, second] = [formatInstant(one), formatInstant(other)]
      expect([parseInstant(first), parseInstant(second)]).toEqual([one, other])
      expect(Math.sign(first < second ? -1 : first > second ? 1 : 0)).toBe(Math.sign(one - other))
      // Date.parse gives the same instant, without the microseconds.
      expect(Date.parse(first)).toBe(Math.floor(one / 1000))
    }),
    { numRuns: 2000 },
  )
})

test('now() gives the current time in microseconds, as a whole number of milliseconds', () => {
  const before = Date.now()
  const instant = now()
  expect(instant % 1000).toBe(0)
  expect(instant / 1000).toBeGreaterThanOrEqual(before)
  expect(instant / 1000).toBeLessThanOrEqual(Date.now())
})
