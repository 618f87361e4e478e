// Reads an Organization's log from Scaleway into the archive, window by window. A window is pinned by dates and
// read to its end before it counts as read, so a run can be cut off anywhere and goes on from there; and it is
// small, so memory stays flat. What is dated within a window already read, but listed later, is found by its
// overlap with the newest window, by counting, and by reading old windows again.

import { BEGINNING, gapsIn, type ReadWindow } from '../coverage.ts'
import type { Event } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { AuditStore, Clock } from '../store.ts'
import type { ScalewayClient } from './client.ts'
import { readCompleteList } from './complete-list.ts'
import {
  bounds,
  checkAsked,
  countIn,
  dateOf,
  ignoresDates,
  keyOf,
  MILLISECOND,
  nameOf,
  nextMillisecond,
  OVERLAP,
  quietEnd,
  type ReadItems,
  readItems,
  readRanges,
} from './log-window.ts'

export interface EventSync {
  readonly added: number
  /** Events that were in the archive already. */
  readonly known: number
  /** Whether something was added that changes the directory. */
  readonly touchesDirectory: boolean
  /** Windows that would not hold still: their events are kept, and they are read again by the next run. */
  readonly unsettled: number
}

export interface EventSyncOptions {
  readonly clock: Clock
  /** Whether to look for late events in what is long read, too. */
  readonly thorough: boolean
  /** How many events a window has: as many as a few seconds read, within these. The most is 10,000. */
  readonly windowEvents?: { readonly least: number; readonly most: number }
}

export interface EventReport {
  /** A window was committed: how many events Scaleway listed in it, and how many of them were new. */
  window(read: { from: Instant; until: Instant | null; events: number; added: number }): void
  /** So many events of so many have been read; the number may grow meanwhile. */
  progress(read: number, total: number): void
  /** Something an operator should know, in one line. */
  note(line: string): void
}

const DAY = 86_400 * 1_000_000

/** Windows are read anew after so long, the longest unread first, one a run. */
const READ_AGAIN_AFTER = 7 * DAY

const PAGE = 100
/** Scaleway's page numbers end at 10,000. */
const WINDOW_EVENTS = { least: 500, most: 4_000 }
const WINDOW_SECONDS = 3

/** So often the rest of a log may turn out to be far more than a window, before it is read as it is. */
const MOST_MISJUDGED = 3

/** So many windows one after the other may begin with more events from before it than it should have in all. */
const MOST_CREPT = 16

/** So many windows are looked for and read again in one run, where counts disagree. */
const MOST_REPAIRS = 16

export async function syncEvents(
  client: ScalewayClient,
  store: AuditStore,
  organizationId: string,
  report: EventReport,
  { clock, thorough, windowEvents = WINDOW_EVENTS }: EventSyncOptions,
): Promise<EventSync> {
  let added = 0
  let known = 0
  let unsettled = 0
  let touchesDirectory = false
  let target = windowEvents.least
  let crept = 0
  let read = 0
  let total = 0

  const windows = await store.readWindows(organizationId)
  for (const gap of gapsIn(windows)) await readRange(gap.from, gap.until)
  // Several windows may lie in the overlap, and all of them where our clock was ahead when they were read.
  const overlap = clock() - OVERLAP
  await readRange(windows.findLast(({ from }) => from <= overlap)?.from ?? BEGINNING, null)
  if (thorough) {
    await repair()
    await readOldest()
  }
  return { added, known, unsettled, touchesDirectory }

  /** Reads everything from `from` on, up to `until` or the end of the log. */
  async function readRange(from: Instant, until: Instant | null): Promise<void> {
    let next: Promise<Instant | null> | null = boundary(from, until)
    let taking = Promise.resolve()
    let misjudged = 0
    try {
      for (let at = from; next !== null; ) {
        let end: Instant | null = await next
        const startedAt = clock()
        const stop: Instant | null = end ?? until
        const whole = await readCompleteList(
          page => client.logs({ organizationId, ...bounds(at, stop), page, pageSize: PAGE }),
          {
            what: nameOf(at, stop),
            received: client.received,
            pageSize: PAGE,
            keyOf,
            most: end === null && misjudged < MOST_MISJUDGED ? 3 * windowEvents.most : Infinity,
          },
        )
        if (whole === null) {
          misjudged++
          next = boundary(at, until)
          continue
        }
        const { items, settled } = whole
        const found = readItems(items, organizationId, line => report.note(line))
        for (const date of found.dates) checkAsked(date, at, stop)
        if (end !== null) end = quietEnd(at, end, found.dates)
        // Asked before the events are taken in, so that Scaleway and the database work at the same time.
        next = end === null ? null : boundary(end, until)
        next?.catch(() => {})
        aim(items.length, clock() - startedAt)
        await taking
        taking = take(at, end ?? until, found, settled, startedAt)
        taking.catch(() => {})
        at = end ?? at
      }
    } finally {
      // Also where reading fails: what was read is kept, and nothing goes on behind the caller's back.
      await taking
    }
  }

  /** Where a window that begins at `from` ends so that it has about `target` events; `null`: the rest fits. */
  async function boundary(from: Instant, until: Instant | null): Promise<Instant | null> {
    const place = { organizationId, ...bounds(from, until), page: target, pageSize: 1 }
    const page = await client.logs(place)
    total = Math.max(total, read + page.total)
    // What is read again stays in one piece, or windows would become more and smaller.
    if (until !== null && page.total <= windowEvents.most) return null
    const date = dateOf(page.items[0])
    if (date === null) {
      // An event without a date may be in the place, or the answer contradict itself.
      if (page.total < target || target === 1) return null
      target = target >> 1
      return boundary(from, until)
    }
    checkAsked(date, from, until)
    crept = date < from ? crept + 1 : 0
    if (crept > MOST_CREPT) throw ignoresDates(date, from, until)
    const end = Math.max(nextMillisecond(date), from + MILLISECOND)
    return until !== null && end >= until ? null : end
  }

  async function take(
    from: Instant,
    until: Instant | null,
    { events, dates }: ReadItems,
    settled: boolean,
    startedAt: Instant,
  ): Promise<void> {
    const ranges = settled ? readRanges(from, until, startedAt, dates) : []
    const windows = await store.readWindows(organizationId)
    const before = windows.find(window => window.until === from)
    const noted = ranges.map((range, place): ReadWindow => {
      const own = { organizationId, ...range, events: countIn(range, dates), readAt: startedAt }
      // Only what is out of the overlap grows, so that windows do not become as many as runs.
      const grows = place === 0 && before !== undefined && ranges.length === 2
      if (!grows || before.events + own.events > windowEvents.most) return own
      return {
        ...own,
        from: before.from,
        events: before.events + own.events,
        readAt: Math.min(before.readAt, startedAt),
      }
    })
    const last = noted.at(-1)
    const reached = windows.at(-1)?.until ?? BEGINNING
    const ahead = until === null && last !== undefined && reached > last.until
    const appended = await store.appendRead(
      events,
      ahead ? noted.with(-1, { ...last, until: reached }) : noted,
    )
    // What a clock that was ahead took for read is yet to come: noted over, and now taken back.
    if (ahead) await store.appendRead([], [last])
    added += appended.added
    known += appended.known
    if (appended.added > 0) touchesDirectory ||= events.some(changesDirectory)
    if (!settled) {
      unsettled++
      report.note(`${nameOf(from, until)} changed while it was read; the next run reads it again`)
    }
    read += dates.length
    total = Math.max(total, read)
    report.window({ from, until, events: dates.length, added: appended.added })
    report.progress(read, total)
  }

  /**
   * Where Scaleway now counts more events in what was read than it listed then, or fewer, finds the window
   * and reads it again. One request where nothing changed.
   */
  async function repair(): Promise<void> {
    // Where counting and listing disagree for good, as when a bound is counted in: no window ends there.
    const unsure = new Set<Instant>()
    for (let repairs = 0; repairs < MOST_REPAIRS; repairs++) {
      const windows = await store.readWindows(organizationId)
      if (gapsIn(windows).length > 0) return
      const sure = prefixesOf(windows.slice(0, -1)).filter(({ until }) => !unsure.has(until))
      const wrong = async ({ until, events }: Prefix) => {
        const asked = { organizationId, ...bounds(BEGINNING, until, 0), page: 1, pageSize: 1 }
        return (await client.logs(asked)).total !== events
      }
      const last = sure.at(-1)
      if (last === undefined || !(await wrong(last))) return
      let [low, high] = [0, sure.length - 1]
      while (low < high) {
        const middle = (low + high) >> 1
        if (await wrong(sure[middle] ?? last)) high = middle
        else low = middle + 1
      }
      const from = sure[low - 1]?.until ?? BEGINNING
      const { until, events } = sure[low] ?? last
      await readRange(from, until)
      const now = prefixesOf(await store.readWindows(organizationId))
      if (now.find(prefix => prefix.until === until)?.events === events) unsure.add(until)
    }
  }

  /** The window that was not read for longest, if that is long enough. */
  async function readOldest(): Promise<void> {
    const settled = (await store.readWindows(organizationId)).slice(0, -1)
    const [first, ...others] = settled
    if (first === undefined) return
    const oldest = others.reduce((old, one) => (one.readAt < old.readAt ? one : old), first)
    if (clock() - oldest.readAt > READ_AGAIN_AFTER) await readRange(oldest.from, oldest.until)
  }

  /** Aims for windows that take a few seconds, whatever Scaleway's speed: what is cut off is not much. */
  function aim(events: number, took: number): void {
    if (events === 0) return
    const fitting = Math.round((events * WINDOW_SECONDS * 1_000_000) / Math.max(took, 1))
    const { least, most } = windowEvents
    target = Math.min(Math.max(fitting, least), most, target * 4)
  }
}

/** All that lies before a date. */
interface Prefix {
  readonly until: Instant
  readonly events: number
}

function prefixesOf(windows: readonly ReadWindow[]): Prefix[] {
  let sum = 0
  return windows.map(({ until, events }) => {
    sum += events
    return { until, events: sum }
  })
}

/** API keys are in the directory too, but come and go too often to read all of it for each. */
function changesDirectory({ category }: Event): boolean {
  return category !== 'api_key'
}
