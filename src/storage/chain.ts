// Makes the seals of an Organization again from its events, in order of arrival, and tells the first place where they
// differ. Alike in every database, which gives seals and events some at a time; neither is ever in memory as a whole.

import type { Chain, Head } from '../chain.ts'
import type { RecordedEvent } from '../event.ts'
import { formatInstant, type Instant } from '../instant.ts'
import type { Awaitable } from '../store.ts'
import { isStoredAsBytes } from './codec.ts'
import { firstHead, headOf, partsOf, readParts, recordsOf, type Seal } from './seal.ts'

export interface Arrived {
  readonly arrival: number
  readonly event: RecordedEvent
}

/** What one Organization has. Pages are in order of arrival, and empty only behind the last. */
export interface ChainSource {
  readonly organizationId: string
  /** What is dated before was dropped; `null`: nothing. */
  readonly keptFrom: Instant | null
  seals(after: number): Awaitable<Seal[]>
  events(after: number): Awaitable<Arrived[]>
  /** As of one state: how many events are before the first seal, under the seals and behind the last; and how many the last says. */
  counts(): Awaitable<SealCounts>
}

export interface SealCounts {
  readonly before: number
  readonly under: number
  readonly behind: number
  /** Of the last seal, without those before the first; 0 where there is none. */
  readonly sealed: number
}

/** Below every number of arrival. */
const FIRST = -(2 ** 53)

/** `kept` are heads of this Organization. */
export async function readChain(source: ChainSource, kept: readonly Head[]): Promise<Chain> {
  const { organizationId, keptFrom } = source
  const faults: string[] = []
  const seals = paged(after => source.seals(after), FIRST)
  const first = await seals.next()
  const wanted = new Map(kept.map(head => [head, false]))
  let last: Seal | null = first
  let dropped = 0
  if (first !== null) {
    meet(first)
    const isWhole =
      first.parts.length === 0 &&
      first.recordedAt === 0 &&
      same(first.head, firstHead(organizationId, first.events))
    if (!isWhole) faults.push('the first seal is not what was written')
    const events = paged(after => source.events(after), first.arrival)
    let [broken, place] = [0, '']
    let fault: string | null = null
    for (let before = first; ; ) {
      const seal = await seals.next()
      if (seal === null) break
      const batch: Arrived[] = []
      for (;;) {
        const arrived = await events.peek()
        if (arrived === null || arrived.arrival > seal.arrival) break
        batch.push(arrived)
        await events.next()
      }
      const found = compare(before, seal, batch, keptFrom)
      dropped += found.dropped
      if (found.fault !== null) {
        if (fault === null) {
          const isEnd = batch.length === 0 && (await events.peek()) === null
          fault = isEnd ? 'are cut off, with all that came behind' : found.fault
          place = `events ${before.events + 1} to ${seal.events}, taken in at ${formatted(seal.recordedAt)}`
        } else broken++
      }
      meet(seal)
      before = seal
      last = seal
    }
    if (fault !== null) {
      const more = broken === 0 ? '' : `; and so on in ${broken} later batches`
      faults.push(`${place}: ${fault}${more}`)
    }
  }
  const { before, under, behind, sealed } = await source.counts()
  if (first !== null && faults.length === 0) {
    const isDropped = keptFrom !== null
    if (behind > 0) faults.push(`${behind} events came without a seal, behind the last`)
    if (isDropped ? before > first.events : before !== first.events) {
      faults.push(`${before} events came before there were seals, and it was ${first.events}`)
    }
    if (isDropped ? under > sealed : under !== sealed) {
      faults.push(`${sealed} events were sealed, and there are ${under}`)
    }
  }
  for (const [{ events }, isMet] of wanted) {
    if (!isMet) faults.push(unmet(events, last))
  }
  const head = last && {
    organizationId,
    events: last.events,
    hash: Buffer.from(last.head).toString('hex'),
  }
  const unsealed = first === null ? before + under + behind : before
  return { organizationId, head, unsealed, dropped, droppedBefore: keptFrom, faults }

  function meet(seal: Seal): void {
    for (const head of wanted.keys()) {
      if (head.events !== seal.events) continue
      if (head.hash === Buffer.from(seal.head).toString('hex')) wanted.set(head, true)
    }
  }
}

function unmet(events: number, last: Seal | null): string {
  const had = `a head of ${events} events was kept`
  const has = last?.events ?? 0
  return has < events
    ? `${had}, and there are ${has}: the rest is cut off`
    : `${had}, and its hash is not the one here: the log was written anew`
}

/** Whether a batch is what its seal says, and how many of its events retention has dropped. */
function compare(
  before: Seal,
  seal: Seal,
  batch: readonly Arrived[],
  keptFrom: Instant | null,
): { readonly fault: string | null; readonly dropped: number } {
  const said = readParts(seal.parts)
  const broken = (fault: string) => ({ fault, dropped: 0 })
  const isSeal = Number.isSafeInteger(seal.events) && Number.isSafeInteger(seal.recordedAt)
  if (
    !isSeal ||
    said === null ||
    said.length === 0 ||
    !same(seal.head, headOf(before.head, seal))
  ) {
    return broken('their seal is not what was written, or not behind the one it was made for')
  }
  if (!batch.every(isPlain)) return broken('not as they were taken in')
  const found = readParts(partsFound(before, said, batch)) ?? []
  const monthsFound = new Map(found.map(part => [part.month, part]))
  let [dropped, sum] = [0, 0]
  let differs = false
  for (const { month, until, events, digest } of said) {
    sum += events
    const part = monthsFound.get(month)
    monthsFound.delete(month)
    if (part === undefined && keptFrom !== null && until <= keptFrom) dropped += events
    else differs ||= part === undefined || part.events !== events || !same(part.digest, digest)
  }
  if (seal.events !== before.events + sum) return broken('their seal counts them wrong')
  const missing = sum - dropped - batch.length
  if (missing > 0) return broken(missing === 1 ? '1 is missing' : `${missing} are missing`)
  if (missing < 0) return broken(missing === -1 ? '1 is too many' : `${-missing} are too many`)
  if (differs || monthsFound.size > 0 || !isRecordedWith(seal, batch, dropped)) {
    return broken('not as they were taken in, or not in their order')
  }
  return { fault: null, dropped }
}

/** Whether it can have been taken in at all. */
function isPlain({ event }: Arrived): boolean {
  return isStoredAsBytes(event.id) && Number.isSafeInteger(event.createdAt)
}

function isRecordedWith(seal: Seal, batch: readonly Arrived[], dropped: number): boolean {
  if (batch.some(({ event }) => event.recordedAt !== seal.recordedAt)) return false
  return dropped > 0 || batch.at(-1)?.arrival === seal.arrival
}

/** Where a month was dropped, places are told by arrival: only databases whose numbers have no gaps drop any. */
function partsFound(
  before: Seal,
  said: readonly { readonly events: number }[],
  batch: readonly Arrived[],
): Uint8Array {
  const events = batch.map(({ event }) => event)
  const isWhole = said.reduce((sum, part) => sum + part.events, 0) === batch.length
  return partsOf(
    recordsOf(events),
    events.map(({ createdAt }) => createdAt),
    [...events.keys()],
    number => (isWhole ? number : (batch[number]?.arrival ?? 0) - before.arrival - 1),
  )
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** A seal that was changed may say anything. */
function formatted(instant: Instant): string {
  const isDate = Math.abs(instant) <= 8.64e18 && Number.isSafeInteger(instant)
  return isDate ? formatInstant(instant) : `${instant}`
}

interface Paged<T> {
  /** `null` behind the last. */
  peek(): Promise<T | null>
  next(): Promise<T | null>
}

function paged<T extends { readonly arrival: number }>(
  read: (after: number) => Awaitable<T[]>,
  after: number,
): Paged<T> {
  let page: T[] = []
  let at = 0
  let last = after
  async function peek(): Promise<T | null> {
    if (at === page.length) {
      page = await read(last)
      at = 0
      last = page.at(-1)?.arrival ?? last
    }
    return page[at] ?? null
  }
  return {
    peek,
    async next() {
      const found = await peek()
      if (found !== null) at++
      return found
    },
  }
}
