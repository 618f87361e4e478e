// Recomputes the seals of every Organization from its events, in order of arrival, and reports the first difference.
// Seals and events are read in pages: they are never all in memory.

import type { RecordedEvent } from '../event.ts'
import { type Instant, shownInstant } from '../instant.ts'
import type { Chain, Head } from '../store.ts'
import { plural } from '../text.ts'
import { isStoredAsBytes } from './codec.ts'
import { type Database, type Log, logOf, type OrganizationKey } from './database.ts'
import { sql } from './drizzle.ts'
import { startOf } from './event-range.ts'
import { createEventReader, type EventRow, eventColumns } from './events.ts'
import { firstHead, headOf, partsOf, readParts, type Seal } from './seal.ts'
import { damageOf } from './verify.ts'

const MOST_EVENTS = 5_000
const MOST_SEALS = 1_000

/** By Organization ID; all read from one snapshot. */
export function readChains(db: Database, kept: readonly Head[]): Promise<Chain[]> {
  const { dialect } = db
  return db.snapshot(async reads => {
    // If damage makes even these unreadable, `verify` reports it.
    const organizations = await reads
      .rows<[OrganizationKey, unknown, Instant | null]>(
        sql`SELECT o.key, o.id, o.kept_from FROM organizations o ORDER BY o.id`,
      )
      .catch(error => {
        damageOf(dialect, error)
        return []
      })
    const chains: Chain[] = []
    for (const [key, stored, keptFrom] of organizations) {
      const organizationId = dialect.idFrom(stored ?? '')
      const own = kept.filter(head => head.organizationId === organizationId)
      const chain = readChain(logOf(reads, key, organizationId), keptFrom, own)
      chains.push(
        await chain.catch(error => {
          const nothing = { head: null, dropped: 0, droppedBefore: null }
          return { organizationId, ...nothing, faults: [damageOf(dialect, error)] }
        }),
      )
    }
    return chains
  })
}

/**
 * Compares each seal, from the first to the last, with the events that arrived since the seal before it. `keptFrom`:
 * retention deleted events dated before this. `kept`: heads that were saved earlier; each must be in the chain.
 */
async function readChain(
  log: Log,
  keptFrom: Instant | null,
  kept: readonly Head[],
): Promise<Chain> {
  const { organizationId } = log
  const unmet = new Set(kept)
  const faults: string[] = []
  const events = eventsOf(log)
  const first: Before = { sequence: 0, events: 0, head: firstHead(organizationId) }
  let last = first
  let [dropped, later] = [0, 0]
  for await (const seal of sealsOf(log)) {
    const batch = await events.upTo(seal.sequence)
    const found = compare(last, seal, batch, keptFrom)
    dropped += found.dropped
    if (found.fault !== null && faults.length > 0) later++
    else if (found.fault !== null) {
      const isEnd = batch.length === 0 && (await events.areOver())
      const fault = isEnd ? 'missing, with all that arrived after them' : found.fault
      const numbers = `events ${last.events + 1} to ${seal.events}`
      faults.push(`${numbers}, recorded at ${shownInstant(seal.recordedAt)}: ${fault}`)
    }
    for (const head of unmet) {
      if (head.events === seal.events && head.hash === hexOf(seal.head)) unmet.delete(head)
    }
    last = seal
  }
  if (later > 0) faults.push(`${plural(later, 'later seal')} not matching either`)
  // If a batch differs, these counts add no information.
  if (faults.length === 0) faults.push(...(await miscounts(log, last, keptFrom)))
  for (const head of unmet) faults.push(unmetFault(head.events, last.events))
  return {
    organizationId,
    head: last === first ? null : { organizationId, events: last.events, hash: hexOf(last.head) },
    dropped,
    droppedBefore: keptFrom,
    faults,
  }
}

/** The seal before another. */
type Before = Pick<Seal, 'sequence' | 'events' | 'head'>

/** Reports where the number of events differs from the number that was sealed. */
async function miscounts(
  { db, dialect, organization }: Log,
  { sequence, events }: Before,
  keptFrom: Instant | null,
): Promise<string[]> {
  const [row] = await db.rows<[number, number]>(
    sql`SELECT count(*) FILTER (WHERE e.sequence BETWEEN 1 AND ${sequence}), count(*)
      FROM ${dialect.sequences} e WHERE e.organization = ${organization}`,
  )
  const [sealed = 0, all = 0] = row ?? []
  const isFew = keptFrom === null && sealed < events
  return [
    ...(all > sealed ? [`${plural(all - sealed, 'event')} without a seal`] : []),
    ...(isFew || sealed > events ? [`${plural(events, 'event')} sealed, but ${sealed} found`] : []),
  ]
}

function unmetFault(events: number, has: number): string {
  const had = `a kept head has ${plural(events, 'event')}`
  return has < events
    ? `${had}, but there are ${has}: the rest was cut off`
    : `${had} and another hash than the log here: the log was rewritten`
}

/** Whether a batch matches its seal, and how many of its events retention deleted. */
function compare(
  before: Before,
  seal: Seal,
  batch: readonly Arrived[],
  keptFrom: Instant | null,
): { readonly fault: string | null; readonly dropped: number } {
  const sealedParts = readParts(seal.parts) ?? []
  const broken = (fault: string) => ({ fault, dropped: 0 })
  const isSeal = Number.isSafeInteger(seal.events) && Number.isSafeInteger(seal.recordedAt)
  if (!isSeal || sealedParts.length === 0 || !same(seal.head, headOf(before.head, seal))) {
    return broken('their seal was changed, or does not follow the one before it')
  }
  if (!batch.every(isAcceptable)) return broken('they were changed')
  const sum = sealedParts.reduce((sum, part) => sum + part.events, 0)
  // If retention deleted events of the batch, positions are derived from sequence numbers, which were assigned without
  // gaps.
  const placeOf = (at: number) =>
    sum === batch.length ? at : (batch[at]?.sequence ?? 0) - before.sequence - 1
  const parts = partsOf(
    batch.map(({ event }) => event),
    placeOf,
  )
  const found = new Map(readParts(parts)?.map(part => [part.month, part]))
  let dropped = 0
  let differs = false
  for (const { month, events, digest } of sealedParts) {
    const part = found.get(month)
    found.delete(month)
    const left = part?.events ?? 0
    // If retention was interrupted, some events of the month are left.
    if (left < events && keptFrom !== null && startOf(month + 1) <= keptFrom)
      dropped += events - left
    else differs ||= part === undefined || left !== events || !same(part.digest, digest)
  }
  if (seal.events !== before.events + sum) return broken('their seal has a wrong count')
  const missing = sum - dropped - batch.length
  if (missing > 0) return broken(`${missing} missing`)
  if (missing < 0) return broken(`${-missing} too many`)
  const isRecordedWith =
    batch.every(({ event }) => event.recordedAt === seal.recordedAt) &&
    (dropped > 0 || batch.at(-1)?.sequence === seal.sequence)
  return differs || found.size > 0 || !isRecordedWith
    ? broken('they were changed or reordered')
    : { fault: null, dropped }
}

/** Whether ingest would have accepted the event. */
function isAcceptable({ event }: Arrived): boolean {
  return isStoredAsBytes(event.id) && Number.isSafeInteger(event.createdAt)
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

async function* sealsOf({ db, organization }: Log): AsyncGenerator<Seal> {
  for (let after: number | undefined = 0; after !== undefined; ) {
    const rows: [number, number, number, unknown, unknown][] = await db.rows(
      sql`SELECT s.sequence, s.events, s.recorded_at, s.parts, s.head FROM seals s
        WHERE s.organization = ${organization} AND s.sequence > ${after} ORDER BY s.sequence LIMIT ${MOST_SEALS}`,
    )
    for (const [sequence, events, recordedAt, parts, head] of rows) {
      yield { sequence, events, recordedAt, parts: bytesOf(parts), head: bytesOf(head) }
    }
    after = rows.at(-1)?.[0]
  }
}

/** Damage may have changed the type of a stored blob. */
function bytesOf(stored: unknown): Buffer {
  return Buffer.isBuffer(stored) ? stored : Buffer.from(String(stored))
}

interface Arrived {
  readonly sequence: number
  readonly event: RecordedEvent
}

function eventsOf(log: Log) {
  const pages = pagesOf(log)
  let page: readonly Arrived[] = []
  let at = 0

  async function areOver(): Promise<boolean> {
    if (at < page.length) return false
    page = (await pages.next()).value ?? []
    at = 0
    return page.length === 0
  }

  /** The next events, up to and including this sequence number. */
  async function upTo(sequence: number): Promise<Arrived[]> {
    const found: Arrived[] = []
    while (!(await areOver())) {
      const from = at
      while (at < page.length && (page[at] as Arrived).sequence <= sequence) at++
      for (const arrived of page.slice(from, at)) found.push(arrived)
      if (at < page.length) break
    }
    return found
  }

  return { areOver, upTo }
}

/** All events, in order of arrival. No page is empty. */
async function* pagesOf(log: Log): AsyncGenerator<Arrived[], undefined> {
  const { db, dialect, organization } = log
  const readEvents = createEventReader()

  async function arrivedOf(rows: readonly EventRow[]): Promise<Arrived[]> {
    const events = await readEvents(log, rows)
    const isComplete = events.length === rows.length
    if (isComplete) return events.map((event, at) => ({ sequence: rows[at]?.[7] ?? 0, event }))
    // An event that refers to missing values cannot be read. If rows are read separately, only such events are missing.
    const found = await Promise.all(rows.map(row => (rows.length > 1 ? arrivedOf([row]) : [])))
    return found.flat()
  }

  for (let after = 0; ; after += MOST_EVENTS) {
    // Retention leaves gaps in the sequence, which may be wide.
    const [row] = await db.rows<[number | null]>(
      sql`SELECT min(s.sequence) FROM ${dialect.sequences} s WHERE s.organization = ${organization} AND s.sequence > ${after}`,
    )
    const next = row?.[0] ?? null
    if (next === null) return
    after = next - 1
    const found: EventRow[] = []
    for (const events of await dialect.bySequence(db, organization, after, after + MOST_EVENTS)) {
      const statement = sql`SELECT ${eventColumns(dialect)} FROM ${events}`
      found.push(...(await db.rows<EventRow>(statement)))
    }
    const arrived = await arrivedOf(found.sort((a, b) => a[7] - b[7]))
    if (arrived.length > 0) yield arrived
  }
}
