// The text that describes a bar, or several adjacent bars.

import { type Bar, type Resolution, sumOf } from '../counted/range.ts'
import { format } from '../dates.ts'
import { number } from '../language.ts'
import { words } from '../parts/parts.words.ts'
import { view } from '../view/page-address.ts'

/** For adjacent bars: the period, and the counts. */
export function textOf(bars: readonly Bar[], resolution: Resolution): string {
  const [first, last] = [bars[0], bars.at(-1)]
  if (first === undefined || last === undefined) return ''
  return `${spanOf(first, last, resolution)}: ${countsOf(bars)}`
}

/** The period: `3 Mar 2026, 10:00–11:00`, or only dates if bars are whole days. */
function spanOf(first: Bar, last: Bar, { interval }: Resolution): string {
  const from = Date.parse(first.start)
  const until = Date.parse(last.end)
  if (interval === 'MINUTE' || interval === 'HOUR') {
    const zone = clocksChange(from, until) ? ({ timeZoneName: 'short' } as const) : {}
    const clock = { hour: '2-digit', minute: '2-digit', ...zone } as const
    const dates = format({ day: 'numeric', month: 'short', year: 'numeric', ...clock })
    return dates.formatRange(from, until)
  }
  if (interval === 'MONTH') {
    return format({ month: 'long', year: 'numeric' }).formatRange(from, until - 1)
  }
  return format({ dateStyle: 'medium' }).formatRange(from, until - 1)
}

/** If clocks change in a period, an hour occurs twice or is missing. */
function clocksChange(from: number, until: number): boolean {
  const [before, after] = [from, until].map(time => new Date(time).getTimezoneOffset())
  return !view.value.utc && before !== after
}

/** The number of events, in total and by action: `3 events (Created 2, Deleted 1)`. */
function countsOf(bars: readonly Bar[]): string {
  const { events, actions } = words()
  const { count, byAction } = sumOf(bars)
  if (byAction.length === 0) return events(count)
  const each = byAction.map(({ action, count }) => `${actions[action]} ${number(count)}`)
  return `${events(count)} (${each.join(', ')})`
}
