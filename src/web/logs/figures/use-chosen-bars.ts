// The bars that are hovered, or selected to zoom in: by a pointer that hovers, clicks or drags, or with the keyboard.

import type { RefObject } from 'preact'
import { useState } from 'preact/hooks'
import type { Bar, Range } from '../counted/use-figures.ts'

interface Chosen {
  /** The bar at which the selection began, and the one it has reached. */
  readonly from: number
  readonly to: number
  readonly by: 'hover' | 'drag' | 'keys'
  /** Identifies the set of bars. */
  readonly among: string
}

/**
 * `among` identifies the current bars: a selection among others is dropped. `zoom` is called when bars are selected.
 */
export function useChosenBars(
  plot: RefObject<HTMLElement>,
  places: Places,
  among: string,
  zoom: (low: number, high: number) => void,
) {
  const [latest, setLatest] = useState<Chosen | null>(null)
  const chosen = latest?.among === among ? latest : null
  const low = chosen && Math.min(chosen.from, chosen.to, places.last)
  const high = chosen && Math.min(Math.max(chosen.from, chosen.to), places.last)
  const clear = () => setLatest(null)

  function choose(from: number, to: number, by: Chosen['by']): void {
    const isSame = chosen?.from === from && chosen.to === to && chosen.by === by
    if (!isSame) setLatest({ from, to, by, among })
  }

  function finish(): void {
    clear()
    if (low !== null && high !== null) zoom(low, high)
  }

  /** The pointer's position across the bars, from 0 to 1. */
  function across({ clientX }: PointerEvent): number {
    const { left, width } = plot.current?.getBoundingClientRect() ?? { left: 0, width: 1 }
    return (clientX - left) / width
  }

  const handlers = {
    onBlur: clear,
    onPointerCancel: clear,
    onPointerLeave: () => chosen?.by === 'hover' && clear(),
    onKeyDown(press: KeyboardEvent) {
      const at = chosen?.to ?? -1
      const to = {
        ArrowLeft: at < 0 ? places.last : Math.max(0, at - 1),
        ArrowRight: Math.min(places.last, at + 1),
        Home: 0,
        End: places.last,
      }[press.key]
      if (to !== undefined) choose(press.shiftKey && chosen ? chosen.from : to, to, 'keys')
      else if (press.key === 'Enter' && chosen) finish()
      else if (press.key === 'Escape' && chosen) clear()
      else return
      press.preventDefault()
    },
    onPointerDown(event: PointerEvent) {
      if (event.button !== 0) return
      plot.current?.setPointerCapture(event.pointerId)
      const bar = places.nearest(across(event))
      choose(bar, bar, 'drag')
    },
    onPointerMove(event: PointerEvent) {
      if (chosen?.by === 'drag') choose(chosen.from, places.nearest(across(event)), 'drag')
      else if (event.pointerType !== 'touch') {
        const bar = places.on(across(event))
        if (bar === null) clear()
        else choose(bar, bar, 'hover')
      }
    },
    onPointerUp(event: PointerEvent) {
      if (chosen?.by !== 'drag') return
      // A click beside all bars selects none.
      if (chosen.from === chosen.to && places.on(across(event)) === null) clear()
      else finish()
    },
  }
  const active = chosen?.by === 'keys' ? Math.min(chosen.to, places.last) : null
  return { low, high, active, handlers }
}

type Places = ReturnType<typeof placesOf>

/**
 * The horizontal positions of bars by their time, from 0 to 1 within the range; beyond if a bar extends beyond the range.
 * A shorter bar, as the last may be, is narrower.
 */
export function placesOf(bars: readonly Bar[], range: Range) {
  const starts = bars.map(({ start }) => Date.parse(start))
  const ends = bars.map(({ end }) => Date.parse(end))
  const from = Math.min(range.from, starts[0] ?? range.from)
  const until = Math.max(range.until, ends.at(-1) ?? range.until, from + 1)
  const at = (time = from) => (time - from) / (until - from)
  const nearest = (place: number) =>
    Math.max(
      0,
      starts.findLastIndex(start => at(start) <= place),
    )
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
