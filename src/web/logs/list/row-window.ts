// Which of very many rows of one height are near to what the window shows. A browser lets nothing be higher than
// some 17 million pixels, so the body of the list is a window, too: it holds the rows from `base` on, and is moved on
// together with the scroll position before its end is reached.

import { type ReadonlySignal, signal } from '@preact/signals'

export interface Seen {
  /** The index of the row at the top of the body. */
  readonly base: number
  /** The rows to draw, `last` excluded: those in sight and some around them. */
  readonly first: number
  readonly last: number
  /** The first that is whole in sight. */
  readonly top: number
  /** Of one row, in pixels. */
  readonly height: number
}

export interface RowWindow {
  readonly seen: ReadonlySignal<Seen>
  /** Follows a table, whose body says by `--row` of its style how high a row is, until the returned function is called. */
  attach(table: HTMLTableElement): () => void
  /** To be called when what is seen was drawn, with how many rows there are. */
  drawn(count: number): void
  /** How many of so many rows the body holds. */
  size(count: number): number
  /** Scrolls as little as brings the row in sight. */
  reveal(index: number): void
  /** Scrolls up to the head of the list, if that is out of sight. */
  toHead(): void
  /** Which row stands below the header, with fractions of a row; below 0 while there is room above the first. */
  place(): number
  /** Scrolls to where `place` told this. */
  bring(place: number): void
}

/** Rows around those in sight that are drawn, too: with the next frame where none of those in sight was, for a frame
 *  that draws all of them is a long one. */
const AROUND = 10

/** Pixels that every browser can be trusted with. */
const TALLEST = 8_000_000

export function createRowWindow(): RowWindow {
  const seen = signal<Seen>({ base: 0, first: 0, last: 30, top: 0, height: 40 })
  let table: HTMLTableElement | null = null
  let count = 0
  /** As last read: to read it takes longer than all the rest. */
  let height = seen.value.height
  let place = Number.NEGATIVE_INFINITY
  let frame = 0
  /** To be scrolled as soon as the rows are drawn from another base. */
  let pending: (() => void) | null = null

  function look(): void {
    if (table === null || pending !== null) return
    const { base, first, last } = seen.value
    place = base + (headerOf(table) - topOf(table)) / height
    const near = measured(table, base, height, count, AROUND)
    const drawn = near.first < last && near.last > first
    const found = drawn ? near : measured(table, base, height, count, 0)
    if (!drawn) later()
    const by = (base - found.base) * height
    if (by !== 0) pending = () => scroll(by)
    const names = Object.keys(found) as (keyof Seen)[]
    if (names.some(name => found[name] !== seen.value[name])) seen.value = found
  }

  function later(): void {
    frame ||= requestAnimationFrame(() => {
      frame = 0
      look()
    })
  }

  /** Draws from a base from which the row is not far, if the one of now is none. */
  function near(index: number, then: () => void): void {
    const { base } = seen.value
    const most = mostRows(height)
    const far = index < base || index >= base + most
    from(far ? Math.max(0, index - (most >> 1)) : base, then)
  }

  function from(base: number, then: () => void): void {
    if (base === seen.value.base) {
      then()
      return
    }
    pending = then
    seen.value = { ...seen.value, base }
  }

  return {
    seen,
    attach(followed) {
      table = followed
      const resized = new ResizeObserver(() => {
        height = rowHeight(followed)
        later()
      })
      resized.observe(document.body)
      addEventListener('scroll', later, { passive: true })
      height = rowHeight(followed)
      look()
      return () => {
        table = null
        cancelAnimationFrame(frame)
        frame = 0
        resized.disconnect()
        removeEventListener('scroll', later)
      }
    },
    drawn(now) {
      count = now
      const then = pending
      pending = null
      then?.()
    },
    size: count => Math.min(count - seen.value.base, mostRows(seen.value.height)),
    reveal(index) {
      near(index, () => {
        if (table === null) return
        const top = topOf(table) + (index - seen.value.base) * height
        const above = top - headerOf(table)
        const below = top + height - innerHeight
        scroll(above < 0 ? above : Math.max(0, below))
        look()
      })
    },
    toHead() {
      from(0, () => {
        const { top = 0 } = table?.getBoundingClientRect() ?? {}
        scroll(Math.min(0, top))
        look()
      })
    },
    place: () => place,
    bring(place) {
      near(Math.max(0, Math.floor(place)), () => {
        if (table === null) return
        scroll(topOf(table) - headerOf(table) + (place - seen.value.base) * height)
        look()
      })
    },
  }
}

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
  // Scrolled to the head, a browser may be a part of a pixel beside it.
  const hidden = Math.max(0, Math.ceil((headerOf(table) - top - 1) / height))
  return {
    base: moved,
    first: Math.max(moved, base + above - around),
    last: base + above + Math.ceil(innerHeight / height) + 1 + around,
    top: base + hidden,
    height,
  }
}

/** Moved by half of what the body holds, where the rows in sight come near to one of its ends. */
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

/** Of the body, from the top of the window. */
function topOf(table: HTMLTableElement): number {
  return table.tBodies[0]?.getBoundingClientRect().top ?? 0
}

/** How much of the window the header takes, which sticks to its top. */
function headerOf(table: HTMLTableElement): number {
  return table.tHead?.offsetHeight ?? 0
}

function scroll(by: number): void {
  if (by !== 0) scrollBy({ top: by, behavior: 'instant' })
}
