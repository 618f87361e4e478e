// Takes events into SQLite: names each repeated value by its key, writes the rows, and keeps the tallies
// that reading relies on. All within one transaction of the caller's; see `append` in sqlite-store.ts.

import { type Event, NIL_ID } from '../event.ts'
import type { Instant } from '../instant.ts'
import { DIRECTORY_KINDS } from '../principal.ts'
import type { Appended } from '../store.ts'
import { encodeAddress, encodeId, encodePosition, type StoredId } from './codec.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import { forget } from './sqlite-directory.ts'

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

/** Keys remembered of each table; there may be more resources than fit, so the memory is emptied when full. */
const MOST_REMEMBERED = 50_000

export function createIntake(db: SqliteDatabase): Intake {
  const memories: Map<string, number>[] = []

  /** Finds or makes keys by what they stand for; `seek` and `insert` take the same values. */
  function keys(table: string, columns: readonly string[]) {
    const memory = new Map<string, number>()
    memories.push(memory)
    const seek = `SELECT key FROM ${table} WHERE ${columns.map(name => `${name} = ?`).join(' AND ')}`
    const insert = `INSERT INTO ${table} (${columns.join(', ')})
      VALUES (${columns.map(() => '?').join(', ')}) RETURNING key`
    return (name: string, ...values: (StoredId | number)[]): number => {
      const remembered = memory.get(name)
      if (remembered !== undefined) return remembered
      const found =
        db.row<[number]>({ text: seek, values }) ?? db.row<[number]>({ text: insert, values })
      if (found === null) throw new Error(`no key for a row of ${table}`)
      if (memory.size >= MOST_REMEMBERED) memory.clear()
      memory.set(name, found[0])
      return found[0]
    }
  }

  const organizationKey = keys('organizations', ['id'])
  const principalKey = keys('principals', ['organization', 'id'])
  const userAgentKey = keys('user_agents', ['organization', 'text'])
  const addressKey = keys('addresses', ['organization', 'address'])
  const resourceKey = keys('resources', ['organization', 'id'])
  const trailKey = keys('trails', ['organization', 'principal', 'user_agent', 'action', 'category'])

  function take(events: readonly Event[], recordedAt: Instant) {
    const due = {
      organizations: new Map<number, Due>(),
      user_agents: new Map<number, Due>(),
      addresses: new Map<number, Due>(),
      trails: new Map<number, Due>(),
      kinds: new Map<string, Due>(),
    }
    let added = 0
    let forgotten = 0
    for (const event of events) {
      const { id, createdAt, action, category, ipAddress, userAgent } = event
      const organization = organizationKey(event.organizationId, encodeId(event.organizationId))
      const storedId = encodeId(id)
      const known = db.row({
        text: 'SELECT 1 FROM events WHERE organization = ? AND id = ?',
        values: [organization, storedId],
      })
      if (known !== null) continue

      const within = `${organization} `
      const principalId = event.principalId || NIL_ID
      const principal = principalKey(within + principalId, organization, encodeId(principalId))
      const agent =
        userAgent === null ? 0 : userAgentKey(within + userAgent, organization, userAgent)
      const address =
        ipAddress === null
          ? 0
          : addressKey(within + ipAddress, organization, encodeAddress(ipAddress))
      const trail = trailKey(
        [principal, agent, action, category].join('\0'),
        organization,
        principal,
        agent,
        action,
        category,
      )
      const resource = resourceKey(
        within + event.resourceId,
        organization,
        encodeId(event.resourceId),
      )
      db.run(
        `INSERT INTO events (organization, position, id, trail, resource, address, recorded_at)
          VALUES (?, ?, ?, ?, ?, ?, ?)`,
        organization,
        encodePosition(event),
        storedId,
        trail,
        resource,
        address,
        Math.floor(recordedAt / 1000),
      )
      added++
      count(due.organizations, organization, createdAt)
      count(due.trails, trail, createdAt)
      count(due.kinds, JSON.stringify([organization, action, category]), createdAt)
      if (agent > 0) count(due.user_agents, agent, createdAt)
      if (address > 0) count(due.addresses, address, createdAt)
      if (action === 'deleted' && (DIRECTORY_KINDS as readonly string[]).includes(category)) {
        forgotten += forget(db, organization, category, event.resourceId, createdAt)
      }
    }
    for (const table of ['organizations', 'user_agents', 'addresses', 'trails'] as const) {
      for (const [key, { events, firstAt, lastAt }] of due[table]) {
        db.run(
          `UPDATE ${table} SET first_at = iif(events = 0, ?, min(first_at, ?)),
            last_at = iif(events = 0, ?, max(last_at, ?)), events = events + ? WHERE key = ?`,
          ...[firstAt, firstAt, lastAt, lastAt, events, key],
        )
      }
    }
    for (const [kind, { events, firstAt, lastAt }] of due.kinds) {
      const [organization, action, category] = JSON.parse(kind) as [number, string, string]
      db.run(
        `INSERT INTO kinds (organization, action, category, events, first_at, last_at)
          VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET first_at = min(first_at, excluded.first_at),
            last_at = max(last_at, excluded.last_at), events = events + excluded.events`,
        ...[organization, action, category, events, firstAt, lastAt],
      )
    }
    return { added, known: events.length - added, forgotten }
  }

  return {
    take,
    organizationKey: id => organizationKey(id, encodeId(id)),
    reset: () => {
      for (const memory of memories) memory.clear()
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
