// The horizontal positions of bars by their time: a shorter bar, as the last may be, is narrower.

import type { Bar, Range } from '../counted/range.ts'

export type Places = ReturnType<typeof placesOf>

/** Positions from 0 to 1 within the range; beyond if a bar extends beyond the range. */
export function placesOf(bars: readonly Bar[], range: Range) {
  const starts = bars.map(({ start }) => Date.parse(start))
  const ends = bars.map(({ end }) => Date.parse(end))
  const from = Math.min(range.from, starts[0] ?? range.from)
  const until = Math.max(range.until, ends.at(-1) ?? range.until, from + 1)
  const at = (time = from) => (time - from) / (until - from)
  function nearest(place: number): number {
    const time = from + place * (until - from)
    const bar = starts.findLastIndex(start => start <= time)
    return Math.max(0, bar)
  }
  return {
    shown: { from, until },
    last: bars.length - 1,
    left: (bar: number) => at(starts[bar]),
    width: (bar: number) => at(ends[bar]) - at(starts[bar]),
    middle: (low: number, high: number) => (at(starts[low]) + at(ends[high])) / 2,
    nearest,
    /** The index of the bar at this position, or `null`. */
    on(place: number): number | null {
      const bar = nearest(place)
      return place >= at(starts[bar]) && place < at(ends[bar]) ? bar : null
    },
  }
}

/** A number from 0 to 1 as a CSS percentage. */
export function percent(part: number): string {
  return `${Math.round(part * 1e5) / 1e3}%`
}
