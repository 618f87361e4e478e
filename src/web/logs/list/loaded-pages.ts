// The rows of a list, however many: of pages far from what is seen only the place and the cursor are kept, and their
// events are fetched again when they are wanted.

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

/** Asks for the events after a cursor until there is an answer; rejects only with what to tell the viewer. */
export type Fetch = (after: string | null) => Promise<Answer>

/** What is read while something is drawn has it drawn anew once it changes. */
export interface Pages {
  /** Whether the first answer is there. */
  readonly ready: ReadonlySignal<boolean>
  /** Why it does not go on. */
  readonly refused: ReadonlySignal<unknown>
  /** How many rows are known of. */
  count(): number
  /** Whether these are all. */
  ended(): boolean
  /** `null` for one that is not there, or not there yet. */
  at(index: number): EventRowFragment | null
  /** Where the event stands, or would. */
  indexOf(place: Place): number
  /** Whether the event is known to be in the list. */
  has(place: Place): boolean
  /** Fetches the rows from one index up to another, and some around them. */
  want(from: number, to: number): void
  /** Puts events in their places, unless they are there. They are expected in any order. */
  insert(events: readonly EventRowFragment[]): void
  /** Fetches the first page again once it is wanted, as something may have been missed: `found` gets what had been.
   *  With the oldest first, what was missed comes after all. */
  again(found: (events: readonly EventRowFragment[]) => void): void
  /** Nothing is fetched from now on. */
  close(): void
}

/** A page that grew beyond this is fetched again, as several. */
const LARGEST = 400

/** So many rows after those that are seen are there already, and so many before. */
const AHEAD = 200
const BEHIND = 60

export function createPages(order: EventOrder, fetchPage: Fetch): Pages {
  const list = signal<PageList>({ pages: [], ended: false })
  const ready = signal(false)
  const refused = signal<unknown>(null)
  let wanted = { from: 0, to: 0 }
  let missed: ((events: readonly EventRowFragment[]) => void) | null = null
  /** Inserted while an answer is under way that may not have them. */
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
      if (!closed) refused.value = error
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

/** The first page that is wanted and not there as it should be, which may be the one after the last; `null` for none. */
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
