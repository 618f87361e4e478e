// The log as one viewer may see it. Every read begins by asking which Organizations are in sight: one that is not has no
// key here, so there is nothing to read it by. What people wait for may come from a replica, which can be behind, but never
// goes back behind a page that was given: what has a cursor is read from the primary.

import { NO_ARRIVAL } from '../event.ts'
import type { DirectoryKey, ScalewayIds } from '../principal.ts'
import type { LogReader } from '../store.ts'
import type { Sight, Visibility } from '../visibility.ts'
import { countEvents, NO_COUNTS, readCounts } from './counts.ts'
import { readCoverage } from './coverage.ts'
import type { Database, OrganizationKey, Reads } from './database.ts'
import { readActed, readDirectory, readEntriesAt } from './directory.ts'
import type { EventReader } from './events.ts'
import { lastArrival, readArrivalPage } from './feed.ts'
import { keepableFilter } from './keepable.ts'
import { type InSight, type Organizations, readOrganizations } from './organizations.ts'
import { readEventPage, readEventsById } from './pages.ts'
import { countPrincipals, readPrincipals } from './principals.ts'

export interface ReaderParts {
  readonly db: Pick<Database, 'sql' | 'recent'> & Reads
  readonly organizations: Organizations
  readonly values: EventReader
  readonly visibility: Visibility
  readonly scalewayIds: ScalewayIds
  readonly nextArrival: () => Promise<void>
}

export function createReader(parts: ReaderParts): LogReader {
  const { db, organizations, values, visibility, scalewayIds, nextArrival } = parts
  const dialect = db.sql

  /** Those of the Organizations that are in sight; all that are unless said. */
  async function inSight(
    ids: Iterable<string> = visibility.organizations.keys(),
  ): Promise<InSight> {
    const visible = new Set<string>()
    for (const id of ids) if (visibility.organizations.has(id)) visible.add(id)
    const keys = await organizations.find(db, [...visible])
    const found = new Map<OrganizationKey, { id: string; sight: Sight }>()
    for (const [id, key] of keys) {
      const sight = visibility.organizations.get(id)
      if (sight !== undefined) found.set(key, { id, sight })
    }
    return found
  }

  /** `null` for an Organization that is hidden or not there. */
  async function look(id: string): Promise<{ key: OrganizationKey; sight: Sight } | null> {
    for (const [key, { sight }] of await inSight([id])) return { key, sight }
    return null
  }

  return {
    scalewayIds,
    nextArrival,

    async events(query) {
      const seen = await look(query.organizationId)
      if (seen === null) return { events: [], hasMore: false }
      const { after, before, arrivedBy } = query
      const isFirst = after === null && before === null && arrivedBy === undefined
      const filter = keepableFilter(query.filter)
      const reads = isFirst ? db.recent() : db
      return readEventPage(reads, dialect, values, seen.key, { ...query, filter })
    },

    async countEvents(organizationId, filter) {
      const seen = await look(organizationId)
      return seen === null ? 0 : countEvents(db.recent(), dialect, seen.key, keepableFilter(filter))
    },

    async eventCounts(organizationId, filter) {
      const seen = await look(organizationId)
      if (seen === null) return NO_COUNTS
      return readCounts(db.recent(), dialect, seen.key, keepableFilter(filter))
    },

    async arrivals(query) {
      const seen = await look(query.organizationId)
      if (seen !== null) {
        const filter = keepableFilter(query.filter)
        return readArrivalPage(db, dialect, values, seen.key, { ...query, filter })
      }
      return query.after === NO_ARRIVAL ? { events: [], mark: NO_ARRIVAL, hasMore: false } : null
    },

    async lastArrival(organizationId) {
      const seen = await look(organizationId)
      return seen === null ? NO_ARRIVAL : lastArrival(db, dialect, seen.key)
    },

    async coverage(organizationId) {
      const seen = await look(organizationId)
      return seen === null ? null : readCoverage(db, dialect, seen.key)
    },

    async eventsById(ids) {
      const seen = new Map([...(await inSight())].map(([key, { id }]) => [key, id]))
      const found = firstById(await readEventsById(db, dialect, values, seen, ids))
      return ids.map(id => found.get(id) ?? null)
    },

    async directory(keys) {
      const seen = await inSight(keys.map(({ organizationId }) => organizationId))
      const entries = await readDirectory(db.recent(), dialect, seen, idsOf(keys))
      const found = new Map(entries.map(entry => [nameOf(entry), entry]))
      return keys.map(key => found.get(nameOf(key)) ?? null)
    },

    async directoryById(ids) {
      const found = firstById(await readDirectory(db.recent(), dialect, await inSight(), ids))
      return ids.map(id => found.get(id) ?? null)
    },

    async namesAt(wanted) {
      const seen = await inSight(wanted.map(({ organizationId }) => organizationId))
      const found = await readEntriesAt(db.recent(), dialect, seen, wanted)
      return wanted.map((_, place) => found.get(place) ?? null)
    },

    async hasActed(keys) {
      const seen = await inSight(keys.map(({ organizationId }) => organizationId))
      const acted = new Set((await readActed(db.recent(), dialect, seen, idsOf(keys))).map(nameOf))
      return keys.map(key => acted.has(nameOf(key)))
    },

    async actedInById(ids) {
      const found = firstById(await readActed(db.recent(), dialect, await inSight(), ids))
      return ids.map(id => found.get(id)?.organizationId ?? null)
    },

    async principals(query) {
      const seen = await look(query.organizationId)
      if (seen === null) return { principals: [], hasMore: false }
      const isFirst = query.after === null && query.before === null
      const reads = isFirst ? db.recent() : db
      return readPrincipals(reads, dialect, seen.key, seen.sight, scalewayIds, query)
    },

    async countPrincipals(organizationId, search) {
      const seen = await look(organizationId)
      if (seen === null) return 0
      return countPrincipals(db.recent(), dialect, seen.key, seen.sight, scalewayIds, search)
    },

    async organizationsById(ids) {
      const found = await readOrganizations(db, dialect, [...(await inSight(ids)).keys()])
      const byId = new Map(found.map(organization => [organization.id, organization]))
      return ids.map(id => byId.get(id) ?? null)
    },

    async organizations() {
      return readOrganizations(db, dialect, [...(await inSight()).keys()])
    },
  }
}

function idsOf(keys: readonly DirectoryKey[]): string[] {
  return [...new Set(keys.map(({ id }) => id))]
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
