// Which of very many rows of one height are near the visible part. Browsers limit the height of an element to about 17
// million pixels: 190,000 rows on a phone, which nobody reaches, because pages are loaded one after the other.

import { signal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useLayoutEffect, useMemo } from 'preact/hooks'

interface Seen {
  /** The rows to draw, `last` excluded: the visible ones and some around them. */
  readonly first: number
  readonly last: number
  /** The first row that is fully visible. */
  readonly top: number
  /** The height of one row, in pixels. */
  readonly height: number
}

export type RowWindow = ReturnType<typeof createRowWindow>

/** How many rows are drawn above and below the visible ones. */
const AROUND = 10

/** For a table whose rows have the height in the style `--row` of its body. */
export function useRowWindow(table: RefObject<HTMLTableElement>) {
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
  return rows
}

function createRowWindow(table: RefObject<HTMLTableElement>) {
  const seen = signal<Seen>({ first: 0, last: 30, top: 0, height: 40 })
  /** The last measured height: measuring takes longer than everything else here. */
  let { height } = seen.value
  let place = Number.NEGATIVE_INFINITY
  let awaitsFrame = false

  /** The top of the body, relative to the window, and the height of the header, which stays at the top of the window. */
  function edges(): { top: number; header: number } {
    const { tBodies, tHead } = table.current ?? {}
    return {
      top: tBodies?.[0]?.getBoundingClientRect().top ?? 0,
      header: tHead?.offsetHeight ?? 0,
    }
  }

  function measure(): void {
    if (table.current === null) return
    const { top, header } = edges()
    place = (header - top) / height
    const above = Math.max(0, Math.floor(-top / height))
    const found: Seen = {
      first: Math.max(0, above - AROUND),
      last: above + Math.ceil(innerHeight / height) + 1 + AROUND,
      // When scrolled to the head, browsers may be off by a fraction of a pixel.
      top: Math.max(0, Math.ceil((header - top - 1) / height)),
      height,
    }
    const isSame = (Object.keys(found) as (keyof Seen)[]).every(
      name => found[name] === seen.value[name],
    )
    if (!isSame) seen.value = found
  }

  function scroll(distance: number): void {
    if (distance !== 0) scrollBy({ top: distance, behavior: 'instant' })
    measure()
  }

  return {
    seen,
    measureSoon() {
      if (awaitsFrame) return
      awaitsFrame = true
      requestAnimationFrame(() => {
        awaitsFrame = false
        measure()
      })
    },
    resized() {
      const body = table.current?.tBodies[0]
      if (body) height = Number.parseFloat(getComputedStyle(body).getPropertyValue('--row'))
      measure()
    },
    /** Scrolls just enough to make the row visible. */
    reveal(index: number) {
      const { top, header } = edges()
      const row = top + index * height
      scroll(row < header ? row - header : Math.max(0, row + height - innerHeight))
    },
    /** Scrolls up to the head of the list, if it is not visible. */
    toHead() {
      const { top, header } = edges()
      scroll(Math.min(0, top - header))
    },
    /** Which row is below the header, with fractions of a row; negative if there is space above the first row. */
    place: () => place,
    /** Scrolls to a position that `place` returned. */
    bring(place: number) {
      const { top, header } = edges()
      scroll(top - header + place * height)
    },
  }
}
