// When a sample company works: hours, weekends and holidays in Paris. Weights are per hour and mean
// something only beside each other; an hour of the clock there is one here, as the offset is whole hours.

import { type Instant, MICROSECONDS_PER_SECOND } from '../../instant.ts'
import type { Random } from './random.ts'

export const SECOND = MICROSECONDS_PER_SECOND
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** Local time in Paris, as an hour of the day and a day. */
export interface LocalTime {
  readonly hour: number
  /** Monday to Friday, and no public holiday of a fixed date. */
  readonly workday: boolean
  /** How much of the staff is there, from 0 to 1. */
  readonly presence: number
}

/** How busy people are at each local hour of a working day. */
const BUSY = [
  0.004, 0.002, 0.002, 0.002, 0.002, 0.004, 0.01, 0.06, 0.5, 1, 1.2, 1.1, 0.5, 0.6, 1.1, 1.15, 1.1,
  0.9, 0.5, 0.12, 0.06, 0.05, 0.03, 0.01,
]

const HOLIDAYS = new Set(['1-1', '5-1', '5-8', '7-14', '8-15', '11-1', '11-11', '12-25'])

export function localTime(instant: Instant): LocalTime {
  const local = new Date((instant + parisOffset(instant)) / 1000)
  const month = local.getUTCMonth() + 1
  const day = local.getUTCDate()
  const weekday = local.getUTCDay()
  const workday = weekday > 0 && weekday < 6 && !HOLIDAYS.has(`${month}-${day}`)
  const yearEnd = (month === 12 && day > 23) || (month === 1 && day < 3)
  return {
    hour: local.getUTCHours(),
    workday,
    presence: yearEnd ? 0.25 : month === 8 ? 0.55 : 1,
  }
}

/** How much people do in the hour at this instant. */
export function peopleWeight(instant: Instant): number {
  const { hour, workday, presence } = localTime(instant)
  return (BUSY[hour] ?? 0) * presence * (workday ? 1 : 0.05)
}

/** How much machines do in the hour at this instant: they never sleep, follow people, and rotate at night. */
export function machineWeight(instant: Instant): number {
  const { hour } = localTime(instant)
  return 0.35 + 0.6 * peopleWeight(instant) + (isNight(hour) ? 0.3 : 0)
}

/** The hours that are kept for nightly work. */
export function isNight(hour: number): boolean {
  return hour >= 1 && hour < 5
}

/** The instant itself where people are at work, else some time in the next working morning. */
export function atWork(instant: Instant, random: Random): Instant {
  let { hour, workday } = localTime(instant)
  if (workday && hour >= 9 && hour < 18) return instant
  let moved = instant - (instant % HOUR)
  do {
    moved += HOUR
    ;({ hour, workday } = localTime(moved))
  } while (!workday || hour !== 9)
  return moved + random.below(3 * HOUR)
}

/** Some time in the morning of the last working day that began at least a day before this instant. */
export function lastMorningBefore(instant: Instant, random: Random): Instant {
  let moved = instant - (instant % HOUR) - DAY
  let local = localTime(moved)
  while (!local.workday || local.hour !== 9) {
    moved -= HOUR
    local = localTime(moved)
  }
  return moved + random.below(2 * HOUR)
}

/** Paris is two hours ahead of UTC from the last Sunday of March to that of October, at 01:00 UTC; else one. */
function parisOffset(instant: Instant): number {
  const milliseconds = Math.floor(instant / 1000)
  const year = new Date(milliseconds).getUTCFullYear()
  const summer = milliseconds >= lastSunday(year, 2) && milliseconds < lastSunday(year, 9)
  return summer ? 2 * HOUR : HOUR
}

function lastSunday(year: number, month: number): number {
  const monthEnd = new Date(Date.UTC(year, month, 31, 1))
  return monthEnd.getTime() - monthEnd.getUTCDay() * 86_400_000
}
