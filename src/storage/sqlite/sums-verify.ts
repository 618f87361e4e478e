// Holds the events against the sums of the runs in which they arrived. Reads all events, some at a time.

import { decodeId, POSITION_TO_INSTANT, type StoredId } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import { BITS, hashOfAddress, hashOfEvent, hashOfTrail, mixText, NONE, wordsOf } from './sums.ts'

const AT_ONCE = 10_000

type Run = [organization: number, first: number, last: number, sum: number | null]

type Row = [
  arrival: number,
  organization: number,
  id: Buffer,
  createdAt: number,
  prefix: number,
  recordedAt: number,
  trail: number,
  resource: StoredId | null,
  address: number,
]

const ROWS = `SELECT e.arrival, e.organization, e.id, e.position ${POSITION_TO_INSTANT}, e.position & 1023,
    e.recorded_at, e.trail, r.id, e.address
  FROM events e LEFT JOIN resources r ON r.key = e.resource AND r.organization = e.organization
  WHERE e.arrival > ? ORDER BY e.arrival LIMIT ${AT_ONCE}`

/** Runs whose events are not as they arrived, in words; nothing of runs that an earlier version wrote. */
export function untrueRuns(db: SqliteDatabase): string[] {
  const runs = db.rows<Run>({
    text: 'SELECT organization, first, last, sum FROM arrivals ORDER BY first',
    values: [],
  })
  const trails = trailHashes(db)
  const addresses = addressHashes(db)
  // A run may go on behind one of another Organization.
  const runsOf = Map.groupBy(
    runs.map(([organization, first, last, sum]) => ({
      ...{ organization, first, last, sum },
      there: { first: 0, last: 0, sum: 0 },
    })),
    ({ organization }) => organization,
  )
  const places = new Map<number, number>()
  const faults = new Set<string>()
  for (let after = 0; ; ) {
    const rows = db.rows<Row>({ text: ROWS, values: [after] })
    for (const row of rows) {
      const [arrival, organization, id, createdAt, prefix, recordedAt, trail, resource, address] =
        row
      const ours = runsOf.get(organization) ?? []
      let at = places.get(organization) ?? 0
      while (at < ours.length - 1 && arrival > (ours[at]?.last ?? 0)) at++
      places.set(organization, at)
      const run = ours[at]
      if (run === undefined || arrival < run.first || arrival > run.last) {
        faults.add(`event ${arrival} is in no run of arrivals`)
        continue
      }
      run.there.first ||= arrival
      run.there.last = arrival
      const trailHash = trails.get(trail)
      const addressHash = addresses.get(address)
      const bits = (((id[0] ?? 0) << 4) | ((id[1] ?? 0) >> 4)) >> 2
      if (
        id.length !== 16 ||
        prefix !== bits ||
        resource === null ||
        trailHash?.organization !== organization ||
        (address !== 0 && addressHash?.organization !== organization)
      ) {
        faults.add(`event ${arrival} is not as it was written`)
        continue
      }
      const hash = hashOfEvent(
        wordsOf(id),
        0,
        arrival,
        recordedAt,
        createdAt,
        trailHash.hash,
        mixText(1, decodeId(resource)),
        addressHash?.hash ?? NONE,
      )
      run.there.sum = (run.there.sum + hash) % BITS
    }
    if (rows.length < AT_ONCE) break
    after = rows.at(-1)?.[0] ?? after
  }
  for (const { first, last, sum, there } of [...runsOf.values()].flat()) {
    if (sum === null) continue
    if (there.first !== first || there.last !== last || there.sum !== sum) {
      faults.add(`events ${first} to ${last}: not what arrived there`)
    }
  }
  return [...faults]
}

interface Hashed {
  readonly organization: number
  readonly hash: number
}

function trailHashes(db: SqliteDatabase): Map<number, Hashed> {
  const rows = db.rows<
    [number, number, StoredId, number, string | null, action: string, category: string]
  >({
    text: `SELECT t.key, t.organization, p.id, t.user_agent, u.text, t.action, t.category FROM trails t
      JOIN principals p ON p.key = t.principal AND p.organization = t.organization
      LEFT JOIN user_agents u ON u.key = t.user_agent AND u.organization = t.organization
      WHERE t.user_agent = 0 OR u.key IS NOT NULL`,
    values: [],
  })
  return new Map(
    rows.map(([key, organization, principal, , agent, action, category]) => [
      key,
      { organization, hash: hashOfTrail(decodeId(principal), agent, action, category) },
    ]),
  )
}

function addressHashes(db: SqliteDatabase): Map<number, Hashed> {
  const rows = db.rows<[number, number, StoredId]>({
    text: 'SELECT key, organization, address FROM addresses',
    values: [],
  })
  return new Map(
    rows.map(([key, organization, address]) => [
      key,
      { organization, hash: hashOfAddress(address) },
    ]),
  )
}
