// The events, newest or oldest first, as a grid of which only the rows near the window are drawn. While other events
// load, the previous ones stay visible.

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { Refused } from '../api/ask.ts'
import { absolute } from '../dates.ts'
import { Button } from '../parts/controls.tsx'
import { refusalOf } from '../parts/refusal.ts'
import { filter, go, view } from '../view/page-address.ts'
import { COLUMNS, type Column, NO_FILTER } from '../view/view.ts'
import { EventRow } from './event-row.tsx'
import { words as t } from './list.words.ts'
import { ListHead } from './list-head.tsx'
import type { Pages } from './loaded-pages.ts'
import { useRoving } from './roving.ts'
import { useRowWindow } from './row-window.ts'
import { useArrivals } from './use-arrivals.ts'
import { shown, usePages } from './use-pages.ts'
import './list.css'

export function EventList() {
  const { live, hidden } = view.value
  const { pages, coming } = usePages()
  const table = useRef<HTMLTableElement>(null)
  const ready = pages.ready.value
  const refused = pages.refused.value
  const events = pages.rows.value
  const count = events.length
  const rows = useRowWindow(table)
  const [first, last] = [rows.first.value, Math.min(rows.last.value, count)]
  const roving = useRoving(table, pages, rows)
  const arrivals = useArrivals(coming, live, rows.top.value === 0)

  const focus = useRef(roving)
  focus.current = roving
  useLayoutEffect(() => {
    const { left } = pages
    shown.value = pages
    if (left === null) rows.toHead()
    else rows.bring(left.place)
    if (left?.active != null) focus.current.resume(left.active)
    return () => {
      shown.value = null
      pages.leave({ place: rows.place.peek(), active: focus.current.active() })
    }
  }, [pages, rows])

  // The part of the list that was visible at this render may have changed by now, if an earlier list was restored.
  useEffect(() => {
    coming.want(rows.last.value)
  }, [coming, rows, rows.last.value])

  const drawn = new Set(Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at))
  // The row with the focus is always drawn.
  drawn.add(roving.index)
  return (
    <section class="event-list" aria-label={t.events}>
      <h2 class="hidden">{t.events}</h2>
      {arrivals.waiting.value > 0 && (
        <div class="newcomers">
          <Button class="primary" onClick={rows.toHead} text={t.arrived(arrivals.waiting.value)} />
        </div>
      )}
      <table
        ref={table}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table is a grid where arrows lead from cell to cell
        role="grid"
        class="events"
        data-hidden={hidden.join(' ')}
        style={{ ...placesOf(hidden), '--date': dateWidth() }}
        aria-label={t.events}
        aria-busy={pages !== coming || (!ready && refused === null)}
        aria-rowcount={pages.ended.value ? count + 1 : -1}
        onKeyDown={roving.onKeyDown}
        onFocusIn={roving.onFocusIn}
        onClick={roving.onClick}
      >
        <ListHead />
        <tbody class="rows" style={{ height: `calc(var(--row) * ${count})` }}>
          {[...drawn]
            .sort((a, b) => a - b)
            .map(index => {
              const event = events[index]
              if (event === undefined) return null
              const fresh = arrivals.fresh.value.has(event.eventId)
              return <EventRow key={event.eventId} {...{ event, index, fresh }} />
            })}
        </tbody>
      </table>
      <ListEnd pages={pages} refused={refused ?? arrivals.refused.value} />
      <p role="status" class="hidden">
        {arrivals.announced.value > 0 && t.arrived(arrivals.announced.value)}
      </p>
    </section>
  )
}

/** The places and widths of the visible columns if a row is one line: columns of text share the remaining space. */
function placesOf(hidden: readonly Column[]) {
  const shown = COLUMNS.filter(name => !hidden.includes(name))
  const widths = shown.map(name => WIDTHS[name])
  return {
    '--areas': `"${['date', ...shown, 'more'].join(' ')}"`,
    '--columns': ['var(--date)', ...widths, '1.8rem'].join(' '),
  }
}

/** The width of the longest date in the viewer's language. */
function dateWidth(): string {
  return `${absolute('2026-11-28T22:56:49Z').length * 0.5 + 0.9}rem`
}

const WIDTHS: Record<Column, string> = {
  action: '6.4rem',
  category: '5.8rem',
  resource: 'minmax(0, 1fr)',
  principal: 'minmax(0, 1.1fr)',
  from: 'minmax(0, 1.1fr)',
}

/** The text below the rows: the end of the list, or why there are no rows, or why no more can be loaded. */
function ListEnd({ pages, refused }: { pages: Pages; refused: Error | null }) {
  const clear = <Button onClick={() => go(NO_FILTER)}>{t.clear}</Button>
  if (refused !== null) {
    const isInvalid = refused instanceof Refused && refused.code === 'BAD_USER_INPUT'
    return (
      <p role="alert" class="list-end row">
        {refusalOf(refused)} {isInvalid && clear}
      </p>
    )
  }
  if (!pages.ready.value) return <p class="list-end quiet">{t.loading}</p>
  if (!pages.ended.value) return null
  if (pages.rows.value.length > 0) return <p class="list-end quiet">{t.end}</p>
  const isFiltered = Object.keys(filter.value).length > 0
  return (
    <p role="status" class="list-end row">
      {isFiltered ? t.noMatch : t.nothing} {isFiltered && clear}
    </p>
  )
}
