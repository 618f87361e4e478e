// Takes events into SQLite: names each repeated value by its key, writes the rows, and keeps the tallies
// that reading relies on. All within one transaction of the caller's; see `append` in store.ts.

import { type Event, NIL_ID } from '../../event.ts'
import type { Instant } from '../../instant.ts'
import { LISTED_KINDS } from '../../principal.ts'
import type { Appended } from '../../store.ts'
import { encodeAddress, encodeEventId, encodeId, encodePosition } from '../codec.ts'
import { noteArrivals } from './arrivals.ts'
import { dueTimes } from './counts-intake.ts'
import type { SqliteDatabase } from './database.ts'
import { forget } from './directory.ts'
import type { Bound } from './event-query.ts'
import { createEventIds } from './ids.ts'

export interface Intake {
  /** Within a transaction. `forgotten` counts the directory entries that the events say were deleted. */
  take(events: readonly Event[], recordedAt: Instant): Appended & { readonly forgotten: number }
  /** The key of an Organization, made if need be. Within a transaction. */
  organizationKey(id: string): number
  /** After a transaction was rolled back: keys made in it are gone. */
  reset(): void
}

/** What one row of a table with tallies is owed by the events of one transaction. */
interface Due {
  events: number
  firstAt: Instant
  lastAt: Instant
}

/** Keys remembered of each table, at most twice as many; there are more resources than fit. */
const MOST_REMEMBERED = 30_000

/** Of all Organizations: an arrival number is never given twice. */
const LAST_ARRIVAL = 'SELECT max(arrival) FROM events'

const INSERT_EVENT = `INSERT INTO events
  (arrival, organization, position, id, trail, resource, address, recorded_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`

export function createIntake(db: SqliteDatabase, mostWaitingIds?: number): Intake {
  const ids = createEventIds(db, mostWaitingIds)
  const organizations = keysOf(db, 'organizations', ['id'])
  const principals = keysOf(db, 'principals', ['organization', 'id'])
  const userAgents = keysOf(db, 'user_agents', ['organization', 'text'])
  const addresses = keysOf(db, 'addresses', ['organization', 'address'])
  const resources = keysOf(db, 'resources', ['organization', 'id'])
  const trails = keysOf(db, 'trails', [
    'organization',
    'principal',
    'user_agent',
    'action',
    'category',
  ])

  function organizationKey(id: string): number {
    return organizations.find(id, () => [encodeId(id)])
  }

  function take(events: readonly Event[], recordedAt: Instant) {
    const due = {
      organizations: new Map<number, Due>(),
      principals: new Map<number, Due>(),
      user_agents: new Map<number, Due>(),
      addresses: new Map<number, Due>(),
      trails: new Map<number, Due>(),
      kinds: new Map<string, Due>(),
    }
    const times = dueTimes()
    const newest = db.row<[number]>({ text: LAST_ARRIVAL, values: [] })?.[0] ?? 0
    const first = newest + 1
    const ordered = byOrganization(events)
    const runs = new Map<number, { first: number; last: number }>()
    const numbered = ordered.map((event, place) => ({
      organization: organizationKey(event.organizationId),
      text: event.id,
      id: encodeEventId(event.id),
      arrival: first + place,
    }))
    const added = ids.add(numbered)
    let forgotten = 0
    for (const { organization, id, arrival } of numbered) {
      const event = ordered[arrival - first]
      if (event === undefined || !added.has(arrival)) continue
      const run = runs.get(organization)
      if (run === undefined) runs.set(organization, { first: arrival, last: arrival })
      else run.last = arrival
      const { createdAt, action, category, resourceId, ipAddress, userAgent } = event
      const principalId = event.principalId || NIL_ID
      const principal = principals.find(`${organization} ${principalId}`, () => [
        organization,
        encodeId(principalId),
      ])
      const agent =
        userAgent === null
          ? 0
          : userAgents.find(`${organization} ${userAgent}`, () => [organization, userAgent])
      const address =
        ipAddress === null
          ? 0
          : addresses.find(`${organization} ${ipAddress}`, () => [
              organization,
              encodeAddress(ipAddress),
            ])
      const trail = trails.find(`${principal} ${agent} ${action}\0${category}`, () => [
        organization,
        principal,
        agent,
        action,
        category,
      ])
      const resource = resources.find(`${organization} ${resourceId}`, () => [
        organization,
        encodeId(resourceId),
      ])
      db.run(
        INSERT_EVENT,
        arrival,
        organization,
        encodePosition(event),
        id,
        trail,
        resource,
        address,
        Math.floor(recordedAt / 1000),
      )
      count(due.organizations, organization, createdAt)
      count(due.principals, principal, createdAt)
      count(due.trails, trail, createdAt)
      const kind = `${organization}\0${action}\0${category}`
      count(due.kinds, kind, createdAt)
      times.count(trail, kind, createdAt)
      if (agent > 0) count(due.user_agents, agent, createdAt)
      if (address > 0) count(due.addresses, address, createdAt)
      if (action === 'deleted' && (LISTED_KINDS as readonly string[]).includes(category)) {
        forgotten += forget(db, organization, category, resourceId, createdAt)
      }
    }
    for (const table of [
      'organizations',
      'principals',
      'user_agents',
      'addresses',
      'trails',
    ] as const) {
      for (const [key, { events, firstAt, lastAt }] of due[table]) {
        db.run(
          `UPDATE ${table} SET first_at = iif(events = 0, ?, min(first_at, ?)),
            last_at = iif(events = 0, ?, max(last_at, ?)), events = events + ? WHERE key = ?`,
          ...[firstAt, firstAt, lastAt, lastAt, events, key],
        )
      }
    }
    for (const [kind, { events, firstAt, lastAt }] of due.kinds) {
      const [organization = '', action = '', category = ''] = kind.split('\0')
      db.run(
        `INSERT INTO kinds (organization, action, category, events, first_at, last_at)
          VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET first_at = min(first_at, excluded.first_at),
            last_at = max(last_at, excluded.last_at), events = events + excluded.events`,
        ...[Number(organization), action, category, events, firstAt, lastAt],
      )
    }
    times.keep(db)
    for (const [organization, run] of runs) {
      noteArrivals(db, organization, run.first, run.last, newest)
    }
    return { added: added.size, known: events.length - added.size, forgotten }
  }

  return {
    take,
    organizationKey,
    reset() {
      for (const keys of [organizations, principals, userAgents, addresses, resources, trails]) {
        keys.forget()
      }
      ids.reset()
    },
  }
}

/** Those of one Organization together and in their order, so that they arrive in one run. */
function byOrganization(events: readonly Event[]): readonly Event[] {
  const id = events[0]?.organizationId
  if (events.every(event => event.organizationId === id)) return events
  return [...Map.groupBy(events, event => event.organizationId).values()].flat()
}

interface Keys {
  /** The key of a row, made if need be; `columns` is only asked for a name that is not remembered. */
  find(name: string, columns: () => readonly Bound[]): number
  forget(): void
}

function keysOf(db: SqliteDatabase, table: string, columns: readonly string[]): Keys {
  // Two generations: when the young is full it becomes the old, and what is used again becomes young again.
  let young = new Map<string, number>()
  let old = new Map<string, number>()
  const seek = `SELECT key FROM ${table} WHERE ${columns.map(name => `${name} = ?`).join(' AND ')}`
  const insert = `INSERT INTO ${table} (${columns.join(', ')})
    VALUES (${columns.map(() => '?').join(', ')}) RETURNING key`

  function read(values: readonly Bound[]): number {
    const found =
      db.row<[number]>({ text: seek, values }) ?? db.row<[number]>({ text: insert, values })
    if (found === null) throw new Error(`no key for a row of ${table}`)
    return found[0]
  }

  return {
    find(name, columns) {
      const remembered = young.get(name)
      if (remembered !== undefined) return remembered
      const key = old.get(name) ?? read(columns())
      if (young.size >= MOST_REMEMBERED) {
        old = young
        young = new Map()
      }
      young.set(name, key)
      return key
    },
    forget() {
      young = new Map()
      old = new Map()
    },
  }
}

function count<Key>(due: Map<Key, Due>, key: Key, createdAt: Instant): void {
  const owed = due.get(key)
  if (owed === undefined) {
    due.set(key, { events: 1, firstAt: createdAt, lastAt: createdAt })
    return
  }
  owed.events++
  if (createdAt < owed.firstAt) owed.firstAt = createdAt
  if (createdAt > owed.lastAt) owed.lastAt = createdAt
}
