// The log as one viewer may see it, over SQLite. Every read begins by asking which Organizations are in
// sight: one that is not has no key here, so there is nothing to read it by.

import type { RecordedEvent } from '../event.ts'
import type { DirectoryEntry, ScalewayIds } from '../principal.ts'
import type { LogReader } from '../store.ts'
import type { Sight, Visibility } from '../visibility.ts'
import { decodeId, encodeId, type StoredId } from './codec.ts'
import { countEvents, eventFrom, readEvents } from './event-pages.ts'
import { type EventRow, oneOf, readById } from './event-query.ts'
import type { SqliteDatabase } from './sqlite-database.ts'
import {
  countPrincipals,
  entryOf,
  readActed,
  readDirectory,
  readPrincipals,
} from './sqlite-directory.ts'

/** What the store remembers of Organizations: their keys never change, their names may. */
export interface OrganizationKeys {
  /** `null` for one that is not in the database. */
  find(id: string): number | null
  remember(id: string, key: number): void
}

export function createSqliteReader(
  db: SqliteDatabase,
  keys: OrganizationKeys,
  visibility: Visibility,
  scalewayIds: ScalewayIds,
): LogReader {
  /** The key and sight of an Organization; `null` for one that is hidden or not there. */
  function look(organizationId: string): { key: number; sight: Sight } | null {
    const sight = visibility.organizations.get(organizationId)
    const key = sight === undefined ? null : keys.find(organizationId)
    return sight === undefined || key === null ? null : { key, sight }
  }

  /** All Organizations in sight, by key, in the order of their IDs. */
  function inSight(): Map<number, { id: string; sight: Sight }> {
    const found = new Map<number, { id: string; sight: Sight }>()
    for (const id of [...visibility.organizations.keys()].sort()) {
      const seen = look(id)
      if (seen !== null) found.set(seen.key, { id, sight: seen.sight })
    }
    return found
  }

  function sights(organizationIds: Iterable<string>): Map<number, Sight> {
    const found = new Map<number, Sight>()
    for (const id of organizationIds) {
      const seen = look(id)
      if (seen !== null) found.set(seen.key, seen.sight)
    }
    return found
  }

  return {
    scalewayIds,

    events(query) {
      const seen = look(query.organizationId)
      if (seen === null) return { events: [], hasMore: false }
      return readEvents(db, seen.key, query.organizationId, query)
    },

    countEvents(organizationId, filter) {
      const seen = look(organizationId)
      return seen === null ? 0 : countEvents(db, seen.key, filter)
    },

    eventsById(ids) {
      const organizations = inSight()
      const stored = ids.map(encodeId).filter(Buffer.isBuffer)
      if (organizations.size === 0 || stored.length === 0) return ids.map(() => null)
      const found = new Map<string, RecordedEvent>()
      for (const row of db.rows<EventRow>(readById([...organizations.keys()], stored))) {
        const event = eventFrom(row, organizations.get(row[9])?.id ?? '')
        const other = found.get(event.id)
        if (other === undefined || event.organizationId < other.organizationId) {
          found.set(event.id, event)
        }
      }
      return ids.map(id => found.get(id) ?? null)
    },

    directory(wanted) {
      const visible = sights(new Set(wanted.map(key => key.organizationId)))
      const found = new Map<string, DirectoryEntry>()
      const organizationIds = new Map(
        wanted.map(({ organizationId }) => [look(organizationId)?.key, organizationId]),
      )
      for (const { organization, id, row } of readDirectory(
        db,
        visible,
        wanted.map(key => key.id),
      )) {
        const organizationId = organizationIds.get(organization) ?? ''
        found.set(`${organizationId} ${id}`, entryOf(row, organizationId))
      }
      return wanted.map(({ organizationId, id }) => found.get(`${organizationId} ${id}`) ?? null)
    },

    directoryById(ids) {
      const organizations = inSight()
      const visible = new Map([...organizations].map(([key, { sight }]) => [key, sight]))
      const found = new Map<string, DirectoryEntry>()
      for (const { organization, id, row } of readDirectory(db, visible, ids)) {
        const entry = entryOf(row, organizations.get(organization)?.id ?? '')
        const other = found.get(id)
        if (other === undefined || entry.organizationId < other.organizationId) found.set(id, entry)
      }
      return ids.map(id => found.get(id) ?? null)
    },

    hasActed(wanted) {
      const visible = sights(new Set(wanted.map(key => key.organizationId)))
      if (visible.size === 0) return wanted.map(() => false)
      const acted = readActed(
        db,
        [...visible.keys()],
        wanted.map(key => key.id),
      )
      return wanted.map(({ organizationId, id }) =>
        acted.has(`${look(organizationId)?.key ?? ''} ${id}`),
      )
    },

    principals(query) {
      const seen = look(query.organizationId)
      if (seen === null) return { principals: [], hasMore: false }
      return readPrincipals(db, seen.key, seen.sight, scalewayIds, query)
    },

    countPrincipals(organizationId, search) {
      const seen = look(organizationId)
      return seen === null ? 0 : countPrincipals(db, seen.key, seen.sight, scalewayIds, search)
    },

    organizationsById(ids) {
      const names = readNames(ids)
      return ids.map(id => (names.has(id) ? { id, name: names.get(id) ?? null } : null))
    },

    organizations() {
      return [...readNames([...visibility.organizations.keys()])].map(([id, name]) => ({
        id,
        name,
      }))
    },
  }

  /** The names of those that are in sight and there, by ID. */
  function readNames(ids: readonly string[]): Map<string, string | null> {
    const visible = ids.filter(id => visibility.organizations.has(id))
    if (visible.length === 0) return new Map()
    const wanted = oneOf('id', visible.map(encodeId))
    const rows = db.rows<[number, StoredId, string | null]>({
      text: `SELECT key, id, name FROM organizations WHERE ${wanted.text} ORDER BY id`,
      values: wanted.values,
    })
    for (const [key, id] of rows) keys.remember(decodeId(id), key)
    return new Map(rows.map(([, id, name]) => [decodeId(id), name]))
  }
}
