// The bytes that are sealed, alike in every database: whoever changes them makes every log look tampered with. What
// an event is goes in, and where it came in its batch; no name does, as names are erased. The events of each month
// have a digest of their own, so that retention may drop a month and the rest can still be checked.

import { createHash, hash } from 'node:crypto'
import { type Event, NIL_ID } from '../event.ts'
import type { Instant } from '../instant.ts'
import { encodeAddress, writeEventId } from './codec.ts'

const EVENTS_TAG = Buffer.from('iam-logs events 1\n')

/** Of a month's part: its number, how many events, their digest. */
const PART_BYTES = 4 + 4 + 32

const PLACE_BYTES = 4
const ID_BYTES = 16
const FIXED_BYTES = PLACE_BYTES + ID_BYTES + 8
/** In place of a length, where there is no text. */
const NONE = 0xffffffff

/** A batch of an Organization, sealed; parts in order of their months. */
export interface Seal {
  /** Of its last event. */
  readonly sequence: number
  /** Up to and with this batch. */
  readonly events: number
  readonly recordedAt: Instant
  readonly parts: Uint8Array
  readonly head: Uint8Array
}

/** The bytes of events, one after the other; that of a place ends where the next begins. */
export interface EventRecords {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly ends: Uint32Array<ArrayBuffer>
}

/** So many bytes an event has about, and more are made when they are needed. */
const USUAL_BYTES = 240

/** Each without its place in the batch, which is known only when it is known which events are new. */
export function recordsOf(events: readonly Event[]): EventRecords {
  const writer = new RecordWriter(USUAL_BYTES * events.length)
  const ends = new Uint32Array(events.length)
  for (let at = 0; at < events.length; at++) ends[at] = writer.write(events[at] as Event)
  return { bytes: writer.bytes, ends }
}

class RecordWriter {
  bytes: Uint8Array<ArrayBuffer>
  #buffer: Buffer
  #view: DataView
  #end = 0
  readonly #addresses = new Map<string, Uint8Array>()

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
    this.#buffer = Buffer.from(this.bytes.buffer)
    this.#view = new DataView(this.bytes.buffer)
  }

  /** Where it ends. */
  write(event: Event): number {
    const { id, createdAt, ipAddress } = event
    this.#need(FIXED_BYTES)
    writeEventId(id, this.bytes, this.#end + PLACE_BYTES)
    this.#view.setInt32(this.#end + PLACE_BYTES + ID_BYTES, Math.floor(createdAt / 2 ** 32))
    this.#view.setUint32(this.#end + PLACE_BYTES + ID_BYTES + 4, createdAt >>> 0)
    this.#end += FIXED_BYTES
    this.#text(event.action)
    this.#text(event.category)
    this.#text(event.resourceId)
    this.#text(event.principalId || NIL_ID)
    this.#text(event.userAgent)
    this.#bytes(ipAddress === null ? null : this.#address(ipAddress))
    return this.#end
  }

  /** As it is kept, since one address has several texts. */
  #address(text: string): Uint8Array {
    let bytes = this.#addresses.get(text)
    if (bytes === undefined) {
      const kept = encodeAddress(text)
      bytes =
        typeof kept === 'string' ? Buffer.from(`t${kept}`) : Buffer.concat([Buffer.from('a'), kept])
      this.#addresses.set(text, bytes)
    }
    return bytes
  }

  #text(text: string | null): void {
    if (text === null) {
      this.#bytes(null)
      return
    }
    // In UTF-8 no text has more than three bytes for each of its units.
    this.#need(4 + 3 * text.length)
    const length = this.#buffer.write(text, this.#end + 4)
    this.#view.setUint32(this.#end, length)
    this.#end += 4 + length
  }

  #bytes(bytes: Uint8Array | null): void {
    this.#need(4 + (bytes?.length ?? 0))
    this.#view.setUint32(this.#end, bytes === null ? NONE : bytes.length)
    this.#end += 4
    if (bytes === null) return
    this.bytes.set(bytes, this.#end)
    this.#end += bytes.length
  }

  #need(more: number): void {
    if (this.#end + more <= this.bytes.length) return
    const larger = new Uint8Array(2 * (this.#end + more))
    larger.set(this.bytes.subarray(0, this.#end))
    this.bytes = larger
    this.#buffer = Buffer.from(larger.buffer)
    this.#view = new DataView(larger.buffer)
  }
}

/**
 * The parts of a seal over some of the records, in their order. `placeOf` tells the place that each has in the batch,
 * counted from 0, by its number among `which`; it is written into the records.
 */
export function partsOf(
  { bytes, ends }: EventRecords,
  createdAt: ArrayLike<Instant>,
  which: ArrayLike<number>,
  placeOf: (number: number) => number = number => number,
): Buffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const months = new Map<number, MonthDigest>()
  let month: MonthDigest | null = null
  let [from, until] = [0, 0]
  for (let number = 0; number < which.length; number++) {
    const at = which[number] as number
    const start = at === 0 ? 0 : (ends[at - 1] as number)
    view.setUint32(start, placeOf(number))
    const date = createdAt[at] as Instant
    if (month === null || start !== until || date < month.from || date >= month.until) {
      month?.hash.update(bytes.subarray(from, until))
      if (month === null || date < month.from || date >= month.until) month = digestOf(months, date)
      from = start
    }
    until = ends[at] as number
    month.events++
  }
  month?.hash.update(bytes.subarray(from, until))
  const parts = Buffer.alloc(PART_BYTES * months.size)
  const sorted = [...months.values()].sort((a, b) => a.number - b.number)
  for (const [at, { number, events, hash }] of sorted.entries()) {
    parts.writeInt32BE(number, PART_BYTES * at)
    parts.writeUInt32BE(events, PART_BYTES * at + 4)
    hash.digest().copy(parts, PART_BYTES * at + 8)
  }
  return parts
}

interface MonthDigest {
  readonly number: number
  readonly from: Instant
  readonly until: Instant
  readonly hash: ReturnType<typeof createHash>
  events: number
}

function digestOf(months: Map<number, MonthDigest>, date: Instant): MonthDigest {
  const number = monthOf(date)
  let month = months.get(number)
  if (month === undefined) {
    const hash = createHash('sha256').update(EVENTS_TAG)
    month = { number, from: startOf(number), until: startOf(number + 1), hash, events: 0 }
    months.set(number, month)
  }
  return month
}

/** Months are counted from January 1970, in UTC. */
function monthOf(instant: Instant): number {
  const date = new Date(Math.floor(instant / 1000))
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}

function startOf(month: number): Instant {
  return Date.UTC(1970, month) * 1000
}

export interface Part {
  /** The date up to which its month goes, excluded. */
  readonly until: Instant
  readonly month: number
  readonly events: number
  readonly digest: Buffer
}

/** `null` for what are no parts. */
export function readParts(bytes: Uint8Array): Part[] | null {
  if (bytes.length % PART_BYTES !== 0) return null
  const parts: Part[] = []
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    const month = buffer.readInt32BE(at)
    parts.push({
      month,
      until: startOf(month + 1),
      events: buffer.readUInt32BE(at + 4),
      digest: buffer.subarray(at + 8, at + PART_BYTES),
    })
  }
  return parts
}

/** The head before the first batch. */
export function firstHead(organizationId: string): Buffer {
  return hash('sha256', `iam-logs seals 1 ${organizationId} 0`, 'buffer')
}

export function headOf(
  previous: Uint8Array,
  { events, recordedAt, parts }: Omit<Seal, 'head' | 'sequence'>,
): Buffer {
  const numbers = Buffer.alloc(16)
  numbers.writeBigInt64BE(BigInt(events), 0)
  numbers.writeBigInt64BE(BigInt(recordedAt), 8)
  return createHash('sha256').update(previous).update(numbers).update(parts).digest()
}
