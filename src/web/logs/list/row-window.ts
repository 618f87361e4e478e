// Which of very many rows of one height are near the visible part. Browsers limit the height of an element to about 17
// million pixels, so the body of the list is a window, too: it holds the rows from `base` on, and moves together with
// the scroll position before its end is reached.

import { type ReadonlySignal, signal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useLayoutEffect, useMemo } from 'preact/hooks'

export interface Seen {
  /** The index of the row at the top of the body. */
  readonly base: number
  /** The rows to draw, `last` excluded: the visible ones and some around them. */
  readonly first: number
  readonly last: number
  /** The first row that is fully visible. */
  readonly top: number
  /** The height of one row, in pixels. */
  readonly height: number
}

export interface RowWindow {
  readonly seen: ReadonlySignal<Seen>
  /** How many of `count` rows the body holds. */
  size(count: number): number
  /** Scrolls just enough to make the row visible. */
  reveal(index: number): void
  /** Scrolls up to the head of the list, if it is not visible. */
  toHead(): void
  /** Which row is below the header, with fractions of a row; negative if there is space above the first row. */
  place(): number
  /** Scrolls to a position that `place` returned. */
  bring(place: number): void
}

/**
 * How many rows are drawn above and below the visible ones. If none of the visible rows was drawn before, these follow
 * one frame later, because drawing all of them at once takes long.
 */
const AROUND = 10

/** A height in pixels that all browsers support. */
const TALLEST = 8_000_000

/** For a table with `count` rows, whose body has the height of a row in the style `--row`. */
export function useRowWindow(table: RefObject<HTMLTableElement>, count: number): RowWindow {
  const rows = useMemo(() => createRowWindow(table), [table])
  useLayoutEffect(() => {
    rows.resized()
    const observer = new ResizeObserver(rows.resized)
    observer.observe(document.body)
    addEventListener('scroll', rows.measureSoon, { passive: true })
    return () => {
      observer.disconnect()
      removeEventListener('scroll', rows.measureSoon)
    }
  }, [rows])
  useLayoutEffect(() => rows.drawn(count))
  return rows
}

function createRowWindow(table: RefObject<HTMLTableElement>) {
  const seen = signal<Seen>({ base: 0, first: 0, last: 30, top: 0, height: 40 })
  let count = 0
  /** The last measured height: measuring takes longer than everything else here. */
  let height = seen.value.height
  let place = Number.NEGATIVE_INFINITY
  let awaitsFrame = false
  /** How far to scroll once the rows are drawn from another base. */
  let pending: (() => number) | null = null

  function measure(): void {
    const { current } = table
    if (current === null || pending !== null) return
    const { base, first, last } = seen.value
    place = base + (headerOf(current) - topOf(current)) / height
    const near = measured(current, base, height, count, AROUND)
    const drawn = near.first < last && near.last > first
    const found = drawn ? near : measured(current, base, height, count, 0)
    if (!drawn) measureSoon()
    const by = (base - found.base) * height
    if (by !== 0) pending = () => by
    if (!isSame(found, seen.value)) seen.value = found
  }

  function measureSoon(): void {
    if (awaitsFrame) return
    awaitsFrame = true
    requestAnimationFrame(() => {
      awaitsFrame = false
      measure()
    })
  }

  /**
   * Scrolls by a distance, computed from the positions of the row and the header, once a base with the row is drawn.
   */
  function scrollFor(index: number, distance: (top: number, header: number) => number): void {
    const most = mostRows(height)
    const isFar = index < seen.value.base || index >= seen.value.base + most
    pending = () => {
      const { current } = table
      if (current === null) return 0
      return distance(topOf(current) + (index - seen.value.base) * height, headerOf(current))
    }
    if (isFar) seen.value = { ...seen.value, base: Math.max(0, index - (most >> 1)) }
    else scrollPending()
  }

  function scrollPending(): void {
    if (pending === null) return
    const by = pending()
    pending = null
    if (by !== 0) scrollBy({ top: by, behavior: 'instant' })
    measure()
  }

  return {
    seen,
    measureSoon,
    resized() {
      if (table.current !== null) height = rowHeight(table.current)
      measure()
    },
    drawn(now: number) {
      count = now
      scrollPending()
    },
    size: (count: number) => Math.min(count - seen.value.base, mostRows(seen.value.height)),
    reveal(index: number) {
      scrollFor(index, (top, header) =>
        top < header ? top - header : Math.max(0, top + height - innerHeight),
      )
    },
    toHead: () => scrollFor(0, (top, header) => Math.min(0, top - header)),
    place: () => place,
    bring(place: number) {
      const index = Math.max(0, Math.floor(place))
      scrollFor(index, (top, header) => top - header + (place - index) * height)
    },
  }
}

/** The visible part of the table now, with some rows around it. */
function measured(
  table: HTMLTableElement,
  base: number,
  height: number,
  count: number,
  around: number,
): Seen {
  const top = topOf(table)
  const above = Math.max(0, Math.floor(-top / height))
  const moved = movedBase(base, above, count, mostRows(height))
  // When scrolled to the head, browsers may be off by a fraction of a pixel.
  const hidden = Math.max(0, Math.ceil((headerOf(table) - top - 1) / height))
  return {
    base: moved,
    first: Math.max(moved, base + above - around),
    last: base + above + Math.ceil(innerHeight / height) + 1 + around,
    top: base + hidden,
    height,
  }
}

function isSame(one: Seen, other: Seen): boolean {
  return (Object.keys(one) as (keyof Seen)[]).every(name => one[name] === other[name])
}

/** Moves the base by half of what the body holds when the visible rows come near to one of its ends. */
function movedBase(base: number, above: number, count: number, most: number): number {
  const half = most >> 1
  if (above > most * 0.75 && count - base > most) return base + half
  if (base > 0 && above < most * 0.1) return Math.max(0, base - half)
  return base
}

function rowHeight({ tBodies: [body] }: HTMLTableElement): number {
  return body === undefined
    ? 0
    : Number.parseFloat(getComputedStyle(body).getPropertyValue('--row'))
}

function mostRows(height: number): number {
  return Math.floor(TALLEST / height)
}

/** The body's top, relative to the window. */
function topOf(table: HTMLTableElement): number {
  return table.tBodies[0]?.getBoundingClientRect().top ?? 0
}

/** The height of the header, which stays at the top of the window. */
function headerOf(table: HTMLTableElement): number {
  return table.tHead?.offsetHeight ?? 0
}
