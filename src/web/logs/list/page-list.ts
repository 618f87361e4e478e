// The pages of a sorted list, as immutable values. Each extends from the end of the page before it to its own last
// event: an event that arrives late or live belongs to exactly one page, which contains it when loaded again.

import type { EventOrder, EventRowFragment } from '../api/page-documents.ts'

/** The fields that determine an event's position. */
export type Place = Pick<EventRowFragment, 'eventId' | 'createdAt'>

export interface Answer {
  readonly events: readonly EventRowFragment[]
  readonly endCursor: string | null
  readonly hasNextPage: boolean
}

export interface Page {
  readonly last: Place
  /** The cursor of `last`; the next page begins after it. */
  readonly end: string | null
  /** The index of the page's first row. */
  readonly start: number
  readonly size: number
  /** `null` until loaded, and again after they were dropped. */
  readonly events: readonly EventRowFragment[] | null
}

export interface PageList {
  readonly pages: readonly Page[]
  /** Whether the last page is the end of the list. */
  readonly ended: boolean
}

/** At most this many pages keep their events. */
const HELD = 30

export function rowCount(pages: readonly Page[]): number {
  return endOf(pages.at(-1))
}

/** The number of rows up to the page's end. */
export function endOf(page: Page | undefined): number {
  return page === undefined ? 0 : page.start + page.size
}

/** The index of the page with this row; the number of pages if no page has it. */
export function pageAt(pages: readonly Page[], row: number): number {
  return firstFrom(pages, page => endOf(page) <= row)
}

/** The index of the page that the event belongs to; the number of pages if it comes after all of them. */
export function pageOf(pages: readonly Page[], place: Place, order: EventOrder): number {
  return firstFrom(pages, ({ last }) => compare(last, place, order) < 0)
}

/** The event's position among these, or where it would be inserted. */
export function placeIn(events: readonly Place[], place: Place, order: EventOrder): number {
  return firstFrom(events, event => compare(event, place, order) < 0)
}

/** Adds the response for this page, or for the one after the last. A page that has grown is split in two. */
export function withAnswer(
  { pages, ended }: PageList,
  index: number,
  { events, endCursor, hasNextPage }: Answer,
): PageList {
  const page = pages[index]
  const last = events.at(-1)
  const until = events.findIndex(({ eventId }) => eventId === page?.last.eventId)
  if (page !== undefined && until >= 0) {
    const own = events.slice(0, until + 1)
    return { pages: placed(pages.with(index, { ...page, size: own.length, events: own })), ended }
  }
  const before = pages.slice(0, index)
  const found = last && { last, end: endCursor, start: 0, size: events.length, events }
  if (found !== undefined) before.push(found)
  // If the response ends before the page did, the pages after it must be loaded again.
  if (page === undefined || found === undefined || !hasNextPage)
    return { pages: placed(before), ended: !hasNextPage }
  const rest = { ...page, size: Math.max(1, page.size - events.length), events: null }
  return { pages: placed([...before, rest, ...pages.slice(index + 1)]), ended }
}

/** Inserts these events, unless they are in the list. */
export function withEvents(
  { pages, ended }: PageList,
  events: readonly EventRowFragment[],
  order: EventOrder,
): PageList {
  const changed = [...pages]
  let isAll = ended
  for (const event of events) {
    const index = pageOf(pages, event, order)
    const page = changed[index]
    if (page === undefined) isAll = false
    // A page without events gets this one when it is loaded.
    if (!page?.events) continue
    const at = placeIn(page.events, event, order)
    if (page.events[at]?.eventId === event.eventId) continue
    const own = page.events.toSpliced(at, 0, event)
    changed[index] = { ...page, size: own.length, events: own }
  }
  return { pages: placed(changed), ended: isAll }
}

/** Drops the events of pages far from this row. */
export function withoutFar(pages: readonly Page[], row: number): readonly Page[] {
  const first = Math.max(0, Math.min(pageAt(pages, row) - HELD / 2, pages.length - HELD))
  return pages.map((page, index) =>
    page.events === null || (index >= first && index < first + HELD)
      ? page
      : { ...page, events: null },
  )
}

/**
 * Less than 0 if `a` comes before `b`, 0 for the same event. The API's dates all have the same format, so they can be
 * compared as text.
 */
export function compare(a: Place, b: Place, order: EventOrder): number {
  const later = textOrder(a.createdAt, b.createdAt) || textOrder(a.eventId, b.eventId)
  return order === 'CREATED_AT_ASC' ? later : -later
}

function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The first index in a sorted list whose item does not come before; the list's length if there is none. */
function firstFrom<Item>(items: readonly Item[], comesBefore: (item: Item) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (comesBefore(items[middle] as Item)) low = middle + 1
    else high = middle
  }
  return low
}

/** Sets each page's start to the end of the page before it. */
function placed(pages: readonly Page[]): readonly Page[] {
  let end = 0
  return pages.map(page => {
    const start = end
    end += page.size
    return page.start === start ? page : { ...page, start }
  })
}
