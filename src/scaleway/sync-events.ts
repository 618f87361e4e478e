// Reads an Organization's log from Scaleway into the archive, window by window. A window is a range of dates and counts
// as read once it was read to its end, so a run can be interrupted anywhere and the next one continues there; and it is
// small, so memory use is constant. Events that Scaleway lists late, in a range that was already read, are found by
// reading the newest windows again, by comparing counts, and by reading old windows again.

import { BEGINNING, gapsIn, type ReadWindow } from '../coverage.ts'
import type { Event } from '../event.ts'
import type { Instant } from '../instant.ts'
import {
  type Appended,
  type AuditStore,
  type Clock,
  NOTHING_APPENDED,
  sumAppended,
} from '../store.ts'
import type { ScalewayClient } from './client.ts'
import { readCompleteList } from './complete-list.ts'
import { PAGE_SIZE } from './lists.ts'
import {
  bounds,
  checkInRange,
  countIn,
  dateOf,
  ignoresDates,
  MILLISECOND,
  nameOf,
  nextMillisecond,
  OVERLAP,
  quietEnd,
  readItems,
  readRanges,
} from './log-window.ts'

export interface EventSync extends Appended {
  /** Whether an event was added that changes the directory. */
  readonly touchesDirectory: boolean
  /** Windows that changed while they were read: their events are kept, and the next run reads them again. */
  readonly unsettled: number
}

export interface SyncOptions {
  readonly client: ScalewayClient
  readonly store: AuditStore
  readonly organizationId: string
  readonly report: SyncReport
  readonly clock: Clock
  /** Whether to look for late events in old windows, and to read the directory without new events. */
  readonly thorough: boolean
  /** Bounds of the number of events in a window; at most 10,000. */
  readonly windowEvents?: { readonly least: number; readonly most: number }
}

export interface SyncReport {
  /** Called when a window was stored: how many events Scaleway listed in it, and how many of them were new. */
  window(read: { from: Instant; until: Instant | null; events: number; added: number }): void
  /** `total` may grow meanwhile. */
  progress(read: number, total: number): void
  /** Called with a one-line note for the operator. */
  note(line: string): void
}

const DAY = 86_400 * 1_000_000

/** A run reads one window again, the one that was not read for the longest time, if that was longer ago than this. */
const REREAD_AFTER = 7 * DAY

/** Scaleway's page numbers end at 10,000. */
const WINDOW_EVENTS = { least: 500, most: 4_000 }
const WINDOW_SECONDS = 3

/** How often the rest of a log may turn out to be much larger than a window; after that it is read anyway. */
const MAX_MISJUDGED = 3

/** How many windows in succession may begin with more earlier events than they should contain in total. */
const MAX_SUCCESSIVE_EARLY = 16

/** How many windows one run may find and read again if counts disagree. */
const MAX_REPAIRS = 16

export async function syncEvents(options: SyncOptions): Promise<EventSync> {
  const run = new EventSyncRun(options)
  await run.readNew()
  if (options.thorough) {
    await run.repair()
    await run.readOldest()
  }
  return run.result
}

class EventSyncRun {
  readonly #options: SyncOptions
  readonly #windowEvents: { readonly least: number; readonly most: number }
  readonly result = { ...NOTHING_APPENDED, touchesDirectory: false, unsettled: 0 }
  /** How many events the next window should have. */
  #target: number
  #successiveEarly = 0
  #read = 0
  #total = 0

  constructor(options: SyncOptions) {
    this.#options = options
    this.#windowEvents = options.windowEvents ?? WINDOW_EVENTS
    this.#target = this.#windowEvents.least
  }

  /** Reads gaps, and everything from shortly before the end of what was read. */
  async readNew(): Promise<void> {
    const windows = await this.#readWindows()
    for (const gap of gapsIn(windows)) await this.#readRange(gap.from, gap.until)
    // Several windows may lie in the overlap; all of them if our clock was ahead when they were read.
    const overlap = this.#options.clock() - OVERLAP
    await this.#readRange(windows.findLast(({ from }) => from <= overlap)?.from ?? BEGINNING, null)
  }

  /**
   * If Scaleway now counts more or fewer events in a range than it listed before, finds the window and reads it again.
   * One request if nothing changed.
   */
  async repair(): Promise<void> {
    // Dates at which counting and listing always disagree, for example because a bound is included: no window ends
    // there.
    const unreliable = new Set<Instant>()
    for (let repairs = 0; repairs < MAX_REPAIRS; repairs++) {
      const windows = await this.#readWindows()
      if (gapsIn(windows).length > 0) return
      const prefixes = prefixesOf(windows.slice(0, -1)).filter(
        ({ until }) => !unreliable.has(until),
      )
      const last = prefixes.at(-1)
      if (last === undefined || !(await this.#differs(last))) return
      let [low, high] = [0, prefixes.length - 1]
      while (low < high) {
        const middle = (low + high) >> 1
        if (await this.#differs(prefixes[middle] ?? last)) high = middle
        else low = middle + 1
      }
      const from = prefixes[low - 1]?.until ?? BEGINNING
      const { until, events } = prefixes[low] ?? last
      await this.#readRange(from, until)
      const now = prefixesOf(await this.#readWindows())
      if (now.find(prefix => prefix.until === until)?.events === events) unreliable.add(until)
    }
  }

  /** Reads again the window that was not read for the longest time, if that is long enough ago. */
  async readOldest(): Promise<void> {
    const settled = (await this.#readWindows()).slice(0, -1)
    const [first, ...others] = settled
    if (first === undefined) return
    const oldest = others.reduce((old, one) => (one.readAt < old.readAt ? one : old), first)
    if (this.#options.clock() - oldest.readAt > REREAD_AFTER) {
      await this.#readRange(oldest.from, oldest.until)
    }
  }

  #readWindows() {
    const { store, organizationId } = this.#options
    return store.readWindows(organizationId)
  }

  #logs(
    from: Instant,
    until: Instant | null,
    { page, pageSize, margin }: { page: number; pageSize: number; margin?: number },
  ) {
    const { client, organizationId } = this.#options
    return client.logs({ organizationId, ...bounds(from, until, margin), page, pageSize })
  }

  async #differs({ until, events }: Prefix): Promise<boolean> {
    const { total } = await this.#logs(BEGINNING, until, { page: 1, pageSize: 1, margin: 0 })
    return total !== events
  }

  /** Reads everything from `from` to `until` or the end of the log. A window is stored while the next one is read. */
  async #readRange(from: Instant, until: Instant | null): Promise<void> {
    const { clock, organizationId, report } = this.#options
    let storing = Promise.resolve()
    let misjudged = 0
    try {
      for (let at: Instant | null = from; at !== null; ) {
        let end = await this.#boundary(at, until)
        const startedAt = clock()
        const stop = end ?? until
        const isRest = end === null && misjudged < MAX_MISJUDGED
        const list = await this.#readList(at, stop, isRest ? 3 * this.#windowEvents.most : Infinity)
        if (list === null) {
          misjudged++
          continue
        }
        const { items, settled } = list
        const found = readItems(items, organizationId, line => report.note(line))
        for (const date of found.dates) checkInRange(date, at, stop)
        if (end !== null) end = quietEnd(at, end, found.dates)
        this.#adjustTarget(items.length, clock() - startedAt)
        await storing
        storing = this.#append(at, end ?? until, found, settled, startedAt)
        storing.catch(() => {})
        at = end
      }
    } finally {
      // Also if reading fails: what was read is kept, and nothing is still running after this returns.
      await storing
    }
  }

  #readList(from: Instant, until: Instant | null, most: number) {
    return readCompleteList(page => this.#logs(from, until, { page, pageSize: PAGE_SIZE }), {
      what: nameOf(from, until),
      received: this.#options.client.received,
      most,
    })
  }

  /** The end of a window that begins at `from` and has about `#target` events; `null`: the rest fits. */
  async #boundary(from: Instant, until: Instant | null): Promise<Instant | null> {
    const page = await this.#logs(from, until, { page: this.#target, pageSize: 1 })
    this.#total = Math.max(this.#total, this.#read + page.total)
    // A range that is read again stays in one piece; otherwise windows would become more and smaller.
    if (until !== null && page.total <= this.#windowEvents.most) return null
    const date = dateOf(page.items[0])
    if (date === null) {
      // An event without a date may be at that place, or the response may contradict itself.
      if (page.total < this.#target || this.#target === 1) return null
      this.#target = this.#target >> 1
      return this.#boundary(from, until)
    }
    checkInRange(date, from, until)
    this.#successiveEarly = date < from ? this.#successiveEarly + 1 : 0
    if (this.#successiveEarly > MAX_SUCCESSIVE_EARLY) throw ignoresDates(date, from, until)
    const end = Math.max(nextMillisecond(date), from + MILLISECOND)
    return until !== null && end >= until ? null : end
  }

  async #append(
    from: Instant,
    until: Instant | null,
    { events, dates }: ReturnType<typeof readItems>,
    settled: boolean,
    startedAt: Instant,
  ): Promise<void> {
    const ranges = settled ? readRanges(from, until, startedAt, dates) : []
    const windows = await this.#readWindows()
    const before = windows.find(window => window.until === from)
    const read = ranges.map((range, place): ReadWindow => {
      const ids = { organizationId: this.#options.organizationId, ...range }
      const own = { ...ids, events: countIn(range, dates), readAt: startedAt }
      // Only the part outside of the overlap grows, so that there are not as many windows as runs.
      const grows = place === 0 && before !== undefined && ranges.length === 2
      if (!grows || before.events + own.events > this.#windowEvents.most) return own
      return {
        ...own,
        from: before.from,
        events: before.events + own.events,
        readAt: Math.min(before.readAt, startedAt),
      }
    })
    const last = read.at(-1)
    const reached = windows.at(-1)?.until ?? BEGINNING
    const wasAhead = until === null && last !== undefined && reached > last.until
    const appended = await this.#options.store.appendRead(
      events,
      wasAhead ? read.with(-1, { ...last, until: reached }) : read,
    )
    // Our clock was ahead in an earlier run: windows after `last` are in the future. The first call replaces those
    // windows by one, and this one shortens it.
    if (wasAhead) await this.#options.store.appendRead([], [last])
    const { result } = this
    Object.assign(result, sumAppended(result, appended))
    if (appended.added > 0) result.touchesDirectory ||= events.some(changesDirectory)
    if (!settled) {
      result.unsettled++
      const what = nameOf(from, until)
      this.#options.report.note(`${what} changed while it was read; the next run reads it again`)
    }
    this.#read += dates.length
    this.#total = Math.max(this.#total, this.#read)
    this.#options.report.window({ from, until, events: dates.length, added: appended.added })
    this.#options.report.progress(this.#read, this.#total)
  }

  /** So that a window takes a few seconds at Scaleway's speed: little is lost if a run is interrupted. */
  #adjustTarget(events: number, duration: number): void {
    if (events === 0) return
    const fitting = Math.round((events * WINDOW_SECONDS * 1_000_000) / Math.max(duration, 1))
    const { least, most } = this.#windowEvents
    this.#target = Math.min(Math.max(fitting, least), most, this.#target * 4)
  }
}

/** Everything before a date. */
type Prefix = Pick<ReadWindow, 'until' | 'events'>

function prefixesOf(windows: readonly ReadWindow[]): Prefix[] {
  let sum = 0
  return windows.map(({ until, events }) => {
    sum += events
    return { until, events: sum }
  })
}

/** API keys are in the directory, too, but change too often to read the whole directory each time. */
function changesDirectory({ category }: Event): boolean {
  return category !== 'api_key'
}
