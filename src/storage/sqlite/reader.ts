// The log as one viewer may see it, over SQLite. Every read begins by asking which Organizations are in
// sight: one that is not has no key here, so there is nothing to read it by.

import { NO_ARRIVAL } from '../../event.ts'
import type { DirectoryEntry, DirectoryKey, ScalewayIds } from '../../principal.ts'
import type { LogReader } from '../../store.ts'
import type { Sight, Visibility } from '../../visibility.ts'
import { decodeId, encodeId, type StoredId } from '../codec.ts'
import { keepableFilter } from '../keepable.ts'
import { lastArrival, readArrivalPage } from './arrivals.ts'
import { NO_COUNTS, readCounts } from './counts.ts'
import { readCoverage } from './coverage.ts'
import type { SqliteDatabase } from './database.ts'
import {
  countPrincipals,
  type InSight,
  readActed,
  readDirectory,
  readEntriesAt,
  readPrincipals,
  scalewayIdsIn,
} from './directory.ts'
import { countEvents, readEvents } from './event-pages.ts'
import { type EventRow, oneOf, readById } from './event-query.ts'
import { eventFrom } from './event-rows.ts'

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
  nextArrival: () => Promise<void>,
): LogReader {
  /** The key and sight of an Organization; `null` for one that is hidden or not there. */
  function look(organizationId: string): { key: number; sight: Sight } | null {
    const sight = visibility.organizations.get(organizationId)
    const key = sight === undefined ? null : keys.find(organizationId)
    return sight === undefined || key === null ? null : { key, sight }
  }

  /** Those of the Organizations that are in sight, by key; all that are unless said. */
  function inSight(ids: Iterable<string> = visibility.organizations.keys()): InSight {
    const found = new Map<number, { id: string; sight: Sight }>()
    for (const id of ids) {
      const seen = look(id)
      if (seen !== null) found.set(seen.key, { id, sight: seen.sight })
    }
    return found
  }

  return {
    scalewayIds,

    events(query) {
      const seen = look(query.organizationId)
      if (seen === null) return { events: [], hasMore: false }
      const filter = keepableFilter(query.filter)
      return readEvents(db, seen.key, query.organizationId, { ...query, filter })
    },

    countEvents(organizationId, filter) {
      const seen = look(organizationId)
      return seen === null ? 0 : countEvents(db, seen.key, keepableFilter(filter))
    },

    eventCounts(organizationId, filter) {
      const seen = look(organizationId)
      return seen === null ? NO_COUNTS : readCounts(db, seen.key, keepableFilter(filter))
    },

    arrivals(query) {
      const seen = look(query.organizationId)
      if (seen !== null) {
        return readArrivalPage(db, seen.key, { ...query, filter: keepableFilter(query.filter) })
      }
      return query.after === NO_ARRIVAL ? { events: [], mark: NO_ARRIVAL, hasMore: false } : null
    },

    lastArrival(organizationId) {
      const seen = look(organizationId)
      return seen === null ? NO_ARRIVAL : lastArrival(db, seen.key)
    },

    nextArrival,

    coverage(organizationId) {
      const seen = look(organizationId)
      return seen === null ? null : readCoverage(db, seen.key, organizationId)
    },

    eventsById(ids) {
      const organizations = inSight()
      const stored = ids.map(encodeId).filter(Buffer.isBuffer)
      if (organizations.size === 0 || stored.length === 0) return ids.map(() => null)
      const rows = db.rows<EventRow>(readById([...organizations.keys()], stored))
      const found = firstById(rows.map(row => eventFrom(row, organizations.get(row[9])?.id ?? '')))
      return ids.map(id => found.get(id) ?? null)
    },

    directory(wanted) {
      const organizations = inSight(organizationsOf(wanted))
      const entries = readDirectory(
        db,
        organizations,
        wanted.map(key => key.id),
      )
      const found = new Map<string, DirectoryEntry[]>()
      for (const entry of entries) {
        const others = found.get(entry.id)
        if (others === undefined) found.set(entry.id, [entry])
        else others.push(entry)
      }
      return wanted.map(({ organizationId, id }) => {
        const same = found.get(id)
        return same?.find(entry => entry.organizationId === organizationId) ?? null
      })
    },

    directoryById(ids) {
      const found = firstById(readDirectory(db, inSight(), ids))
      return ids.map(id => found.get(id) ?? null)
    },

    namesAt(wanted) {
      const organizations = inSight(new Set(wanted.map(key => key.organizationId)))
      const keyOf = new Map([...organizations].map(([key, { id }]) => [id, key]))
      // What is not in sight is not asked for, but keeps its place.
      const moments = wanted.map(({ organizationId, id, at }) => {
        return { organization: keyOf.get(organizationId) ?? 0, id, at }
      })
      const found = readEntriesAt(db, organizations, moments)
      return wanted.map((_, place) => found.get(place) ?? null)
    },

    hasActed(wanted) {
      const organizations = inSight(organizationsOf(wanted))
      const ids = wanted.map(key => key.id)
      const acted = new Set(readActed(db, organizations, ids).map(nameOf))
      return wanted.map(key => acted.has(nameOf(key)))
    },

    actedInById(ids) {
      const found = firstById(readActed(db, inSight(), ids))
      return ids.map(id => found.get(id)?.organizationId ?? null)
    },

    principals(query) {
      const seen = look(query.organizationId)
      if (seen === null) return { principals: [], hasMore: false }
      const scaleway = scalewayIdsIn(db, seen.key, scalewayIds)
      return readPrincipals(db, seen.key, seen.sight, scaleway, query)
    },

    countPrincipals(organizationId, search) {
      const seen = look(organizationId)
      if (seen === null) return 0
      const scaleway = scalewayIdsIn(db, seen.key, scalewayIds)
      return countPrincipals(db, seen.key, seen.sight, scaleway, search)
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

/** Each once or more often. */
function organizationsOf(wanted: readonly DirectoryKey[]): string[] {
  const ids: string[] = []
  // Nearly always all of them are of one.
  for (const { organizationId } of wanted)
    if (organizationId !== ids.at(-1)) ids.push(organizationId)
  return ids
}

function nameOf({ organizationId, id }: DirectoryKey): string {
  return `${organizationId} ${id}`
}

/** By ID; where several Organizations have the same, that of the smallest Organization ID. */
function firstById<T extends DirectoryKey>(found: readonly T[]): Map<string, T> {
  const first = new Map<string, T>()
  for (const one of found) {
    const other = first.get(one.id)
    if (other === undefined || one.organizationId < other.organizationId) first.set(one.id, one)
  }
  return first
}
