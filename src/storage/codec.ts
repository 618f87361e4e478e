// How IDs, addresses and places in the order are written down: small, and ordered as the domain orders them.

import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Position } from '../event.ts'
import type { Instant } from '../instant.ts'

/** A UUID as its 16 bytes, which sort as its text does; any other ID as text. */
export type StoredId = Buffer | string

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** By the code of a character: the digit it is in hexadecimal of lower case, 255 for any other. */
const HEX_DIGIT = new Uint8Array(256).fill(255)
for (const [digit, character] of [...'0123456789abcdef'].entries()) {
  HEX_DIGIT[character.charCodeAt(0)] = digit
}

const DASH = 0x2d

/** A UUID's 16 bytes, from `at` on; false, and anything written there, for any other text. */
function writeUuid(text: string, bytes: Uint8Array, at: number): boolean {
  if (text.length !== 36) return false
  let digits = 0
  let place = 0
  for (let byte = 0; byte < 16; byte++) {
    if (byte === 4 || byte === 6 || byte === 8 || byte === 10) {
      if (text.charCodeAt(place++) !== DASH) return false
    }
    const first = HEX_DIGIT[text.charCodeAt(place)] ?? 255
    const second = HEX_DIGIT[text.charCodeAt(place + 1)] ?? 255
    digits |= first | second
    bytes[at + byte] = (first << 4) | second
    place += 2
  }
  return digits < 16
}

/** An event's ID into 16 bytes from `at` on, without a Buffer for each. */
export function writeEventId(id: string, bytes: Uint8Array, at: number): void {
  if (!writeUuid(id, bytes, at)) throw new TypeError(`an event's ID is a UUID, not ${id}`)
}

export function encodeId(id: string): StoredId {
  if (id.length !== 36) return id
  const bytes = Buffer.allocUnsafe(16)
  return writeUuid(id, bytes, 0) ? bytes : id
}

export function isStoredAsBytes(id: string): boolean {
  return id.length === 36 && UUID.test(id)
}

export function decodeId(stored: StoredId): string {
  if (typeof stored === 'string') return stored
  const hex = stored.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** An address as 4 or 16 bytes; text that is no address stays text, and lies in no block. */
export function encodeAddress(address: string): StoredId {
  // What ipaddr.js takes beyond that, as 1.2.3 or an address with a zone, would not come back as it was.
  const plain = isIP(address) > 0 && !address.includes('%')
  return plain ? Buffer.from(ipaddr.parse(address).toByteArray()) : address
}

export function decodeAddress(stored: StoredId): string {
  if (typeof stored === 'string') return stored
  if (stored.length === 4) return stored.join('.')
  return ipaddr.fromByteArray([...stored]).toString()
}

/*
 * Reading many rows, most of the time goes into making Buffers. So what is read for pages comes as text: bytes in
 * hexadecimal, and text behind a colon.
 */

/** SQL that gives a stored ID or address as such text; null stays null. */
export function asText(column: string): string {
  return `iif(typeof(${column}) = 'blob', hex(${column}), ':' || ${column})`
}

export function idOfText(text: string): string {
  if (text.startsWith(':')) return text.slice(1)
  const hex = text.toLowerCase()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

export function addressOfText(text: string): string {
  if (text.startsWith(':')) return text.slice(1)
  if (text.length > 8) return decodeAddress(Buffer.from(text, 'hex'))
  const bits = Number.parseInt(text, 16)
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`
}

/*
 * A place in the order by date, (createdAt, id), as one 64-bit integer: the microseconds, which a safe
 * integer holds in 54 bits, then the first 10 bits of the ID. Equal numbers still need the whole ID: few
 * events share a microsecond, and a thousandth of those share the bits.
 */
const ID_BITS = 10n

export function encodePosition({ createdAt, id }: Position): bigint {
  return (BigInt(createdAt) << ID_BITS) | BigInt(idPrefix(id))
}

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

/** The same, as the two halves of an element of a BigInt64Array: without a BigInt for each. */
export function writePosition({ createdAt, id }: Position, halves: Uint32Array, at: number): void {
  const high = Math.floor(createdAt / 2 ** 22)
  const low = (createdAt - high * 2 ** 22) * 2 ** 10 + idPrefix(id)
  halves[LITTLE_ENDIAN ? at + 1 : at] = high
  halves[LITTLE_ENDIAN ? at : at + 1] = low
}

/** The lowest number of any event at this instant. */
export function lowestPosition(instant: Instant): bigint {
  return BigInt(instant) << ID_BITS
}

/** The instant within a position. */
export function instantOf(position: bigint): bigint {
  return position >> ID_BITS
}

export const POSITION_TO_INSTANT = `>> ${ID_BITS}`
export const FIRST_POSITION = -(2n ** 63n)
export const LAST_POSITION = 2n ** 63n - 1n

/** Whether two places are the same number, so that only their IDs tell which is first. */
export function samePosition(a: Position, b: Position): boolean {
  return a.createdAt === b.createdAt && idPrefix(a.id) === idPrefix(b.id)
}

function idPrefix(id: string): number {
  return Number.parseInt(id.slice(0, 3), 16) >> 2
}
