// What a clock on the wall shows, in the page's time zone: the viewer's own or UTC, which are the two that `Date`
// knows. Where clocks are put back, an hour that is shown twice means the first; one that is skipped, the next.

import { view } from './view/page-address.ts'

/** Year, month from 0, day, hour, minute, second. */
export type Wall = [number, number, number, number, number, number]

/** What the clock shows at a time in milliseconds. */
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

/** When a clock in UTC shows the same. */
function inUtc(time: number): Date {
  const offset = view.value.utc ? 0 : new Date(time).getTimezoneOffset()
  return new Date(time - offset * 60_000)
}

/** When the clock shows this, in milliseconds. What is too large for its place carries over: 31 April is 1 May. */
export function timeAt(...[year, month, day, hour, minute, second]: Wall): number {
  return view.value.utc
    ? Date.UTC(year, month, day, hour, minute, second)
    : new Date(year, month, day, hour, minute, second).getTime()
}

/** As `<input type="datetime-local">` has it, to the second; empty for `null`. */
export function fieldText(instant: string | null): string {
  return instant === null ? '' : inUtc(Date.parse(instant)).toISOString().slice(0, 19)
}

/** The instant such a field means; `null` where it is empty. */
export function instantOf(text: string): string | null {
  const parts = /^(\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?/.exec(text)
  if (parts === null) return null
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map(part => Number(part ?? 0))
  return new Date(timeAt(year, month - 1, day, hour, minute, second)).toISOString()
}
