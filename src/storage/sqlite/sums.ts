// Sums over what is kept, by which `verify` tells a changed bit that SQLite itself takes for data. A sum is that of the
// hashes of its rows, so rows may come and go in any order; each step of a hash can be undone, so one changed value
// always changes it. Against rot, not against who means harm: whoever can write the file can write its sums.

import { encodeAddress, type StoredId } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import type { EventBatch } from './event-batch.ts'

const BITS = 2 ** 32

type Value = number | string | Buffer | null

/** What is summed of each table that is not events. */
const SUMMED = {
  organizations: 'key, id, name',
  directory: 'organization, id, kind, name, created_at, details',
  names: 'organization, id, since, name',
  read_windows: 'organization, "from", until, events, read_at',
  tokens: 'id, hash, name, created_at, expires_at, memberships',
} as const

export type Summed = keyof typeof SUMMED

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1)
  return mixed ^ (mixed >>> 15)
}

/** A whole number, of which doubles hold 53 bits. */
function mixNumber(hash: number, value: number): number {
  return mix(mix(hash, value | 0), Math.floor(value / BITS))
}

function mixText(hash: number, text: string): number {
  let mixed = mix(hash, text.length)
  for (let at = 0; at < text.length; at++)
    mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193)
  return mix(mixed, 1)
}

function mixValue(hash: number, value: Value): number {
  if (value === null) return mix(hash, 0)
  if (typeof value === 'number') return mixNumber(mix(hash, 2), value)
  if (typeof value === 'string') return mixText(mix(hash, 3), value)
  let mixed = mix(hash, 4 + value.length)
  for (const byte of value) mixed = mix(mixed, byte)
  return mixed
}

export function hashOf(row: readonly Value[]): number {
  return row.reduce<number>(mixValue, 1) >>> 0
}

function sumOf(db: SqliteDatabase, table: Summed): number {
  const rows = db.rows<Value[]>({ text: `SELECT ${SUMMED[table]} FROM ${table}`, values: [] })
  return rows.reduce((sum, row) => (sum + hashOf(row)) % BITS, 0)
}

/** Within the transaction that changed the table. */
export function keepSum(db: SqliteDatabase, table: Summed): void {
  db.run(
    'INSERT INTO sums (name, sum) VALUES (?, ?) ON CONFLICT DO UPDATE SET sum = excluded.sum',
    ...[table, sumOf(db, table)],
  )
}

/** The same, where it is known which rows came and went. */
export function changeSum(
  db: SqliteDatabase,
  table: Summed,
  gone: readonly (readonly Value[])[],
  came: readonly (readonly Value[])[],
): void {
  let change = 0
  for (const row of came) change += hashOf(row)
  for (const row of gone) change -= hashOf(row)
  const changed = db.run(
    `UPDATE sums SET sum = (sum + ?) & ${BITS - 1} WHERE name = ?`,
    ...[change, table],
  )
  // None was kept by earlier versions.
  if (changed === 0) keepSum(db, table)
}

/** Tables that are not as they were written, in words; of a table without a sum, nothing. */
export function untrueSums(db: SqliteDatabase): string[] {
  const sums = db.rows<[string, number]>({ text: 'SELECT name, sum FROM sums', values: [] })
  return sums.flatMap(([name, sum]) => {
    if (!Object.hasOwn(SUMMED, name)) return [`a sum is of ${name}, which has none`]
    return sumOf(db, name as Summed) === sum ? [] : [`${name}: not what was written there`]
  })
}

const NONE = 7

/**
 * `id` are the four words of the event's, `from` the first of them; then its other fields, and the hashes of what
 * repeats. In numbers one by one, as this is done for each event that is taken in.
 */
function hashOfEvent(
  id: Uint32Array,
  from: number,
  arrival: number,
  recordedAt: number,
  createdAt: number,
  trail: number,
  resource: number,
  address: number,
): number {
  let hash = mix(1, id[from] as number)
  hash = mix(hash, id[from + 1] as number)
  hash = mix(hash, id[from + 2] as number)
  hash = mix(hash, id[from + 3] as number)
  hash = mixNumber(mixNumber(mixNumber(hash, createdAt), arrival), recordedAt)
  return mix(mix(mix(hash, trail), resource), address) >>> 0
}

/** The words of IDs of 16 bytes each. */
function wordsOf(ids: Uint8Array): Uint32Array {
  const { buffer, byteOffset, length } = byteAligned(ids)
  return new Uint32Array(buffer, byteOffset, length / 4)
}

function byteAligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)
}

function hashOfTrail(
  principal: string,
  userAgent: string | null,
  action: string,
  category: string,
): number {
  const agent = userAgent === null ? NONE : mixText(1, userAgent)
  return mixText(mixText(mix(mixText(1, principal), agent), action), category)
}

function hashOfAddress(stored: StoredId): number {
  return typeof stored === 'string' ? mixText(1, stored) : mixText(2, stored.toString('latin1'))
}

/** The hash of the event at a place of a batch, when it has this arrival number; of each name only once. */
export function eventHashes(
  batch: EventBatch,
  milliseconds: number,
): (place: number, arrival: number) => number {
  const { principals, userAgents, addresses, resources, kinds, trails } = batch
  const ids = wordsOf(batch.ids)
  const trailHashes = new Hashes(trails.kind.length, hashTrail)
  const resourceHashes = new Hashes(resources.name.length, place =>
    mixText(1, resources.name[place] ?? ''),
  )
  const addressHashes = new Hashes(addresses.name.length + 1, place =>
    place === 0 ? NONE : hashOfAddress(encodeAddress(addresses.name[place - 1] ?? '')),
  )

  function hashTrail(trail: number): number {
    const [agent = 0, kind = 0] = [trails.userAgent[trail], trails.kind[trail]]
    return hashOfTrail(
      principals.name[trails.principal[trail] ?? 0] ?? '',
      agent === 0 ? null : (userAgents.name[agent - 1] ?? ''),
      kinds.action[kind] ?? '',
      kinds.category[kind] ?? '',
    )
  }

  return (place, arrival) =>
    hashOfEvent(
      ids,
      4 * place,
      arrival,
      milliseconds,
      batch.createdAt[place] as number,
      trailHashes.at(batch.trail[place] as number),
      resourceHashes.at(batch.resource[place] as number),
      addressHashes.at(batch.address[place] as number),
    )
}

/** Of each thing in a list, made when it is first asked for. */
class Hashes {
  readonly #hashes: Int32Array
  readonly #isMade: Uint8Array
  readonly #make: (place: number) => number

  constructor(length: number, make: (place: number) => number) {
    this.#hashes = new Int32Array(length)
    this.#isMade = new Uint8Array(length)
    this.#make = make
  }

  at(place: number): number {
    if (this.#isMade[place] === 0) {
      this.#isMade[place] = 1
      this.#hashes[place] = this.#make(place)
    }
    return this.#hashes[place] as number
  }
}

export { BITS, hashOfAddress, hashOfEvent, hashOfTrail, mixText, NONE, wordsOf }
