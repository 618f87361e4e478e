// How IDs and addresses are encoded for storage: compact, and sorted as in the domain.

import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Identifies an Organization in its rows: in PostgreSQL, its ID. */
export type OrganizationKey = number | string

/** A UUID as its 16 bytes, which sort as its text does; any other ID as text. */
export type StoredId = Buffer | string

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The value of a lower-case hexadecimal digit, by character code; 255 for any other character. */
const HEX_DIGIT = new Uint8Array(256).fill(255)
for (const [digit, character] of [...'0123456789abcdef'].entries()) {
  HEX_DIGIT[character.charCodeAt(0)] = digit
}

const DASH = 0x2d

/** Writes a UUID's 16 bytes from `at` on. Any other text: returns false, and the bytes there are undefined. */
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

/** Writes an event's ID as 16 bytes from `at` on, without allocating a Buffer for each. */
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
  return dashed(stored.toString('hex'))
}

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** An address as 4 or 16 bytes; `null` for a text that is not an address. */
export function addressOf(address: string): Buffer | null {
  // ipaddr.js also accepts 1.2.3 or an address with a zone, which would be decoded to a different text.
  const plain = isIP(address) > 0 && !address.includes('%')
  return plain ? Buffer.from(ipaddr.parse(address).toByteArray()) : null
}

/** Decodes an ID as `shortId` selects it: bytes in hexadecimal, text after a colon. */
export function idOfText(text: string): string {
  return text.startsWith(':') ? text.slice(1) : dashed(text.toLowerCase())
}
