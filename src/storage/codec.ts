// How IDs and addresses are written down: small, and ordered as the domain orders them.

import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** What the rows of an Organization name it by: in PostgreSQL, its ID. */
export type OrganizationKey = number | string

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

/** An ID as it is read in many rows: bytes in hexadecimal, and text behind a colon. */
export function idOfText(text: string): string {
  if (text.startsWith(':')) return text.slice(1)
  const hex = text.toLowerCase()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
