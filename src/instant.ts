// An instant is a whole number of microseconds since 1970-01-01T00:00:00Z, as a JavaScript number.
// Scaleway's dates have six digits after the second; `Date` keeps three, so no event date passes through one.

/** Microseconds since 1970 UTC; a safe integer, so between the years 1684 and 2255. */
export type Instant = number

export const MICROSECONDS_PER_SECOND = 1_000_000

const RFC_3339 = /^((\d{4})-\d\d-(\d\d))[Tt]((\d\d):\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/

/**
 * Reads an RFC 3339 date-time with an offset. Digits past the sixth after the second are cut off.
 * `null` for anything else: no offset, a day that the month does not have, a leap second, a date that is not a safe
 * integer.
 */
export function parseInstant(text: string): Instant | null {
  const parts = RFC_3339.exec(text)
  if (parts === null) return null
  const [, date = '', , day, time, hour, fraction = '', offset = 'Z'] = parts
  const milliseconds = Date.parse(`${date}T${time}${offset.toUpperCase()}`)
  // Date reads 30 February as 1 March, and 24:00 as the next day.
  const isDate = new Date(date).getUTCDate() === Number(day) && hour !== '24'
  if (Number.isNaN(milliseconds) || !isDate) return null
  const microseconds = milliseconds * 1000
  const instant = microseconds + Number(fraction.slice(0, 6).padEnd(6, '0'))
  return Number.isSafeInteger(instant) ? instant : null
}

/** Why `parseInstant` reads no date in a text, as the end of a sentence that begins with the text. */
export function notAnInstant(
  text: string,
  wrongForm = 'is not a date and time with an offset; write it like "2025-11-17T17:10:30Z"',
): string {
  const year = Number(RFC_3339.exec(text)?.[2])
  return year < 1685 || year > 2254 ? 'is not between the years 1685 and 2254' : wrongForm
}

/** RFC 3339 in UTC with exactly six digits after the second: `2025-11-17T17:10:30.448542Z`. */
export function formatInstant(instant: Instant): string {
  const days = Math.floor(instant / MICROSECONDS_PER_DAY)
  if (days !== lastDay.number) {
    const text = new Date(days * (MICROSECONDS_PER_DAY / 1000)).toISOString().slice(0, 11)
    lastDay = { number: days, text }
  }
  const rest = instant - days * MICROSECONDS_PER_DAY
  const seconds = Math.floor(rest / MICROSECONDS_PER_SECOND)
  const minutes = Math.floor(seconds / 60)
  const time = `${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}:${digits(seconds % 60)}`
  return `${lastDay.text}${time}.${String(rest % MICROSECONDS_PER_SECOND).padStart(6, '0')}Z`
}

const MICROSECONDS_PER_DAY = 86_400 * MICROSECONDS_PER_SECOND

/** Caches the last day: dates mostly come in order, and the calendar computation is slower than all the rest. */
let lastDay = { number: Number.NaN, text: '' }

function digits(number: number): string {
  return number < 10 ? `0${number}` : `${number}`
}

/** As `formatInstant`, or the number if it is not a date: for data that was tampered with or damaged. */
export function shownInstant(instant: Instant): string {
  const isDate = Math.abs(instant) <= 8.64e18 && Number.isSafeInteger(instant)
  return isDate ? formatInstant(instant) : `${instant}`
}

/** The current time, in whole milliseconds as `Date` has it. */
export function now(): Instant {
  return Date.now() * 1000
}
