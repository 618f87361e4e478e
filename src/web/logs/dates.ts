// Dates for people, in the viewer's time zone or UTC. The API returns microseconds and `Date` has milliseconds, so
// exact dates are built from the text.

import { signal } from '@preact/signals'
import { attempt } from './kept.ts'
import { locale } from './language.ts'
import { view } from './view/page-address.ts'

/** In milliseconds, updated every 30 seconds; for dates such as "5 minutes ago". */
export const clock = signal(Date.now())

setInterval(() => {
  clock.value = Date.now()
}, 30_000)

/** The IANA name of the time zone that dates are shown in. */
export function timeZone(): string {
  return view.value.utc ? 'UTC' : OWN_ZONE
}

const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions()

/** The browser's time zone, or UTC if it has none: Chromium on a machine without one returns Etc/Unknown. */
export const OWN_ZONE = attempt(() => new Intl.DateTimeFormat('en', { timeZone: zone }))
  ? zone
  : 'UTC'

/** A date in the form that the view asks for: date and time, or elapsed time. */
export function dateText(instant: string): string {
  return view.value.relative ? ago(instant) : absolute(instant)
}

/** Date and time, to the second. */
export function absolute(instant: string | number | Date): string {
  return format({ dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(instant))
}

/** The date without the time. */
export function day(instant: string | number | Date): string {
  return format({ dateStyle: 'medium' }).format(new Date(instant))
}

/** Date and time with the time zone and all known digits: `17 Nov 2025, 18:10:30.448542 GMT+1`. */
export function exact(instant: string): string {
  const fraction = /\.\d+/.exec(instant)?.[0] ?? ''
  const parts = format({
    ...{ day: 'numeric', month: 'short', year: 'numeric', timeZoneName: 'short' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  }).formatToParts(new Date(instant))
  return parts.map(({ type, value }) => (type === 'second' ? value + fraction : value)).join('')
}

const STEPS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** "5 minutes ago", in the largest unit that is at least one. */
export function ago(instant: string): string {
  const seconds = Math.round((Date.parse(instant) - clock.value) / 1_000)
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto', style: 'long' })
  const [unit, length] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1]
  return words.format(unit === 'second' ? Math.min(0, seconds) : Math.trunc(seconds / length), unit)
}

/** A formatter with these options, in the current language and time zone. */
export function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locale(), timeZone(), options])
  const found = formats.get(key)
  if (found !== undefined) return found
  const made = new Intl.DateTimeFormat(locale(), { ...options, timeZone: timeZone() })
  formats.set(key, made)
  return made
}

/** Cached, because creating a formatter takes longer than formatting a hundred dates. */
const formats = new Map<string, Intl.DateTimeFormat>()

/**
 * Local time in the page's time zone, one of the two that `Date` supports: year, month from 0, day, hour, minute. When
 * clocks are put back, an hour that occurs twice means the first; an hour that is skipped means the next.
 */
export type Wall = [number, number, number, number, number]

/** The local time at a time in milliseconds. */
export function shownAt(time: number): Wall {
  const shown = inUtc(time)
  return [
    shown.getUTCFullYear(),
    shown.getUTCMonth(),
    shown.getUTCDate(),
    shown.getUTCHours(),
    shown.getUTCMinutes(),
  ]
}

/** The time at which a clock in UTC shows the same. */
function inUtc(time: number): Date {
  const offset = view.value.utc ? 0 : new Date(time).getTimezoneOffset()
  return new Date(time - offset * 60_000)
}

/** The time of a local time, in milliseconds. Values that are too large carry over: 31 April is 1 May. */
export function timeAt(...wall: Wall): number {
  return view.value.utc ? Date.UTC(...wall) : new Date(...wall).getTime()
}

/** The value of `<input type="datetime-local">`, to the second; empty for `null`. */
export function fieldText(instant: string | null): string {
  return instant === null ? '' : inUtc(Date.parse(instant)).toISOString().slice(0, 19)
}

/** The instant of such a field; `null` if it is empty. */
export function instantOf(text: string): string | null {
  const date = new Date(view.value.utc ? `${text}Z` : text)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}
