// The rows of a list of any length: of pages far from the visible rows only the position and cursor are kept, and their
// events are loaded again on demand.

import { type ReadonlySignal, signal } from '@preact/signals'
import type { EventOrder, EventRowFragment } from '../api/page-documents.ts'
import {
  type Answer,
  endOf,
  type PageList,
  type Place,
  pageAt,
  pageOf,
  placeIn,
  rowCount,
  withAnswer,
  withEvents,
  withoutFar,
} from './page-list.ts'

/** Requests the events after a cursor until there is a response; rejects only with an error for the viewer. */
export type Fetch = (after: string | null) => Promise<Answer>

/** A component that reads these values while rendering is rendered again when they change. */
export interface Pages {
  /** Whether the first page is loaded. */
  readonly ready: ReadonlySignal<boolean>
  /** Why no more pages can be loaded. */
  readonly refused: ReadonlySignal<Error | null>
  /** The number of known rows. */
  count(): number
  /** Whether all rows are known. */
  ended(): boolean
  /** `null` if the row does not exist or is not loaded yet. */
  at(index: number): EventRowFragment | null
  /** The index of the event, or the index where it would be inserted. */
  indexOf(place: Place): number
  /** Whether the event is known to be in the list. */
  has(place: Place): boolean
  /** Loads the rows between two indexes, and some around them. */
  want(from: number, to: number): void
  /** Inserts events at their positions, unless they are in the list. They may be in any order. */
  insert(events: readonly EventRowFragment[]): void
  /**
   * Loads the first page again on demand, because events may be missing: `found` is called with those that were
   * missing. With the oldest first, missing events come after all others.
   */
  again(found: (events: readonly EventRowFragment[]) => void): void
  /** Stops all loading. */
  close(): void
}

/** A page that grew beyond this is split and loaded again as several. */
const LARGEST = 400

/** This many rows before and after the visible ones are loaded in advance. */
const AHEAD = 200
const BEHIND = 60

export function createPages(order: EventOrder, fetchPage: Fetch): Pages {
  const list = signal<PageList>({ pages: [], ended: false })
  const ready = signal(false)
  const refused = signal<Error | null>(null)
  let wanted = { from: 0, to: 0 }
  let missed: ((events: readonly EventRowFragment[]) => void) | null = null
  /** Events inserted while a request is in progress, whose response may not contain them. */
  let meanwhile: EventRowFragment[] = []
  let busy = false
  let closed = false
  const pageFor = (place: Place) => list.value.pages[pageOf(list.value.pages, place, order)]

  async function fetchWanted(): Promise<void> {
    if (busy || refused.value !== null) return
    busy = true
    try {
      for (;;) {
        const index = closed ? null : nextToFetch(list.value, wanted, missed !== null)
        if (index === null) return
        await fetchOne(index)
      }
    } catch (error) {
      if (!closed) refused.value = error as Error
    } finally {
      busy = false
    }
  }

  async function fetchOne(index: number): Promise<void> {
    const { pages } = list.value
    const found = index === 0 ? missed : null
    const known = ready.value && pages.length === 0 ? [] : pages[0]?.events
    if (found !== null) missed = null
    if (found !== null && order === 'CREATED_AT_ASC') list.value = { pages, ended: false }
    meanwhile = []
    const answer = await fetchPage(pages[index - 1]?.end ?? null)
    if (closed) return
    const answered = withEvents(withAnswer(list.value, index, answer), meanwhile, order)
    list.value = { ...answered, pages: withoutFar(answered.pages, wanted.from) }
    ready.value = true
    if (known != null) found?.(without(known, answer.events))
  }

  return {
    ready,
    refused,
    count: () => rowCount(list.value.pages),
    ended: () => list.value.ended,
    at(index) {
      const { pages } = list.value
      const page = pages[pageAt(pages, index)]
      return page?.events?.[index - page.start] ?? null
    },
    indexOf(place) {
      const page = pageFor(place)
      if (page === undefined) return rowCount(list.value.pages)
      return page.start + placeIn(page.events ?? [], place, order)
    },
    has(place) {
      const events = pageFor(place)?.events ?? []
      return events[placeIn(events, place, order)]?.eventId === place.eventId
    },
    want(from, to) {
      wanted = { from, to }
      fetchWanted()
    },
    insert(events) {
      if (busy) meanwhile.push(...events)
      list.value = withEvents(list.value, events, order)
      fetchWanted()
    },
    again(found) {
      missed = found
      fetchWanted()
    },
    close() {
      closed = true
    },
  }
}

/** The first requested page that is not loaded, possibly the one after the last; `null` if all are loaded. */
function nextToFetch(
  { pages, ended }: PageList,
  { from, to }: { from: number; to: number },
  missed: boolean,
): number | null {
  if (missed && from <= endOf(pages[0])) return 0
  for (let index = pageAt(pages, Math.max(0, from - BEHIND)); index < pages.length; index++) {
    const page = pages[index]
    if (page?.events == null || page.size > LARGEST) return index
    if (endOf(page) >= to + AHEAD) return null
  }
  return ended ? null : pages.length
}

function without(
  events: readonly Place[],
  answered: readonly EventRowFragment[],
): readonly EventRowFragment[] {
  const ids = new Set(events.map(({ eventId }) => eventId))
  return answered.filter(({ eventId }) => !ids.has(eventId))
}
