// The focus in a grid with very many rows: only one stop is in the tab order, and the arrow keys move to the others.
// The focus belongs to an event, not to an element, because rows may be drawn again, move down when others arrive, or
// be far outside the window.

import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { EventRowFragment } from '../api/page-documents.ts'
import { useListener } from '../parts/use-listener.ts'
import { go } from '../view/page-address.ts'
import type { Pages } from './loaded-pages.ts'
import type { RowWindow } from './row-window.ts'

/** The row that has the focus. */
export interface Active {
  readonly event: EventRowFragment
  readonly stop: number
}

const STOPS = '[data-stop], .principal a'

export function useRoving(grid: RefObject<HTMLElement>, pages: Pages, rows: RowWindow) {
  const [active, setActive] = useState<Active | null>(null)
  const holding = useHolding(grid)
  const tabbable = useRef<HTMLElement | null>(null)
  const found = active !== null && pages.has(active.event) ? pages.indexOf(active.event) : null
  const inSight = found !== null && found >= rows.first.value && found < rows.last.value
  const stays = found !== null && (inSight || holding.current)
  const index = stays ? found : Math.min(rows.top.value, Math.max(0, pages.rows.value.length - 1))
  const stop = active?.stop ?? 0

  useLayoutEffect(() => {
    const { activeElement } = document
    const row = grid.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)
    const wanted = stopsOf(row).at(stop)
    if (wanted === undefined) return
    if (tabbable.current !== null) tabbable.current.tabIndex = -1
    tabbable.current = wanted
    wanted.tabIndex = 0
    const isElsewhere = activeElement !== document.body && !grid.current?.contains(activeElement)
    if (wanted === activeElement || isElsewhere || !holding.current) return
    wanted.focus({ preventScroll: true })
  })

  function activate(index: number, stop: number): void {
    const event = pages.rows.value[index]
    holding.current = true
    if (event !== undefined) setActive({ event, stop })
  }

  function move(index: number, stop: number): void {
    const to = Math.max(0, Math.min(index, pages.rows.value.length - 1))
    activate(to, stop)
    rows.reveal(to)
  }

  function onKeyDown(press: KeyboardEvent): void {
    const at = placeOf(press.target)
    if (at === null || press.altKey || press.metaKey || press.shiftKey) return
    if (press.key === 'Enter' && press.target instanceof HTMLElement) {
      if (press.target.localName !== 'td') return
      // Otherwise the same key press would activate the button that gets the focus next.
      press.preventDefault()
      show(at.index)
      return
    }
    const page = Math.floor(innerHeight / rows.height.value) - 2
    const to = destination(press, at, pages.rows.value.length, page)
    if (to === undefined) return
    press.preventDefault()
    move(to.index, to.stop)
  }

  function show(index: number): void {
    const event = pages.rows.value[index]
    if (event !== undefined) go({ eventId: event.eventId })
  }

  return {
    /** The row whose stop is in the tab order: the one with the focus, even outside the window, or the first visible. */
    index,
    /** The row with the focus; `null` if the focus is outside the grid. */
    active: () => (holding.current ? active : null),
    /** Restores the focus to this row, unless it has moved elsewhere. */
    resume(active: Active) {
      holding.current = true
      setActive(active)
    },
    onKeyDown,
    onFocusIn({ target }: FocusEvent) {
      const at = placeOf(target)
      if (at === null) return
      if (at.index !== found || at.stop !== active?.stop) activate(at.index, at.stop)
      holding.current = true
    },
    onClick({ target }: MouseEvent) {
      if (!(target instanceof Element) || getSelection()?.isCollapsed === false) return
      const row = target.closest<HTMLElement>('[data-index]')
      if (row === null || target.closest('a, button') !== null) return
      stopsOf(row)[0]?.focus({ preventScroll: true })
      show(Number(row.dataset.index))
    },
  }
}

/**
 * Whether the focus is in the grid, even if the focused element was removed; when a dialog closes, the focus returns.
 */
function useHolding(grid: RefObject<HTMLElement>): { current: boolean } {
  const holding = useRef(false)
  function leave({ target }: Event): void {
    if (!(target instanceof Element) || target.closest('dialog') !== null) return
    if (!grid.current?.contains(target)) holding.current = false
  }
  useListener('focusin', leave)
  useListener('pointerdown', leave)
  return holding
}

function destination(
  { key, ctrlKey }: KeyboardEvent,
  { index, stop, stops }: { index: number; stop: number; stops: HTMLElement[] },
  count: number,
  page: number,
) {
  return {
    ArrowDown: { index: index + 1, stop },
    ArrowUp: { index: index - 1, stop },
    PageDown: { index: index + page, stop },
    PageUp: { index: index - page, stop },
    ArrowRight: { index, stop: beside(stops, stop, 1) },
    ArrowLeft: { index, stop: beside(stops, stop, -1) },
    Home: ctrlKey ? { index: 0, stop } : { index, stop: 0 },
    End: ctrlKey ? { index: count - 1, stop } : { index, stop: stops.length - 1 },
  }[key]
}

/** The next visible stop in a direction; the same stop if there is none. */
function beside(stops: readonly HTMLElement[], stop: number, by: 1 | -1): number {
  let at = stop + by
  while (stops[at]?.checkVisibility() === false) at += by
  return at in stops ? at : stop
}

function placeOf(target: EventTarget | null) {
  if (!(target instanceof HTMLElement)) return null
  const row = target.closest<HTMLElement>('[data-index]')
  if (row === null) return null
  const stops = stopsOf(row)
  const stop = stops.indexOf(target)
  return stop < 0 ? null : { index: Number(row.dataset.index), stop, stops }
}

function stopsOf(row: HTMLElement | null | undefined): HTMLElement[] {
  return [...(row?.querySelectorAll<HTMLElement>(STOPS) ?? [])]
}
