// Seals what arrives in SQLite, within the transaction that writes it, and reads seals and events back to check them.

import type { Chain, Head } from '../../chain.ts'
import type { Instant } from '../../instant.ts'
import { type Arrived, type ChainSource, readChain, type SealCounts } from '../chain.ts'
import { firstHead, headOf, partsOf, type Seal } from '../seal.ts'
import type { SqliteDatabase } from './database.ts'
import type { EventBatch } from './event-batch.ts'
import { type EventRow, readArrived } from './event-query.ts'
import { eventFrom } from './event-rows.ts'

const LAST = `SELECT events, head FROM seals WHERE organization = ? ORDER BY arrival DESC LIMIT 1`

const INSERT = `INSERT INTO seals (organization, arrival, events, recorded_at, parts, head)
  VALUES (?, ?, ?, ?, ?, ?)`

const NO_PARTS = Buffer.alloc(0)

/** A run of new events of one Organization: their places in the batch, in order of arrival. */
export interface Run {
  readonly organization: number
  readonly organizationId: string
  readonly places: Uint32Array
  /** Of the last of them. */
  readonly arrival: number
  /** The newest of all Organizations before this batch. */
  readonly newestBefore: number
}

/** Within the transaction that writes them, and before they are tallied. */
export function sealRun(
  db: SqliteDatabase,
  batch: EventBatch,
  { organization, organizationId, places, arrival, newestBefore }: Run,
  recordedAt: Instant,
): void {
  const [before, previous] =
    db.row<[number, Buffer]>({ text: LAST, values: [organization] }) ?? begin()
  const events = before + places.length
  const parts = partsOf(batch.records, batch.createdAt, places)
  const head = headOf(previous, { events, recordedAt, parts })
  db.run(INSERT, organization, arrival, events, recordedAt, parts, head)

  /** Over what came before there were seals, most often nothing. */
  function begin(): [events: number, head: Buffer] {
    const [unsealed] = db.row<[number]>({
      text: 'SELECT events FROM organizations WHERE key = ?',
      values: [organization],
    }) ?? [0]
    const head = firstHead(organizationId, unsealed)
    db.run(INSERT, organization, newestBefore, unsealed, 0, NO_PARTS, head)
    return [unsealed, head]
  }
}

export function readSqliteChain(
  db: SqliteDatabase,
  organization: number,
  organizationId: string,
  kept: readonly Head[],
): Promise<Chain> {
  const source: ChainSource = {
    organizationId,
    keptFrom: null,
    seals: after => db.rows<SealRow>({ text: SEALS, values: [organization, after] }).map(sealFrom),
    events(after) {
      const rows = db.rows<[...EventRow, arrival: number]>(
        readArrived(organization, after, MOST_EVENTS),
      )
      return rows.map((row): Arrived => {
        const arrival = row[row.length - 1] as number
        return { arrival, event: eventFrom(row as unknown as EventRow, organizationId) }
      })
    },
    counts(): SealCounts {
      const [before = 0, under = 0, behind = 0, sealed = 0] =
        db.row<[number, number, number, number]>({
          text: COUNTS,
          values: [organization, organization],
        }) ?? []
      return { before, under, behind, sealed }
    },
  }
  return readChain(source, kept)
}

const MOST_EVENTS = 5_000
const MOST_SEALS = 1_000

type SealRow = [arrival: number, events: number, recordedAt: number, parts: Buffer, head: Buffer]

/** Bits that rot may have made a text of a blob. */
const SEALS = `SELECT arrival, events, recorded_at, CAST(parts AS blob), CAST(head AS blob) FROM seals
  WHERE organization = ? AND arrival > ? ORDER BY arrival LIMIT ${MOST_SEALS}`

const COUNTS = `WITH ends AS MATERIALIZED (SELECT coalesce(min(arrival), 0) AS first,
    coalesce(max(arrival), 0) AS last, coalesce(max(events) - min(events), 0) AS sealed
    FROM seals WHERE organization = ?)
  SELECT count(*) FILTER (WHERE e.arrival <= ends.first),
    count(*) FILTER (WHERE e.arrival > ends.first AND e.arrival <= ends.last),
    count(*) FILTER (WHERE e.arrival > ends.last), (SELECT sealed FROM ends)
  FROM ends CROSS JOIN events e WHERE e.organization = ?`

function sealFrom([arrival, events, recordedAt, parts, head]: SealRow): Seal {
  return { arrival, events, recordedAt, parts, head }
}
