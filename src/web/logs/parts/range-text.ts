// The period that is shown, in few words.

import { format } from '../dates.ts'
import type { Span, View } from '../view/view.ts'
import { words as common } from './parts.words.ts'

export type Dates = Pick<View, 'last' | 'createdAfter' | 'createdBefore'>

/** A period that ends now; `null` for all time. */
export function untilNow(last: Span | null): Dates {
  return { last, createdAfter: null, createdBefore: null }
}

/** Whether this period is shown; `null` for all time. */
export function isUntilNow(
  { last, createdAfter, createdBefore }: Dates,
  span: Span | null,
): boolean {
  return last === span && (span !== null || (createdAfter === null && createdBefore === null))
}

export function rangeText({ last, createdAfter, createdBefore }: Dates): string {
  if (last !== null) return common.spans[last]
  const [from, until] = [Date.parse(createdAfter ?? ''), Date.parse(createdBefore ?? '')]
  // To the minute if no date has seconds.
  const isExact = [from, until].some(time => time % 60_000 > 0)
  const dates = format({
    ...{ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' },
    ...(isExact && { second: '2-digit' }),
  })
  if (createdAfter !== null && createdBefore !== null) return dates.formatRange(from, until)
  if (createdAfter !== null) return common.since(dates.format(from))
  return createdBefore === null ? common.allTime : common.before(dates.format(until))
}
