// Live events in the list: inserted immediately while the viewer is at the head of the list; otherwise only counted
// until the viewer goes there, so that the rows being read do not move.

import { signal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { Refused } from '../api/ask.ts'
import type { EventRowFragment } from '../api/page-documents.ts'
import { arrived } from '../parts/answers.ts'
import { follow } from './live.ts'
import type { Found } from './loaded-pages.ts'
import type { EventPages } from './use-pages.ts'

/** Events beyond this number are not marked, and do not wait: the list is loaded again instead. */
const MOST = 1_000

/** The interval between announcements, in milliseconds: short enough to be useful, long enough to listen to. */
const ANNOUNCE_EVERY = 3_000

/** The interval at which received events are shown, in milliseconds: faster changes could not be read. */
const BATCH = 250

/** `atHead`: the first row is visible. */
export function useArrivals(pages: EventPages, live: boolean, atHead: boolean) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: nothing remains when Live is turned off
  const arrivals = useMemo(() => createArrivals(pages), [pages, live])
  useEffect(() => arrivals.move(atHead), [arrivals, atHead])
  useEffect(() => (live ? arrivals.listen() : undefined), [arrivals, live])
  return arrivals
}

function createArrivals(pages: EventPages) {
  const fresh = signal<ReadonlySet<string>>(new Set())
  const waiting = signal(0)
  const announced = signal(0)
  const refused = signal<Refused | null>(null)
  /** Received since the last batch. */
  const received: EventRowFragment[] = []
  let held: EventRowFragment[] = []
  /** Receives the missing events, which are loaded once the viewer is at the head, because they move the rows. */
  let missed: Found | null = null
  let isAtHead = false
  let count = 0

  function mark(events: readonly EventRowFragment[]): void {
    const ids = events.map(({ eventId }) => eventId)
    fresh.value = new Set([...fresh.value, ...ids].slice(-MOST))
  }

  function again(found: Found): void {
    if (isAtHead) pages.again(found)
    else missed ??= found
  }

  function begins(): void {
    again(found => {
      arrived.value += found.length
      count += found.length
      mark(found)
    })
  }

  function show(): void {
    if (received.length === 0) return
    arrived.value += received.length
    const news = received.splice(0).filter(event => !pages.has(event))
    count += news.length
    mark(news)
    if (isAtHead) pages.insert(news)
    else {
      waiting.value += news.length
      held.push(...news)
    }
    if (held.length <= MOST) return
    held = []
    again(mark)
  }

  return {
    /** The IDs of live events that are marked as new. */
    fresh,
    /** How many events wait until the viewer goes to the head of the list. */
    waiting,
    /** How many to announce to a screen reader, updated at intervals. */
    announced,
    /** Why there are no live events. */
    refused,
    /** Must be called when the viewer goes to the head of the list, or away. */
    move(atHead: boolean): void {
      isAtHead = atHead
      if (!atHead) return
      if (held.length > 0) pages.insert(held.splice(0))
      if (missed !== null) pages.again(missed)
      missed = null
      waiting.value = 0
    },
    /** Until the returned function is called. */
    listen() {
      const ending = new AbortController()
      const timers = [
        setInterval(show, BATCH),
        setInterval(() => {
          announced.value = count
        }, ANNOUNCE_EVERY),
      ]
      follow(pages, begins, event => received.push(event), ending.signal).catch(error => {
        if (!ending.signal.aborted && error instanceof Refused) refused.value = error
      })
      return () => {
        ending.abort()
        timers.forEach(clearInterval)
      }
    },
  }
}
