// When a sample company works: hours, weekends and holidays in Paris. Weights are per hour and mean something only
// beside each other.

import { Temporal } from 'temporal-polyfill'
import { type Instant, MICROSECONDS_PER_SECOND } from '../instant.ts'
import type { Random } from './random.ts'

export const SECOND = MICROSECONDS_PER_SECOND
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** How busy people are at each local hour of a working day. */
const BUSY = [
  0.004, 0.002, 0.002, 0.002, 0.002, 0.004, 0.01, 0.06, 0.5, 1, 1.2, 1.1, 0.5, 0.6, 1.1, 1.15, 1.1,
  0.9, 0.5, 0.12, 0.06, 0.05, 0.03, 0.01,
]

const HOLIDAYS = new Set(['1-1', '5-1', '5-8', '7-14', '8-15', '11-1', '11-11', '12-25'])

/** Of each day, from its midnight in UTC: looking it up takes long. */
const offsets = new Map<number, number>()

function parisOffset(instant: Instant): number {
  const day = Math.floor(instant / DAY)
  const known = offsets.get(day)
  if (known !== undefined) return known
  const midnight = Temporal.Instant.fromEpochMilliseconds((day * DAY) / 1000)
  const offset = midnight.toZonedDateTimeISO('Europe/Paris').offsetNanoseconds / 1000
  offsets.set(day, offset)
  return offset
}

function parisTime(instant: Instant) {
  const local = new Date((instant + parisOffset(instant)) / 1000)
  const [month, day, weekday] = [local.getUTCMonth() + 1, local.getUTCDate(), local.getUTCDay()]
  const yearEnd = (month === 12 && day > 23) || (month === 1 && day < 3)
  return {
    hour: local.getUTCHours(),
    workday: weekday > 0 && weekday < 6 && !HOLIDAYS.has(`${month}-${day}`),
    /** How much of the staff is there, from 0 to 1. */
    presence: yearEnd ? 0.25 : month === 8 ? 0.55 : 1,
  }
}

/** How much people do in the hour at this instant. */
export function peopleWeight(instant: Instant): number {
  const { hour, workday, presence } = parisTime(instant)
  return (BUSY[hour] ?? 0) * presence * (workday ? 1 : 0.05)
}

/** The same of machines: they never sleep, follow people, and rotate keys at night. */
export function machineWeight(instant: Instant): number {
  return 0.35 + 0.6 * peopleWeight(instant) + (isNight(instant) ? 0.3 : 0)
}

export function isNight(instant: Instant): boolean {
  const { hour } = parisTime(instant)
  return hour >= 1 && hour < 5
}

export function isWorkday(instant: Instant): boolean {
  return parisTime(instant).workday
}

/** From eight to eight, when some are at the office. */
export function isOfficeTime(instant: Instant): boolean {
  const { hour, workday } = parisTime(instant)
  return workday && hour > 7 && hour < 20
}

/** The instant itself where people are at work, else some time in the next working morning. */
export function atWork(instant: Instant, random: Random): Instant {
  const { hour, workday } = parisTime(instant)
  if (workday && hour >= 9 && hour < 18) return instant
  return morning(instant, HOUR) + random.below(3 * HOUR)
}

/** Some time in the morning of the last working day that began at least a day before this instant. */
export function lastMorningBefore(instant: Instant, random: Random): Instant {
  return morning(instant - DAY, -HOUR) + random.below(2 * HOUR)
}

/** The nearest hour that begins at nine on a working day, in steps of `step`. */
function morning(instant: Instant, step: number): Instant {
  let moved = instant - (instant % HOUR)
  let local: ReturnType<typeof parisTime>
  do {
    moved += step
    local = parisTime(moved)
  } while (!local.workday || local.hour !== 9)
  return moved
}
