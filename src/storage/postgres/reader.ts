// The log as one viewer may see it, over PostgreSQL. Every read begins by asking which Organizations are in
// sight; one that is not is bound to no statement. Reads that people wait for may come from a replica, which
// can be behind, but never goes back behind a page that was given: what has a cursor is read from the primary.

import { NO_ARRIVAL } from '../../event.ts'
import type { DirectoryKey, ScalewayIds } from '../../principal.ts'
import type { LogReader } from '../../store.ts'
import type { Sight, Visibility } from '../../visibility.ts'
import { keepableFilter } from '../keepable.ts'
import { lastArrival, readArrivalPage } from './arrivals.ts'
import { isPlainId } from './codec.ts'
import { NO_COUNTS, readCounts } from './counts.ts'
import { readCoverage } from './coverage.ts'
import type { Reading } from './database.ts'
import {
  countPrincipals,
  readActed,
  readDirectory,
  readEntriesAt,
  readPrincipals,
} from './directory.ts'
import { countEvents, readById, readEvents } from './events.ts'
import type { Partitions } from './partitions.ts'
import { sql } from './sql.ts'

export function createPostgresReader(
  db: Reading,
  partitions: Partitions,
  visibility: Visibility,
  scalewayIds: ScalewayIds,
  nextArrival: () => Promise<void>,
): LogReader {
  const all = [...visibility.organizations.keys()].filter(isPlainId)

  /** `null` for an Organization that is hidden. */
  function look(organizationId: string): Sight | null {
    const sight = visibility.organizations.get(organizationId)
    return sight !== undefined && isPlainId(organizationId) ? sight : null
  }

  /** Those of the Organizations that are in sight. */
  function inSight(ids: Iterable<string>): ReadonlyMap<string, Sight> {
    const found = new Map<string, Sight>()
    for (const id of ids) {
      const sight = look(id)
      if (sight !== null) found.set(id, sight)
    }
    return found
  }

  return {
    scalewayIds,

    async events(query) {
      if (look(query.organizationId) === null) return { events: [], hasMore: false }
      const { after, before, arrivedBy } = query
      const first = after === null && before === null && arrivedBy === undefined
      const filter = keepableFilter(query.filter)
      return readEvents(first ? db.behind : db, partitions, { ...query, filter })
    },

    async countEvents(organizationId, filter) {
      if (look(organizationId) === null) return 0
      return countEvents(db.behind, partitions, organizationId, keepableFilter(filter))
    },

    async eventCounts(organizationId, filter) {
      if (look(organizationId) === null) return NO_COUNTS
      return readCounts(db.behind, partitions, organizationId, keepableFilter(filter))
    },

    async arrivals(query) {
      if (look(query.organizationId) !== null) {
        return readArrivalPage(db, partitions, { ...query, filter: keepableFilter(query.filter) })
      }
      return query.after === NO_ARRIVAL ? { events: [], mark: NO_ARRIVAL, hasMore: false } : null
    },

    async lastArrival(organizationId) {
      return look(organizationId) === null ? NO_ARRIVAL : lastArrival(db, organizationId)
    },

    nextArrival,

    async coverage(organizationId) {
      return look(organizationId) === null ? null : readCoverage(db, organizationId)
    },

    async eventsById(ids) {
      const wanted = [...new Set(ids)].filter(isPlainId)
      if (all.length === 0 || wanted.length === 0) return ids.map(() => null)
      const found = firstById(await readById(db, partitions, all, wanted))
      return ids.map(id => found.get(id) ?? null)
    },

    async directory(wanted) {
      const organizations = inSight(wanted.map(key => key.organizationId))
      const ids = wanted.map(key => key.id)
      const entries = await readDirectory(db.behind, organizations, ids)
      const found = new Map(entries.map(entry => [nameOf(entry), entry]))
      return wanted.map(key => found.get(nameOf(key)) ?? null)
    },

    async directoryById(ids) {
      const found = firstById(await readDirectory(db.behind, inSight(all), ids))
      return ids.map(id => found.get(id) ?? null)
    },

    async namesAt(wanted) {
      const organizations = inSight(wanted.map(key => key.organizationId))
      const found = await readEntriesAt(db.behind, organizations, wanted)
      return wanted.map((_, place) => found.get(place) ?? null)
    },

    async hasActed(wanted) {
      const organizations = inSight(wanted.map(key => key.organizationId))
      const ids = wanted.map(key => key.id)
      const acted = await readActed(db.behind, [...organizations.keys()], ids)
      const found = new Set(acted.map(nameOf))
      return wanted.map(key => found.has(nameOf(key)))
    },

    async actedInById(ids) {
      const found = firstById(await readActed(db.behind, all, ids))
      return ids.map(id => found.get(id)?.organizationId ?? null)
    },

    async principals(query) {
      const sight = look(query.organizationId)
      if (sight === null) return { principals: [], hasMore: false }
      const first = query.after === null && query.before === null
      return readPrincipals(first ? db.behind : db, sight, scalewayIds, query)
    },

    async countPrincipals(organizationId, search) {
      const sight = look(organizationId)
      if (sight === null) return 0
      return countPrincipals(db.behind, organizationId, sight, scalewayIds, search)
    },

    async organizationsById(ids) {
      const names = await readNames(ids.filter(id => look(id) !== null))
      return ids.map(id => (names.has(id) ? { id, name: names.get(id) ?? null } : null))
    },

    async organizations() {
      return [...(await readNames(all))].map(([id, name]) => ({ id, name }))
    },
  }

  /** The names of those that are there, by ID. */
  async function readNames(visible: readonly string[]): Promise<Map<string, string | null>> {
    if (visible.length === 0) return new Map()
    return new Map(
      await db.rows<[id: string, name: string | null]>(
        sql`SELECT id, name FROM organizations WHERE id = ANY(${visible}::uuid[]) ORDER BY id`,
      ),
    )
  }
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
