// From rows to events. An event's row holds keys in place of what repeats: its trail and its address. What they
// stand for never changes, so it is remembered, and most pages are read without looking it up again: that is
// nearly half of their cost. Of what the directory says nothing is remembered here.

import type { RecordedEvent } from '../../event.ts'
import { addressOfText, idOfText } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import { type Entries, type EventRow, type KeyRow, readKeys, readPage } from './event-query.ts'

type Trail = Pick<RecordedEvent, 'action' | 'category' | 'principalId' | 'userAgent'>

/** What is remembered for one connection. */
interface Names {
  readonly trails: Map<number, Trail>
  readonly addresses: Map<number, string | null>
  /** Whether the last page had nothing new, so that the next one most likely has not either. */
  warm: boolean
}

/** So many trails and so many addresses are remembered: some 10 MB. */
const MOST = 20_000

/** A longer user agent is read each time. */
const LONGEST = 1000

const remembered = new WeakMap<SqliteDatabase['client'], Names>()

export function eventFrom(row: EventRow, organizationId: string): RecordedEvent {
  const [createdAt, id, recordedAt, action, category, principal, resource, address, userAgent] = row
  return {
    id: idOfText(id),
    organizationId,
    createdAt,
    action,
    category,
    resourceId: idOfText(resource),
    principalId: idOfText(principal),
    ipAddress: address === null ? null : addressOfText(address),
    userAgent,
    recordedAt: recordedAt * 1000,
  }
}

/** The first `limit` entries that `found` yields, in the direction of the index. One statement, or two. */
export function readEventPage(
  db: SqliteDatabase,
  organization: number,
  organizationId: string,
  found: Entries,
  newestFirst: boolean,
  limit: number,
): RecordedEvent[] {
  let names = remembered.get(db.client)
  if (names === undefined) {
    names = { trails: new Map(), addresses: new Map([[0, null]]), warm: false }
    remembered.set(db.client, names)
  }
  if (names.warm) {
    const rows = db.rows<KeyRow>(readKeys(organization, found, newestFirst, limit))
    const events = named(rows, organizationId, names)
    if (events !== null) return events
  }
  const rows = db.rows<EventRow>(readPage(organization, found, newestFirst, limit))
  const events = rows.map(row => eventFrom(row, organizationId))
  names.warm = true
  for (const [at, row] of rows.entries()) {
    const event = events[at]
    if (event !== undefined) learn(names, row, event)
  }
  return events
}

/** `null` where one of the keys is not known. */
function named(
  rows: readonly KeyRow[],
  organizationId: string,
  names: Names,
): RecordedEvent[] | null {
  const events: RecordedEvent[] = []
  for (const [createdAt, id, recordedAt, resource, trailKey, address] of rows) {
    const trail = names.trails.get(trailKey)
    const ipAddress = names.addresses.get(address)
    if (trail === undefined || ipAddress === undefined) return null
    events.push({
      id: idOfText(id),
      organizationId,
      createdAt,
      action: trail.action,
      category: trail.category,
      resourceId: idOfText(resource),
      principalId: trail.principalId,
      ipAddress,
      userAgent: trail.userAgent,
      recordedAt: recordedAt * 1000,
    })
  }
  return events
}

function learn(names: Names, row: EventRow, event: RecordedEvent): void {
  const { trails, addresses } = names
  const [trail, address] = [row[10], row[11]]
  if (trails.has(trail) && addresses.has(address)) return
  names.warm = false
  const { action, category, principalId, ipAddress, userAgent } = event
  if (userAgent !== null && userAgent.length > LONGEST) return
  if (trails.size >= MOST) trails.clear()
  if (addresses.size >= MOST) addresses.clear()
  trails.set(trail, { action, category, principalId, userAgent })
  addresses.set(address, ipAddress).set(0, null)
}
