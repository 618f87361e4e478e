// Minutes, hours, days, weeks and months as people in a time zone count them, as stretches of instants without a hole between.
// A day begins where its date begins, which is not always midnight, and lasts 23 or 25 hours where clocks change.

import { quoted, Refusal } from '../errors.ts'
import { formatInstant, type Instant } from '../instant.ts'

export const INTERVALS = ['minute', 'hour', 'day', 'week', 'month'] as const
export type Interval = (typeof INTERVALS)[number]

export const MOST_BUCKETS = 10_000

const DAY = 86_400_000

/** The intervals that clocks count; the others are counted by dates. */
const BY_CLOCK = { minute: 60_000, hour: 3_600_000 } as const

/**
 * The edges of the buckets that hold everything from the one instant up to the other, excluded: each bucket lies
 * between one edge and the next. The first may begin earlier, the last end later. Refuses what would be too many,
 * and time zones nobody knows.
 */
export function bucketEdges(
  interval: Interval,
  timeZone: string,
  from: Instant,
  until: Instant,
): Instant[] {
  const clock = clockIn(timeZone)
  const start = Math.floor(from / 1000)
  const end = until / 1000
  const edges: number[] = []
  for (const edge of interval === 'minute' || interval === 'hour'
    ? roundsFrom(start, BY_CLOCK[interval], clock)
    : datesFrom(start, interval, clock)) {
    // A bucket that is over before the start holds nothing of it; one that a skipped date leaves empty is none.
    if (edge <= start) edges.length = 0
    if (edge !== edges.at(-1)) edges.push(edge)
    if (edge >= end) return edges.map(edge => edge * 1000)
    if (edges.length > MOST_BUCKETS) break
  }
  throw new Refusal(
    'LIMIT_EXCEEDED',
    `interval: ${interval.toUpperCase()} makes more than ${MOST_BUCKETS} buckets between ${formatInstant(from)} and ${formatInstant(until)}; choose a longer interval or a shorter range`,
  )
}

/** Edges of hours or minutes; the first is not after `start`. Where the clocks change one ends, too. */
function* roundsFrom(start: number, length: number, clock: Clock): Generator<number> {
  const offset = clock.offsetAt(start)
  const round = Math.floor((start + offset) / length) * length - offset
  let edge = Math.max(round, clock.changeBetween(round, start) ?? round)
  for (;;) {
    yield edge
    const ahead = clock.offsetAt(edge)
    const next = Math.floor((edge + ahead) / length + 1) * length - ahead
    edge = clock.changeBetween(edge, next) ?? next
  }
}

/** Where dates begin that begin a day, a week or a month; the first is not after `start`. */
function* datesFrom(
  start: number,
  interval: Exclude<Interval, keyof typeof BY_CLOCK>,
  clock: Clock,
): Generator<number> {
  let date = Math.floor((start + clock.offsetAt(start)) / DAY)
  // 1970-01-01 was a Thursday.
  if (interval === 'week') date -= modulo(date + 3, 7)
  if (interval === 'month') date -= new Date(date * DAY).getUTCDate() - 1
  for (;;) {
    yield clock.startOfDate(date)
    if (interval === 'month') {
      const first = new Date(date * DAY)
      date = first.setUTCMonth(first.getUTCMonth() + 1) / DAY
    } else {
      date += interval === 'week' ? 7 : 1
    }
  }
}

/** The clocks of a time zone. Times are milliseconds of UTC, offsets are added to them, dates are days since 1970. */
interface Clock {
  offsetAt(time: number): number
  /** When they change, after `from` and not after `until`, which lie within a day; `null` where they do not. */
  changeBetween(from: number, until: number): number | null
  /** The first time that has this date or a later one. */
  startOfDate(date: number): number
}

/** What is remembered lasts as long as this clock. Takes it that no zone changes its clocks twice on a day of UTC. */
function clockIn(timeZone: string): Clock {
  const read = offsetsIn(timeZone)
  const atMidnight = remembered((day: number) => read(day * DAY))
  /** When in this day of UTC the clocks change, its end included and its start not; `null` where they do not. */
  const changeOn = remembered((day: number) => {
    let [before, after] = [day * DAY, (day + 1) * DAY]
    const offset = atMidnight(day + 1)
    if (atMidnight(day) === offset) return null
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2)
      if (read(middle) === offset) after = middle
      else before = middle
    }
    return after
  })

  function offsetAt(time: number): number {
    const day = Math.floor(time / DAY)
    const change = changeOn(day)
    return atMidnight(change === null || time < change ? day : day + 1)
  }

  function changeBetween(from: number, until: number): number | null {
    for (const day of [Math.floor(from / DAY), Math.floor(until / DAY)]) {
      const change = changeOn(day)
      if (change !== null && change > from && change <= until) return change
    }
    return null
  }

  function startOfDate(date: number): number {
    const midnight = date * DAY
    const [before, after] = [atMidnight(date - 1), atMidnight(date + 1)]
    if (before === after) return midnight - before
    const shown = [midnight - before, midnight - after]
      .filter(time => midnight - offsetAt(time) === time)
      .sort((a, b) => a - b)
    // Where no clock showed midnight, the date began when the clocks were put past it.
    return shown[0] ?? changeOn(date - 1) ?? changeOn(date) ?? midnight - after
  }

  return { offsetAt, changeBetween, startOfDate }
}

/** How far the zone's clocks are ahead of UTC at a time. */
function offsetsIn(timeZone: string): (time: number) => number {
  const format = formatIn(timeZone)
  return time => {
    const shown = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/.exec(format.format(time))
    if (shown === null) throw new Error(`a date in ${timeZone} has another form than expected`)
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = shown
      .slice(1)
      .map(Number)
    const whole = Math.floor(time / 1000) * 1000
    return Date.UTC(year, month - 1, day, hour, minute, second) - whole
  }
}

function formatIn(timeZone: string): Intl.DateTimeFormat {
  const digits = '2-digit'
  const time = { hour: digits, minute: digits, second: digits, hourCycle: 'h23' } as const
  const date = { year: 'numeric', month: digits, day: digits } as const
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', ...date, ...time })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new Refusal(
      'BAD_USER_INPUT',
      `timeZone: ${quoted(timeZone)} is no time zone known here; give an IANA name such as "Europe/Paris"`,
    )
  }
}

function remembered<T>(find: (number: number) => T): (number: number) => T {
  const known = new Map<number, T>()
  return number => {
    let found = known.get(number)
    if (found === undefined) {
      found = find(number)
      known.set(number, found)
    }
    return found
  }
}

function modulo(number: number, by: number): number {
  return ((number % by) + by) % by
}
