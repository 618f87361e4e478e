// A group of controls with one stop in the tab order; the arrow keys move between them, as in a toolbar, so that Tab
// skips the group at once.

import { useLayoutEffect, useRef } from 'preact/hooks'

/** The properties of the box with the controls; if they are in list items, each item is a row. */
export function useOneStop<Box extends HTMLElement>() {
  const box = useRef<Box>(null)
  const last = useRef<Element | null>(null)

  /** Runs after every render. */
  useLayoutEffect(() => put())

  function put(): void {
    const stops = rowsIn(box.current).flat()
    const one = stops.find(stop => stop === last.current) ?? stops[0]
    for (const stop of stops) stop.tabIndex = stop === one ? 0 : -1
  }

  return {
    ref: box,
    onFocusIn({ target }: FocusEvent) {
      if (target instanceof Element) last.current = target
      put()
    },
    onKeyDown(press: KeyboardEvent) {
      const rows = rowsIn(box.current)
      const row = rows.findIndex(stops => stops.some(stop => stop === press.target))
      const own: readonly (EventTarget | null)[] = rows[row] ?? []
      const place = own.indexOf(press.target)
      const beside = (by: number) => rows[row]?.[place + by]
      const inRow = (to: number) => rows[to]?.at(place) ?? rows[to]?.[0]
      const to = {
        ArrowRight: beside(1),
        ArrowLeft: place > 0 ? beside(-1) : undefined,
        ArrowDown: inRow(row + 1),
        ArrowUp: row > 0 ? inRow(row - 1) : undefined,
        Home: rows[0]?.[0],
        End: rows.at(-1)?.[0],
      }[press.key]
      if (to === undefined) return
      press.preventDefault()
      to.focus()
    },
  }
}

function rowsIn(box: HTMLElement | null): HTMLElement[][] {
  if (box === null) return []
  const items = [...box.querySelectorAll<HTMLElement>('li')]
  const rows = items.length === 0 ? [box] : items
  return rows
    .map(row => [...row.querySelectorAll<HTMLElement>('button:not(:disabled), input')])
    .filter(({ length }) => length > 0)
}
