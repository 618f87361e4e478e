// The events, newest or oldest first, as a grid of any length: rows far from the window are neither drawn nor kept.
// While other events load, the previous ones stay visible.

import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { EventFilter } from '../api/page-documents.ts'
import { absolute } from '../dates.ts'
import { view } from '../view/page-address.ts'
import { COLUMNS, type Column } from '../view/view.ts'
import { EventRow, WaitingRow } from './event-row.tsx'
import { words } from './list.words.ts'
import { ListEnd } from './list-end.tsx'
import { ListHead } from './list-head.tsx'
import { useRoving } from './roving.ts'
import { type Seen, useRowWindow } from './row-window.ts'
import { useArrivals } from './use-arrivals.ts'
import { shown, usePages } from './use-pages.ts'
import './list.css'

/** The number of rows to reserve space for before the first response. */
const ROOM = 20

export function EventList({
  organizationId,
  filter,
}: {
  organizationId: string
  filter: EventFilter
}) {
  const t = words()
  const { live, hidden } = view.value
  const { pages, coming } = usePages(organizationId, filter)
  const table = useRef<HTMLTableElement>(null)
  const ready = pages.ready.value
  const refused = pages.refused.value
  const count = ready ? pages.count() : refused === null ? ROOM : 0
  const rows = useRowWindow(table, count)
  const seen = rows.seen.value
  const roving = useRoving(table, pages, rows)
  const arrivals = useArrivals(coming, live, seen.top === 0)

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
      pages.leave({ place: rows.place(), active: focus.current.active() })
    }
  }, [pages, rows])

  // The part of the list that was visible at this render may have changed by now, if an earlier list was restored.
  // biome-ignore lint/correctness/useExhaustiveDependencies: they tell when to look again
  useEffect(() => {
    const { first, last } = rows.seen.value
    coming.want(first, last)
  }, [coming, rows, seen.first, seen.last])

  return (
    <section class="event-list" aria-label={t.events}>
      <h2 class="hidden">{t.events}</h2>
      {arrivals.waiting > 0 && (
        <div class="newcomers">
          <button type="button" class="primary" onClick={rows.toHead}>
            {t.arrived(arrivals.waiting)}
          </button>
        </div>
      )}
      <table
        ref={table}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table is a grid where arrows lead from cell to cell
        role="grid"
        class="events"
        data-hidden={hidden.join(' ')}
        style={{ '--columns': widthsOf(hidden), '--date': dateWidth() }}
        aria-label={t.events}
        aria-busy={pages !== coming || (!ready && refused === null)}
        aria-rowcount={pages.ended() ? count + 1 : -1}
        onKeyDown={roving.onKeyDown}
        onFocusIn={roving.onFocusIn}
        onClick={roving.onClick}
      >
        <ListHead />
        <tbody class="rows" style={{ height: `calc(var(--row) * ${rows.size(count)})` }}>
          {indexes(seen, count, roving.kept === null ? null : roving.index).map(index => {
            const event = pages.at(index) ?? (index === roving.index ? roving.kept : null)
            const placed = { index, offset: (index - seen.base) * seen.height }
            if (event === null) return <WaitingRow key={index} {...placed} />
            const fresh = arrivals.fresh.has(event.eventId)
            return <EventRow key={event.eventId} {...{ event, fresh, ...placed }} />
          })}
        </tbody>
      </table>
      <ListEnd pages={pages} refused={refused ?? arrivals.refused} />
      <p role="status" class="hidden">
        {arrivals.announced > 0 && t.arrived(arrivals.announced)}
      </p>
    </section>
  )
}

/** The widths of the visible columns if a row is one line: columns of text share the remaining space. */
function widthsOf(hidden: readonly Column[]): string {
  const shown = COLUMNS.filter(name => !hidden.includes(name)).map(name => WIDTHS[name])
  return ['var(--date)', ...shown, '1.8rem'].join(' ')
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

/** The indexes of the rows to draw, in order, always including the row with the focus. */
function indexes({ first, last }: Seen, count: number, kept: number | null): number[] {
  const found: number[] = []
  if (kept !== null && kept < first) found.push(kept)
  for (let index = first; index < Math.min(last, count); index++) found.push(index)
  if (kept !== null && kept >= last) found.push(kept)
  return found
}
