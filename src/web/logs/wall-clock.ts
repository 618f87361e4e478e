// Local time in the page's time zone: the viewer's own or UTC, the two that `Date` supports. When clocks are put back,
// an hour that occurs twice means the first; an hour that is skipped means the next.

import { view } from './view/page-address.ts'

/** Year, month from 0, day, hour, minute, second. */
export type Wall = [number, number, number, number, number, number]

/** The local time at a time in milliseconds. */
export function shownAt(time: number): Wall {
  const shown = inUtc(time)
  return [
    shown.getUTCFullYear(),
    shown.getUTCMonth(),
    shown.getUTCDate(),
    shown.getUTCHours(),
    shown.getUTCMinutes(),
    shown.getUTCSeconds(),
  ]
}

/** The time at which a clock in UTC shows the same. */
function inUtc(time: number): Date {
  const offset = view.value.utc ? 0 : new Date(time).getTimezoneOffset()
  return new Date(time - offset * 60_000)
}

/** The time of a local time, in milliseconds. Values that are too large carry over: 31 April is 1 May. */
export function timeAt(...[year, month, day, hour, minute, second]: Wall): number {
  return view.value.utc
    ? Date.UTC(year, month, day, hour, minute, second)
    : new Date(year, month, day, hour, minute, second).getTime()
}

/** The value of `<input type="datetime-local">`, to the second; empty for `null`. */
export function fieldText(instant: string | null): string {
  return instant === null ? '' : inUtc(Date.parse(instant)).toISOString().slice(0, 19)
}

/** The instant of such a field; `null` if it is empty. */
export function instantOf(text: string): string | null {
  const parts = /^(\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?/.exec(text)
  if (parts === null) return null
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map(part => Number(part ?? 0))
  return new Date(timeAt(year, month - 1, day, hour, minute, second)).toISOString()
}
