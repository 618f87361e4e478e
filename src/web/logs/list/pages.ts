// The rows of a list, however many: pages that were reached keep their place and their cursor for ever, and their
// events only near to what is looked at. A page is the stretch behind the one before it up to its own last event,
// so an event that came late, or live, belongs to one page, and a page asked again finds it there.

import { type ReadonlySignal, signal } from '@preact/signals'
import type { EventOrder, EventRowFragment } from '../api/documents.ts'
import { compare, firstFrom, type Place } from './order.ts'

export interface Answer {
  readonly events: readonly EventRowFragment[]
  readonly endCursor: string | null
  readonly hasNextPage: boolean
}

/** Asks for the events behind a cursor until there is an answer; rejects only with what to tell the viewer. */
export type Fetch = (after: string | null) => Promise<Answer>

export interface Pages {
  readonly order: EventOrder
  /** Another number whenever a row may have changed. */
  readonly version: ReadonlySignal<number>
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
  /** Fetches the rows from one index up to another, and some around them; of those far away, forgets the events. */
  want(from: number, to: number): void
  /** Puts events in their places, unless they are there. They are expected in any order. */
  insert(events: readonly EventRowFragment[]): void
  /** Asks for the first page again once it is wanted, as something may have been missed: `found` gets what had been.
   *  With the oldest first, what was missed comes behind all. */
  again(found: (events: readonly EventRowFragment[]) => void): void
  /** Nothing is fetched from now on. */
  close(): void
}

interface Page {
  readonly after: string | null
  readonly end: string | null
  readonly last: Place
  start: number
  size: number
  /** `null`: to be fetched when they are wanted. */
  events: readonly EventRowFragment[] | null
  /** There are too many events, or some may be missing: to be fetched when wanted, and shown meanwhile. */
  stale: boolean
}

/** Of so many pages the events are kept. */
const KEPT = 30

/** A page that grew beyond this is cut into pages again. */
const LARGEST = 400

/** So many rows ahead of those that are looked at are there already, and so many behind. */
const AHEAD = 200
const BEHIND = 60

export function createPages(order: EventOrder, fetchPage: Fetch): Pages {
  const version = signal(0)
  const ready = signal(false)
  const refused = signal<unknown>(null)
  const pages: Page[] = []
  const kept = new Set<Page>()
  let ended = false
  let closed = false
  let busy = false
  let wanted = { from: 0, to: 0 }
  let missed: ((events: readonly EventRowFragment[]) => void) | null = null
  /** What was inserted while an answer is under way that may not have it. */
  let meanwhile: EventRowFragment[] = []

  const count = () => endOf(pages.at(-1))
  const before = (place: Place) => (other: Place) => compare(other, place, order) < 0

  function pageIndexAt(index: number): number {
    return firstFrom(pages, page => endOf(page) <= index)
  }

  function pageIndexOf(place: Place): number {
    return firstFrom(pages, ({ last }) => before(place)(last))
  }

  /** In O(1) for the last page, which is the one that changes as a viewer scrolls. */
  function place(from: number): void {
    for (let index = from; index < pages.length; index++) {
      const page = pages[index] as Page
      page.start = endOf(pages[index - 1])
    }
  }

  function changed(): void {
    version.value++
  }

  function nextToLoad(): Page | 'more' | null {
    if (missed !== null && wanted.from <= endOf(pages[0])) return pages[0] ?? 'more'
    const to = wanted.to + AHEAD
    for (let index = pageIndexAt(Math.max(0, wanted.from - BEHIND)); ; index++) {
      const page = pages[index]
      if (page === undefined) return ended ? null : 'more'
      if (page.events === null || page.stale) return page
      if (endOf(page) >= to) return null
    }
  }

  async function work(): Promise<void> {
    if (busy || closed || refused.value !== null) return
    busy = true
    try {
      for (let next = nextToLoad(); next !== null && !closed; next = nextToLoad()) {
        const found = next === (pages[0] ?? 'more') ? missed : null
        const old = pages[0]?.events ?? (ready.value ? [] : null)
        if (found !== null) {
          missed = null
          if (order === 'CREATED_AT_ASC') ended = false
        }
        meanwhile = []
        const answer = await fetchPage(next === 'more' ? (pages.at(-1)?.end ?? null) : next.after)
        if (closed) return
        if (next === 'more') append(answer)
        else replace(next, answer)
        insert(meanwhile)
        forgetFar()
        ready.value = true
        changed()
        if (old !== null) found?.(without(old, answer.events))
      }
    } catch (error) {
      if (!closed) refused.value = error
    } finally {
      busy = false
    }
  }

  function append({ events, endCursor, hasNextPage }: Answer): void {
    ended = !hasNextPage
    const last = events.at(-1)
    if (last === undefined) return
    const after = pages.at(-1)?.end ?? null
    keep({ after, end: endCursor, last, start: count(), size: events.length, events, stale: false })
  }

  function keep(page: Page): void {
    pages.push(page)
    kept.add(page)
  }

  /** A page asked again: as far as its last event, or in two where it has grown. */
  function replace(page: Page, { events, endCursor, hasNextPage }: Answer): void {
    const index = pageIndexAt(page.start)
    const whole = events.findIndex(({ eventId }) => eventId === page.last.eventId)
    page.stale = false
    kept.add(page)
    const last = events.at(-1)
    if (whole >= 0) {
      page.events = events.slice(0, whole + 1)
      page.size = whole + 1
    } else if (last === undefined || !hasNextPage) {
      // It does not go on as far as it did: what was behind this is to be asked anew.
      for (const gone of pages.splice(index)) kept.delete(gone)
      append({ events, endCursor, hasNextPage })
    } else {
      const rest = Math.max(1, page.size - events.length)
      const first = { ...page, end: endCursor, last, events, size: events.length }
      const second = { ...page, after: endCursor, events: null, size: rest }
      kept.delete(page)
      kept.add(first)
      pages.splice(index, 1, first, second)
    }
    place(index)
  }

  function forgetFar(): void {
    if (kept.size <= KEPT) return
    const middle = (wanted.from + wanted.to) / 2
    const distance = ({ start, size }: Page) => Math.abs(start + size / 2 - middle)
    const far = [...kept].sort((a, b) => distance(a) - distance(b)).slice(KEPT)
    for (const page of far) {
      page.events = null
      kept.delete(page)
    }
  }

  function insert(events: readonly EventRowFragment[]): void {
    let least = pages.length
    for (const event of events) {
      const index = pageIndexOf(event)
      const page = pages[index]
      if (page === undefined) {
        ended = false
        continue
      }
      if (page.events === null) continue
      const at = firstFrom(page.events, before(event))
      if (page.events[at]?.eventId === event.eventId) continue
      page.events = page.events.toSpliced(at, 0, event)
      page.size++
      if (page.size > LARGEST) page.stale = true
      least = Math.min(least, index)
    }
    place(least)
  }

  return {
    order,
    version,
    ready,
    refused,
    count,
    ended: () => ended,
    at(index) {
      const page = pages[pageIndexAt(index)]
      return page?.events?.[index - page.start] ?? null
    },
    indexOf(place) {
      const page = pages[pageIndexOf(place)]
      if (page === undefined) return count()
      return page.start + (page.events === null ? 0 : firstFrom(page.events, before(place)))
    },
    has(place) {
      const { events } = pages[pageIndexOf(place)] ?? {}
      return events?.[firstFrom(events, before(place))]?.eventId === place.eventId
    },
    want(from, to) {
      wanted = { from, to }
      work()
    },
    insert(events) {
      if (busy) meanwhile.push(...events)
      insert(events)
      changed()
      work()
    },
    again(found) {
      missed = found
      work()
    },
    close() {
      closed = true
    },
  }
}

function endOf(page: Page | undefined): number {
  return page === undefined ? 0 : page.start + page.size
}

function without(
  known: readonly Place[],
  events: readonly EventRowFragment[],
): readonly EventRowFragment[] {
  const ids = new Set(known.map(({ eventId }) => eventId))
  return events.filter(({ eventId }) => !ids.has(eventId))
}
