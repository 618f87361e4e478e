// Minutes, hours, days, weeks and months in a time zone, as adjacent ranges of instants. A day begins with its date,
// which is not always at midnight, and has 23 or 25 hours when clocks change.

import { Temporal } from 'temporal-polyfill'
import { InputError, quoted, UserError } from '../errors.ts'
import { formatInstant, type Instant } from '../instant.ts'

export type Interval = 'minute' | 'hour' | 'day' | 'week' | 'month'

export const MOST_BUCKETS = 10_000

/** The intervals that clocks count, in milliseconds; the others are counted by dates. */
const BY_CLOCK = { minute: 60_000, hour: 3_600_000 } as const

/**
 * The edges of the buckets that cover the time from one instant to the other, excluded: each bucket lies between one
 * edge and the next. The first may begin earlier, and the last end later. Refuses too many buckets and unknown time
 * zones.
 */
export function bucketEdges(
  interval: Interval,
  timeZone: string,
  from: Instant,
  until: Instant,
): Instant[] {
  const start = zoned(Math.floor(from / 1000), timeZone)
  const edges: number[] = []
  for (const edge of interval === 'minute' || interval === 'hour'
    ? roundsFrom(start, BY_CLOCK[interval])
    : datesFrom(start, interval)) {
    // Omits buckets that end before the start, and empty ones of a skipped date.
    if (edge <= start.epochMilliseconds) edges.length = 0
    if (edge !== edges.at(-1)) edges.push(edge)
    if (edge >= until / 1000) return edges.map(edge => edge * 1000)
    if (edges.length > MOST_BUCKETS) break
  }
  throw new UserError(
    'LIMIT_EXCEEDED',
    `interval: ${interval.toUpperCase()} makes more than ${MOST_BUCKETS} buckets between ${formatInstant(from)} and ${formatInstant(until)}; choose a longer interval or a shorter range`,
  )
}

/** Edges of hours or minutes; the first is not after `start`. When clocks change, a bucket ends, too. */
function* roundsFrom(start: Temporal.ZonedDateTime, length: number): Generator<number> {
  let clock = start
  let ahead = clock.offsetNanoseconds / 1e6
  const changed = start.add({ milliseconds: 1 }).getTimeZoneTransition('previous')
  const round = Math.floor((start.epochMilliseconds + ahead) / length) * length - ahead
  let edge = Math.max(round, changed?.epochMilliseconds ?? round)
  for (;;) {
    const change = clock.getTimeZoneTransition('next')
    while (change === null || edge < change.epochMilliseconds) {
      yield edge
      edge = Math.floor((edge + ahead) / length + 1) * length - ahead
    }
    clock = change
    edge = clock.epochMilliseconds
    ahead = clock.offsetNanoseconds / 1e6
  }
}

/** The starts of days, weeks or months; the first is not after `start`. */
function* datesFrom(
  start: Temporal.ZonedDateTime,
  interval: Exclude<Interval, keyof typeof BY_CLOCK>,
): Generator<number> {
  let date = start.toPlainDate()
  if (interval === 'week') date = date.subtract({ days: date.dayOfWeek - 1 })
  if (interval === 'month') date = date.with({ day: 1 })
  for (;;) {
    yield date.toZonedDateTime(start.timeZoneId).epochMilliseconds
    date = date.add({ [`${interval}s`]: 1 })
  }
}

function zoned(epochMilliseconds: number, timeZone: string): Temporal.ZonedDateTime {
  try {
    // Temporal would also take the time zone of a date that is written in full.
    new Intl.DateTimeFormat('en', { timeZone })
    return Temporal.Instant.fromEpochMilliseconds(epochMilliseconds).toZonedDateTimeISO(timeZone)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new InputError(
      `timeZone: ${quoted(timeZone)} is not a known time zone; give an IANA name such as "Europe/Paris"`,
    )
  }
}
