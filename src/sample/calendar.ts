// When a sample company works: hours, weekends and holidays in Paris.

import { type Instant, MICROSECONDS_PER_SECOND } from '../instant.ts'
import type { Random } from './random.ts'

export const SECOND = MICROSECONDS_PER_SECOND
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const WEEK = 7 * DAY

/** How busy people are at each local hour of a working day. */
const BUSY = [
  0.004, 0.002, 0.002, 0.002, 0.002, 0.004, 0.01, 0.06, 0.5, 1, 1.2, 1.1, 0.5, 0.6, 1.1, 1.15, 1.1,
  0.9, 0.5, 0.12, 0.06, 0.05, 0.03, 0.01,
]

const HOLIDAYS = new Set(['1-1', '5-1', '5-8', '7-14', '8-15', '11-1', '11-11', '12-25'])

/**
 * Daylight saving time is assumed to last from April to October: wrong for a few days, at a fraction of the cost of a
 * time zone.
 */
export function localTime(instant: Instant) {
  const standard = new Date((instant + HOUR) / 1000)
  const month = standard.getUTCMonth() + 1
  const local = month > 3 && month < 11 ? new Date((instant + 2 * HOUR) / 1000) : standard
  const [day, weekday, hour] = [local.getUTCDate(), local.getUTCDay(), local.getUTCHours()]
  const isYearEnd = (month === 12 && day > 23) || (month === 1 && day < 3)
  return {
    hour,
    isNight: hour >= 1 && hour < 5,
    isWorkday: weekday > 0 && weekday < 6 && !HOLIDAYS.has(`${month}-${day}`),
    /** The present part of the staff, from 0 to 1. */
    presence: isYearEnd ? 0.25 : month === 8 ? 0.55 : 1,
  }
}

/** The activity of people in the hour at this instant; 1 is the mean of an ordinary week. */
export function peopleWeight(instant: Instant): number {
  const { hour, isWorkday, presence } = localTime(instant)
  return 3.3 * (BUSY[hour] ?? 0) * presence * (isWorkday ? 1 : 0.05)
}

/** The same for machines: active at all hours, busier when people are, and rotating keys at night. */
export function machineWeight(instant: Instant): number {
  return 0.6 + 0.3 * peopleWeight(instant) + (localTime(instant).isNight ? 0.6 : 0)
}

/** The instant itself if people are at work, otherwise a time in the next working morning. */
export function atWork(instant: Instant, random: Random): Instant {
  const { hour, isWorkday } = localTime(instant)
  if (isWorkday && hour >= 9 && hour < 18) return instant
  return nearestMorning(instant, HOUR) + random.below(3 * HOUR)
}

/** The nearest full hour that is nine o'clock on a working day; later with steps of `HOUR`, earlier with `-HOUR`. */
export function nearestMorning(instant: Instant, step: number): Instant {
  for (let hour = instant - (instant % HOUR) + step; ; hour += step) {
    const local = localTime(hour)
    if (local.isWorkday && local.hour === 9) return hour
  }
}
