// The labels of the time axis: at round dates and hours of the page's time zone, few enough to be readable.

import type { Range } from '../counted/use-figures.ts'
import { format, shownAt, timeAt, type Wall } from '../dates.ts'

/** Places in `Wall`. */
const [YEAR, MONTH, DATE, HOUR, MINUTE] = [0, 1, 2, 3, 4]

/** Which unit of the clock is counted, by how many, and the length in minutes. */
const STEPS: readonly [place: number, by: number, minutes: number][] = [
  ...[1, 5, 10, 15, 30].map(by => [MINUTE, by, by] as [number, number, number]),
  ...[1, 2, 3, 6, 12].map(by => [HOUR, by, by * 60] as [number, number, number]),
  ...[1, 2, 7, 14].map(by => [DATE, by, by * 1_440] as [number, number, number]),
  ...[1, 2, 3, 6].map(by => [MONTH, by, by * 43_830] as [number, number, number]),
  ...[1, 2, 5, 10].map(by => [YEAR, by, by * 525_960] as [number, number, number]),
]

/** The maximum number of labels. */
const MOST = 8

/** Labels nearer to an end than this would be cut off. */
const MARGIN = 0.03

/** `at`: from 0, the start of the range, to 1. */
export function ticksOf({ from, until }: Range) {
  const length = until - from
  const [place = YEAR, by = 50] = STEPS.find(([, , each]) => length / (each * 60_000) <= MOST) ?? []
  const ticks: { at: number; label: string }[] = []
  const wall = floored(shownAt(from), place, by)
  for (let time = timeAt(...wall); time < until; time = timeAt(...wall)) {
    const at = (time - from) / length
    if (at >= MARGIN && at <= 1 - MARGIN) ticks.push({ at, label: labelOf(time, place) })
    wall[place] = (wall[place] ?? 0) + by
  }
  return ticks
}

function floored(wall: Wall, place: number, by: number): Wall {
  const counted = wall[place] ?? 0
  // Steps of weeks begin on a Monday, in any month.
  const first = counted - ((place === DATE ? mondayBased(wall) : counted) % by)
  return [...wall.slice(0, place), first, ...[0, 0, 1, 0, 0].slice(place + 1)] as Wall
}

/** Days since Monday 29 December 1969. */
function mondayBased([year, month, date]: Wall): number {
  return Math.floor(Date.UTC(year, month, date) / 86_400_000) + 3
}

function labelOf(time: number, place: number): string {
  const [, , , hour, minute] = shownAt(time)
  if (place === YEAR) return format({ year: 'numeric' }).format(time)
  if (place === MONTH) return format({ month: 'short', year: 'numeric' }).format(time)
  if (place === DATE || (hour === 0 && minute === 0))
    return format({ day: 'numeric', month: 'short' }).format(time)
  return format({ hour: '2-digit', minute: '2-digit' }).format(time)
}
