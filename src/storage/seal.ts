// The bytes that are sealed, the same in every database: changing this format invalidates all existing seals. They
// contain an event's own fields and its place in the batch, but no names, because names are erased. The events of each
// month have their own digest, so that the rest can still be checked after retention has deleted a month.

import { createHash, hash } from 'node:crypto'
import { type Event, NIL_ID } from '../event.ts'
import type { Instant } from '../instant.ts'
import { addressOf, writeEventId } from './codec.ts'
import { monthOf, startOf } from './event-range.ts'

const EVENTS_TAG = Buffer.from('iam-logs events 1\n')

/** A month's part: its number, the number of its events, their digest. */
const PART_BYTES = 4 + 4 + 32

const PLACE_BYTES = 4
const ID_BYTES = 16
const FIXED_BYTES = PLACE_BYTES + ID_BYTES + 8
/** Written instead of a length for `null`. */
const NONE = 0xffffffff

/** The seal of one batch of an Organization's events. */
export interface Seal {
  /** The sequence number of the batch's last event. */
  readonly sequence: number
  /** The number of events ever added, including this batch. */
  readonly events: number
  readonly recordedAt: Instant
  /** See `Part`; in order of their months. */
  readonly parts: Uint8Array
  readonly head: Uint8Array
}

/** The number of bytes that are hashed at once; more for a larger event. */
const AT_ONCE = 2 ** 16

/**
 * The parts of a seal over events in their order. `placeOf` is the place in the batch, from 0, of the event at an
 * index.
 */
export function partsOf(
  events: readonly Event[],
  placeOf: (at: number) => number = at => at,
): Buffer {
  const months = new Map<number, MonthDigest>()
  const addresses = new Map<string, Buffer>()
  let buffer = Buffer.allocUnsafe(AT_ONCE)
  let month: MonthDigest | undefined
  let end = 0
  const flush = () => {
    month?.hash.update(buffer.subarray(0, end))
    end = 0
  }
  for (const [at, event] of events.entries()) {
    const { createdAt, ipAddress } = event
    if (month === undefined || createdAt < month.from || createdAt >= month.until) {
      flush()
      month = digestOf(months, createdAt)
    }
    const address = ipAddress === null ? null : sealedAddress(addresses, ipAddress)
    const { action, category, resourceId, userAgent } = event
    const principalId = event.principalId || NIL_ID
    const fields = [action, category, resourceId, principalId, userAgent, address]
    let most = FIXED_BYTES
    // UTF-8 needs at most three bytes for each UTF-16 code unit.
    for (const field of fields) most += 4 + 3 * (field?.length ?? 0)
    if (end + most > buffer.length) {
      flush()
      if (most > buffer.length) buffer = Buffer.allocUnsafe(most)
    }
    end = buffer.writeUInt32BE(placeOf(at), end)
    writeEventId(event.id, buffer, end)
    end = buffer.writeInt32BE(Math.floor(createdAt / 2 ** 32), end + ID_BYTES)
    end = buffer.writeUInt32BE(createdAt >>> 0, end)
    for (const field of fields) end = writeField(buffer, end, field)
    month.events++
  }
  flush()
  const sorted = [...months.values()].sort((a, b) => a.number - b.number)
  return Buffer.concat(
    sorted.flatMap(({ number, events, hash }) => {
      const head = Buffer.alloc(8)
      head.writeInt32BE(number)
      head.writeUInt32BE(events, 4)
      return [head, hash.digest()]
    }),
  )
}

/** Returns the position after the field. */
function writeField(buffer: Buffer, at: number, field: string | Buffer | null): number {
  if (field === null) return buffer.writeUInt32BE(NONE, at)
  const length =
    typeof field === 'string' ? buffer.write(field, at + 4) : field.copy(buffer, at + 4)
  return buffer.writeUInt32BE(length, at) + length
}

/** The stored form, because the same address can be written in several ways. */
function sealedAddress(known: Map<string, Buffer>, text: string): Buffer {
  let bytes = known.get(text)
  if (bytes === undefined) {
    const address = addressOf(text)
    bytes = address === null ? Buffer.from(`t${text}`) : Buffer.concat([Buffer.from('a'), address])
    known.set(text, bytes)
  }
  return bytes
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

export interface Part {
  readonly month: number
  readonly events: number
  readonly digest: Buffer
}

/** `null` for bytes that are not parts. */
export function readParts(bytes: Uint8Array): Part[] | null {
  if (bytes.length % PART_BYTES !== 0) return null
  const parts: Part[] = []
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    const month = buffer.readInt32BE(at)
    parts.push({
      month,
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
