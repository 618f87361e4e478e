// Which of very many rows of one height are near the visible part. Browsers limit the height of an element to about 17
// million pixels: 190,000 rows on a phone, which nobody reaches, because pages are loaded one after the other.

import { computed, signal } from '@preact/signals'
import type { RefObject } from 'preact'
import { useLayoutEffect, useMemo } from 'preact/hooks'
import { useListener } from '../parts/use-listener.ts'

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
    return () => observer.disconnect()
  }, [rows])
  useListener('scroll', rows.measureSoon)
  return rows
}

function createRowWindow(table: RefObject<HTMLTableElement>) {
  /** Of one row, in pixels. Not measured at each scroll: that takes longer than everything else here. */
  const height = signal(40)
  /** Which row is below the header, with fractions of a row; negative if there is space above the first row. */
  const place = signal(Number.NEGATIVE_INFINITY)
  const first = computed(() => Math.max(0, Math.floor(place.value)))
  /** How many rows the window has space for. */
  const visible = signal(20)
  let awaitsFrame = false

  /** Of the table's header, which stays at the top of the window. */
  const header = () => table.current?.tHead?.offsetHeight ?? 0

  function measure(): void {
    const body = table.current?.tBodies[0]
    if (!body) return
    visible.value = Math.ceil(innerHeight / height.value) + 1
    place.value = (header() - body.getBoundingClientRect().top) / height.value
  }

  function scroll(distance: number): void {
    if (distance !== 0) scrollBy({ top: distance, behavior: 'instant' })
    measure()
  }

  return {
    height,
    /** The rows to draw, `last` excluded: the visible ones and some around them. */
    first: computed(() => Math.max(0, first.value - AROUND)),
    last: computed(() => first.value + visible.value + AROUND),
    /** The first row that is fully visible. When scrolled to the head, browsers may be off by a fraction of a pixel. */
    top: computed(() => Math.max(0, Math.ceil(place.value - 1 / height.value))),
    place,
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
      if (body) height.value = Number.parseFloat(getComputedStyle(body).getPropertyValue('--row'))
      measure()
    },
    /** Scrolls just enough to make the row visible. */
    reveal(index: number) {
      measure()
      const above = (index - place.value) * height.value
      scroll(above < 0 ? above : Math.max(0, above + height.value - innerHeight + header()))
    },
    /** Scrolls to a value of `place`. */
    bring(to: number) {
      measure()
      scroll((to - place.value) * height.value)
    },
    /** Scrolls up to the head of the list, if it is not visible. */
    toHead() {
      measure()
      scroll(Math.min(0, -place.value * height.value))
    },
  }
}
