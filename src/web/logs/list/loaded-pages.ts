// The rows of a list that is loaded page by page: sorted, and each event once, whether it came with a page or live.

import { signal } from '@preact/signals'
import type { EventOrder, EventRowFragment } from '../api/page-documents.ts'

/** The fields that determine an event's position. */
export type Place = Pick<EventRowFragment, 'eventId' | 'createdAt'>

export interface Answer {
  readonly events: readonly EventRowFragment[]
  readonly endCursor: string | null
  readonly hasNextPage: boolean
}

/** Requests the events after a cursor until there is a response; rejects only with an error for the viewer. */
type Fetch = (after: string | null) => Promise<Answer>

/** Called with events that were missing. */
export type Found = (events: readonly EventRowFragment[]) => void

export type Pages = ReturnType<typeof createPages>

/** This many rows are loaded in advance. */
const AHEAD = 200

/** A component that reads its signals while rendering is rendered again when they change. */
export function createPages(order: EventOrder, fetchPage: Fetch) {
  const isOldestFirst = order === 'CREATED_AT_ASC'
  const rows = signal<readonly EventRowFragment[]>([])
  /** Whether all rows are loaded. */
  const ended = signal(false)
  /** Whether the first page is loaded. */
  const ready = signal(false)
  /** Why no more pages can be loaded. */
  const refused = signal<Error | null>(null)
  /** The cursor of the last loaded page. */
  let end: string | null = null
  /** The first event of the list when it was loaded from its start: all between it and the last row are loaded. */
  let head: Place | undefined
  let wanted = 0
  let missed: Found | null = null
  /** Events inserted while a request is in progress, whose response may not contain them. */
  let meanwhile: EventRowFragment[] = []
  let busy = false
  let closed = false

  async function load(): Promise<void> {
    if (busy || refused.value !== null) return
    busy = true
    try {
      while (!closed) {
        // Newer events come after all others if the oldest are first, and will be loaded with them.
        if (!ready.value || (isOldestFirst && !ended.value)) missed = null
        if (missed !== null) await loadPage(isOldestFirst ? end : null, missed)
        else if (!ended.value && rows.value.length < wanted + AHEAD) await loadPage(end)
        else return
      }
    } catch (error) {
      if (!closed) refused.value = error as Error
    } finally {
      busy = false
    }
  }

  async function loadPage(after: string | null, found?: Found): Promise<void> {
    missed = null
    meanwhile = []
    const { events, endCursor, hasNextPage } = await fetchPage(after)
    if (closed) return
    const known = new Set(rows.value.map(({ eventId }) => eventId))
    const last = events.at(-1)
    const isNext = after !== null || head === undefined
    const isBroken = !isNext && last && hasNextPage && compare(last, head as Place, order) < 0
    if (isBroken) rows.value = []
    if (isNext || isBroken) {
      end = endCursor ?? end
      ended.value = !hasNextPage
      rows.value = merged(rows.value, events, order)
    } else insert(events)
    if (after === null) head = events[0]
    insert(meanwhile)
    ready.value = true
    found?.(events.filter(({ eventId }) => !known.has(eventId)))
  }

  function insert(events: readonly EventRowFragment[]): void {
    const last = rows.value.at(-1)
    // Others will be loaded with their page.
    const own = events.filter(event => ended.value || (last && compare(event, last, order) < 0))
    if (own.length > 0) rows.value = merged(rows.value, own, order)
  }

  return {
    ...{ ready, refused, rows, ended },
    /** The index of the event, or the index where it would be inserted. */
    indexOf(place: Place): number {
      const index = rows.value.findIndex(row => compare(row, place, order) >= 0)
      return index < 0 ? rows.value.length : index
    },
    /** Whether the event is known to be in the list. */
    has: ({ eventId }: Place) => rows.value.some(row => row.eventId === eventId),
    /** Loads the rows up to an index, and some more. */
    want(index: number): void {
      wanted = index
      load()
    },
    /** Inserts events at their positions, unless they are in the list. They may be in any order. */
    insert(events: readonly EventRowFragment[]): void {
      if (busy) meanwhile.push(...events)
      insert(events)
    },
    /** Loads events that may be missing because nobody listened: newer ones than all in the list. */
    again(found: Found): void {
      missed = found
      load()
    },
    /** Stops all loading. */
    close(): void {
      closed = true
    },
  }
}

function merged(
  rows: readonly EventRowFragment[],
  events: readonly EventRowFragment[],
  order: EventOrder,
): EventRowFragment[] {
  const all = new Map([...rows, ...events].map(event => [event.eventId, event]))
  return [...all.values()].sort((a, b) => compare(a, b, order))
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
