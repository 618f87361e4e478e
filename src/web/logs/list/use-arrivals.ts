// Live events in the list: inserted immediately while the viewer is at the head of the list; otherwise only counted
// until the viewer goes there, so that the rows being read do not move.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { Refused } from '../api/ask.ts'
import type { EventRowFragment } from '../api/page-documents.ts'
import { arrived } from '../parts/answers.ts'
import { follow } from './live.ts'
import type { Found } from './loaded-pages.ts'
import type { EventPages } from './use-pages.ts'

/** Events beyond this number are not marked, and do not wait: the list is loaded again instead. */
const MOST = 1_000

/** The interval between announcements, in milliseconds: short enough to be useful, long enough to listen to. */
const ANNOUNCE_EVERY = 3_000

/** `atHead`: the first row is visible. */
export function useArrivals(pages: EventPages, live: boolean, atHead: boolean) {
  /** The IDs of live events that are marked as new. */
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set())
  /** How many events wait until the viewer goes to the head of the list. */
  const [waiting, setWaiting] = useState(0)
  /** How many to announce to a screen reader, updated at intervals. */
  const [announced, setAnnounced] = useState(0)
  const [refused, setRefused] = useState<Refused | null>(null)
  const held = useRef<EventRowFragment[]>([])
  /** Receives the missing events, which are loaded once the viewer is at the head, because they move the rows. */
  const missed = useRef<Found | null>(null)
  const head = useRef(atHead)
  head.current = atHead

  useEffect(() => {
    if (!live) return
    let count = 0
    const timer = setInterval(() => setAnnounced(count), ANNOUNCE_EVERY)

    function mark(events: readonly EventRowFragment[]): void {
      setFresh(before => new Set([...before, ...events.map(({ eventId }) => eventId)].slice(-MOST)))
    }

    function again(found: Found): void {
      if (head.current) pages.again(found)
      else missed.current ??= found
    }

    const begins = () =>
      again(found => {
        arrived.value += found.length
        count += found.length
        mark(found)
      })
    const stop = follow({
      organizationId: pages.organizationId,
      filter: pages.filter,
      begins,
      refused: setRefused,
      events(events) {
        const news = events.filter(event => !pages.has(event))
        count += news.length
        mark(news)
        if (head.current) return pages.insert(news)
        setWaiting(before => before + news.length)
        held.current.push(...news)
        if (held.current.length <= MOST) return
        held.current = []
        again(mark)
      },
    })
    return () => {
      stop()
      clearInterval(timer)
      held.current = []
      missed.current = null
      setFresh(new Set())
      setWaiting(0)
      setAnnounced(0)
      setRefused(null)
    }
  }, [live, pages])

  useEffect(() => {
    if (!atHead) return
    if (held.current.length > 0) pages.insert(held.current.splice(0))
    if (missed.current !== null) pages.again(missed.current)
    missed.current = null
    setWaiting(0)
  }, [atHead, pages])

  return { fresh, waiting, announced, refused }
}
