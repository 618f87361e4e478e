// Recomputes the seals of an Organization from its events, in order of arrival, and reports the first difference. The
// same for every database, which returns seals and events in pages: they are never all in memory.

import type { Chain, Head } from '../chain.ts'
import type { RecordedEvent } from '../event.ts'
import { type Instant, shownInstant } from '../instant.ts'
import type { Awaitable } from '../log-reader.ts'
import { plural } from '../text.ts'
import { isStoredAsBytes } from './codec.ts'
import { firstHead, headOf, partsOf, readParts, type Seal } from './seal.ts'

export interface SealedEvents {
  readonly sequence: number
  readonly event: RecordedEvent
}

/** The seals and events of one Organization. Pages are in order of arrival; only the one after the last is empty. */
export interface ChainSource {
  readonly organizationId: string
  /** Retention deleted events dated before this; `null`: it deleted none. */
  readonly keptFrom: Instant | null
  seals(after: number): Awaitable<Seal[]>
  events(after: number): Awaitable<SealedEvents[]>
  /**
   * The number of events with sequence numbers from 1 to `last`, that of the last seal; and the number of other events.
   */
  counts(last: number): Awaitable<SealCounts>
}

interface SealCounts {
  readonly sealed: number
  readonly others: number
}

/** `kept`: heads of this Organization that were saved earlier; each must be in the chain. */
export async function readChain(source: ChainSource, kept: readonly Head[]): Promise<Chain> {
  const { organizationId, keptFrom } = source
  const unmet = new Set(kept)
  const compared = await compareAll(source, seal => {
    const hash = hexOf(seal.head)
    for (const head of unmet) {
      if (head.events === seal.events && head.hash === hash) unmet.delete(head)
    }
  })
  const { last, dropped } = compared
  const counts = await source.counts(last?.sequence ?? 0)
  // If a batch differs, these counts add no information.
  const faults = [
    ...(compared.faults.length > 0 ? compared.faults : miscounts(last, counts, keptFrom)),
  ]
  for (const { events } of unmet) faults.push(unmetFault(events, last))
  return {
    organizationId,
    head: last && { organizationId, events: last.events, hash: hexOf(last.head) },
    dropped,
    droppedBefore: keptFrom,
    faults,
  }
}

interface Compared {
  /** `null`: there is no seal. */
  readonly last: Seal | null
  readonly dropped: number
  readonly faults: readonly string[]
}

/** Compares each seal, from the first to the last, with the events that arrived since the seal before it. */
async function compareAll(source: ChainSource, onSeal: (seal: Seal) => void): Promise<Compared> {
  const faults: string[] = []
  const events = createEvents(source)
  let last: Before = { sequence: 0, events: 0, head: firstHead(source.organizationId) }
  let lastSeal: Seal | null = null
  let dropped = 0
  let later = 0
  for (;;) {
    const seals = await source.seals(last.sequence)
    if (seals.length === 0) break
    for (const seal of seals) {
      const batch = await events.upTo(seal.sequence)
      const found = compare(last, seal, batch, source.keptFrom)
      dropped += found.dropped
      if (found.fault !== null && faults.length > 0) later++
      else if (found.fault !== null) {
        const isEnd = batch.length === 0 && (await events.areOver())
        const fault = isEnd ? 'missing, with all that arrived after them' : found.fault
        const numbers = `events ${last.events + 1} to ${seal.events}`
        faults.push(`${numbers}, recorded at ${shownInstant(seal.recordedAt)}: ${fault}`)
      }
      onSeal(seal)
      last = lastSeal = seal
    }
  }
  if (later > 0) faults.push(`${plural(later, 'later seal')} not matching either`)
  return { last: lastSeal, dropped, faults }
}

/** The seal before another; before the first, the empty chain with `firstHead`. */
type Before = Pick<Seal, 'sequence' | 'events' | 'head'>

/** Reports where the number of events differs from the number that was sealed. */
function miscounts(
  last: Seal | null,
  { sealed, others }: SealCounts,
  keptFrom: Instant | null,
): string[] {
  const expected = last?.events ?? 0
  const isFew = keptFrom === null && sealed < expected
  return [
    ...(others > 0 ? [`${plural(others, 'event')} without a seal`] : []),
    ...(isFew || sealed > expected
      ? [`${plural(expected, 'event')} sealed, but ${sealed} found`]
      : []),
  ]
}

function unmetFault(events: number, last: Seal | null): string {
  const had = `a kept head has ${plural(events, 'event')}`
  const has = last?.events ?? 0
  return has < events
    ? `${had}, but there are ${has}: the rest was cut off`
    : `${had} and another hash than the log here: the log was rewritten`
}

/** Whether a batch matches its seal, and how many of its events retention deleted. */
function compare(
  before: Before,
  seal: Seal,
  batch: readonly SealedEvents[],
  keptFrom: Instant | null,
): { readonly fault: string | null; readonly dropped: number } {
  const sealedParts = readParts(seal.parts)
  const broken = (fault: string) => ({ fault, dropped: 0 })
  const isSeal = Number.isSafeInteger(seal.events) && Number.isSafeInteger(seal.recordedAt)
  if (
    !isSeal ||
    sealedParts === null ||
    sealedParts.length === 0 ||
    !same(seal.head, headOf(before.head, seal))
  ) {
    return broken('their seal was changed, or does not follow the one before it')
  }
  if (!batch.every(isPlain)) return broken('they were changed')
  const found = readParts(partsFound(before, sealedParts, batch)) ?? []
  const monthsFound = new Map(found.map(part => [part.month, part]))
  let [dropped, sum] = [0, 0]
  let differs = false
  for (const { month, until, events, digest } of sealedParts) {
    sum += events
    const part = monthsFound.get(month)
    monthsFound.delete(month)
    const left = part?.events ?? 0
    // If retention was interrupted, some events of the month are left.
    if (left < events && keptFrom !== null && until <= keptFrom) dropped += events - left
    else differs ||= part === undefined || left !== events || !same(part.digest, digest)
  }
  if (seal.events !== before.events + sum) return broken('their seal has a wrong count')
  const missing = sum - dropped - batch.length
  if (missing > 0) return broken(`${missing} missing`)
  if (missing < 0) return broken(`${-missing} too many`)
  if (differs || monthsFound.size > 0 || !isRecordedWith(seal, batch, dropped)) {
    return broken('they were changed or reordered')
  }
  return { fault: null, dropped }
}

/** Whether ingest would have accepted the event. */
function isPlain({ event }: SealedEvents): boolean {
  return isStoredAsBytes(event.id) && Number.isSafeInteger(event.createdAt)
}

function isRecordedWith(seal: Seal, batch: readonly SealedEvents[], dropped: number): boolean {
  if (batch.some(({ event }) => event.recordedAt !== seal.recordedAt)) return false
  return dropped > 0 || batch.at(-1)?.sequence === seal.sequence
}

/**
 * If retention deleted events of the batch, positions are derived from sequence numbers, which were assigned without
 * gaps.
 */
function partsFound(
  before: Before,
  sealedParts: readonly { readonly events: number }[],
  batch: readonly SealedEvents[],
): Uint8Array {
  const isComplete = sealedParts.reduce((sum, part) => sum + part.events, 0) === batch.length
  return partsOf(
    batch.map(({ event }) => event),
    at => (isComplete ? at : (batch[at]?.sequence ?? 0) - before.sequence - 1),
  )
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

interface Events {
  /** The next events, up to and including this sequence number. */
  upTo(sequence: number): Promise<SealedEvents[]>
  areOver(): Promise<boolean>
}

function createEvents(source: ChainSource): Events {
  let page: readonly SealedEvents[] = []
  let at = 0
  let last = 0

  async function areOver(): Promise<boolean> {
    if (at < page.length) return false
    page = await source.events(last)
    at = 0
    last = page.at(-1)?.sequence ?? last
    return page.length === 0
  }

  return {
    areOver,
    async upTo(sequence) {
      const found: SealedEvents[] = []
      while (!(await areOver())) {
        const from = at
        while (at < page.length && (page[at] as SealedEvents).sequence <= sequence) at++
        for (const arrived of page.slice(from, at)) found.push(arrived)
        if (at < page.length) break
      }
      return found
    },
  }
}
