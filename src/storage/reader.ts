// The log as one viewer may see it. Every read first resolves the Organizations that the viewer may see to their keys;
// a hidden one gets no key, so none of its data can be read. First pages, counts and details may come from a replica
// (`recent`), which can lag. Reads with a cursor come from the primary, so that they never see less than the page
// before.

import { Unavailable } from '../errors.ts'
import { FEED_START } from '../event.ts'
import { canonicalId } from '../id.ts'
import type { LogReader, Organization } from '../log-reader.ts'
import type { DirectoryKey, ScalewayIds } from '../principal.ts'
import type { AccessScope } from '../visibility.ts'
import { countEvents, NO_COUNTS, readCounts } from './counts.ts'
import type { Database, OrganizationKey, Reads } from './database.ts'
import { readActors, readApiKeys, readDirectory, readEntriesAt } from './directory.ts'
import type { ReadEvents } from './events.ts'
import {
  readOrganizations,
  type VisibleLog,
  type VisibleLogParts,
  type VisibleOrganizations,
  visibleLog,
} from './organizations.ts'
import { lastFeedCursor, readEventPage, readEventsById, readFeedPage } from './pages.ts'
import {
  countPrincipals,
  readPrincipals,
  searchAddresses,
  searchResources,
  searchUserAgents,
} from './search.ts'
import { readCoverage } from './stored-coverage.ts'

export interface ReaderParts extends VisibleLogParts {
  readonly db: Pick<Database, 'recent'> & Reads
  readonly readEvents: ReadEvents
  readonly scalewayIds: ScalewayIds
  readonly nextArrival: () => Promise<void>
}

export function createReader(parts: ReaderParts): LogReader {
  const { scalewayIds, nextArrival } = parts
  return { scalewayIds, nextArrival, ...oneLog(parts), ...manyLogs(parts) }
}

type OfOne =
  | ('events' | 'countEvents' | 'eventCounts' | 'arrivals' | 'lastArrival' | 'coverage')
  | ('principals' | 'countPrincipals' | 'resources' | 'addresses' | 'userAgents')

/** The methods that read one Organization. */
function oneLog(parts: ReaderParts): Pick<LogReader, OfOne> {
  const { db, readEvents, scalewayIds } = parts

  /** `nothing` for an Organization that is hidden or has no key. */
  async function read<T>(
    reads: Reads,
    organizationId: string,
    nothing: T,
    work: (log: VisibleLog) => Promise<T>,
  ): Promise<T> {
    const log = await visibleLog(parts, organizationId, reads)
    return log === null ? nothing : work(log)
  }

  return {
    events(query) {
      const { organizationId, after, before, arrivedBy } = query
      const isFirst = after === null && before === null && arrivedBy === undefined
      return read(isFirst ? db.recent() : db, organizationId, { events: [], hasMore: false }, log =>
        readEventPage(log, readEvents, query),
      )
    },

    countEvents: (organizationId, filter) =>
      read(db.recent(), organizationId, 0, log => countEvents(log, filter)),

    eventCounts: (organizationId, filter) =>
      read(db.recent(), organizationId, NO_COUNTS, log => readCounts(log, filter)),

    arrivals(query) {
      const none =
        query.after === FEED_START ? { events: [], cursor: FEED_START, hasMore: false } : null
      return read(db, query.organizationId, none, log => readFeedPage(log, readEvents, query))
    },

    lastArrival: organizationId => read(db, organizationId, FEED_START, lastFeedCursor),

    coverage: organizationId => read(db, organizationId, null, readCoverage),

    principals(query) {
      const { organizationId, after, before } = query
      const reads = after === null && before === null ? db.recent() : db
      return read(reads, organizationId, { principals: [], hasMore: false }, log =>
        readPrincipals(log, scalewayIds, query),
      )
    },

    countPrincipals: (organizationId, search) =>
      read(db.recent(), organizationId, 0, log => countPrincipals(log, scalewayIds, search)),

    resources: query =>
      read(db.recent(), query.organizationId, [], async log => {
        const { organizationId, limit } = query
        const found = await searchResources(log, query)
        const id = canonicalId(query.search.trim())
        if (found.some(({ resourceId }) => resourceId === id)) return found
        // A hidden or deleted resource can still be found by the events about it.
        const { events } = await readEventPage(log, readEvents, {
          organizationId,
          filter: { resourceIds: [id] },
          order: 'newest-first',
          limit: 1,
        })
        return [...events, ...found].slice(0, limit)
      }),

    addresses: query =>
      read(db.recent(), query.organizationId, [], log => searchAddresses(log, query)),

    userAgents: query =>
      read(db.recent(), query.organizationId, [], log => searchUserAgents(log, query)),
  }
}

/** The methods that read several Organizations: given ones, or all that the viewer may see. */
function manyLogs(parts: ReaderParts): Omit<LogReader, OfOne | 'scalewayIds' | 'nextArrival'> {
  const { db, findKeys, readEvents, visibility } = parts

  async function visible(
    ids: Iterable<string> = visibility.organizations.keys(),
  ): Promise<VisibleOrganizations> {
    const keys = await findKeys(
      db,
      [...ids].filter(id => visibility.organizations.has(id)),
    )
    const found = new Map<OrganizationKey, { id: string; scope: AccessScope }>()
    for (const [id, key] of keys) {
      const scope = visibility.organizations.get(id)
      if (scope !== undefined) found.set(key, { id, scope })
    }
    return found
  }

  /** The visible ones among the Organizations of the keys. */
  const visibleOf = (keys: readonly Pick<DirectoryKey, 'organizationId'>[]) =>
    visible(keys.map(({ organizationId }) => organizationId))

  /** One result for each of `keys`, in their order. */
  async function findByKey<T extends DirectoryKey>(
    keys: readonly DirectoryKey[],
    read: (seen: VisibleOrganizations, ids: readonly string[]) => Promise<readonly T[]>,
  ): Promise<(T | null)[]> {
    const all = await read(await visibleOf(keys), idsOf(keys))
    const found = new Map(all.map(one => [nameOf(one), one]))
    return keys.map(key => found.get(nameOf(key)) ?? null)
  }

  /** One result for each of `ids`, in their order, from any visible Organization. */
  async function findById<T extends DirectoryKey>(
    ids: readonly string[],
    read: (seen: VisibleOrganizations) => Promise<readonly T[]>,
  ): Promise<(T | null)[]> {
    const { found, away } = await fromAll(await visible(), read)
    const first = firstById(found)
    // A missing ID may be in a part of the database that does not respond.
    if (away !== null && ids.some(id => !first.has(id))) throw away.error
    return ids.map(id => first.get(id) ?? null)
  }

  return {
    eventsById: ids => findById(ids, seen => readEventsById(db, readEvents, seen, ids)),

    eventsByKey: keys => findByKey(keys, (seen, ids) => readEventsById(db, readEvents, seen, ids)),

    directory: keys => findByKey(keys, (seen, ids) => readDirectory(db.recent(), seen, ids)),

    directoryById: ids => findById(ids, seen => readDirectory(db.recent(), seen, ids)),

    async namesAt(wanted) {
      const found = await readEntriesAt(db.recent(), await visibleOf(wanted), wanted)
      return wanted.map((_, place) => found.get(place) ?? null)
    },

    async apiKeys(bearers) {
      const seen = await visibleOf(bearers)
      const keys = await readApiKeys(db.recent(), seen, new Set(idsOf(bearers)))
      const found = Map.groupBy(keys, ({ organizationId, bearer }) =>
        nameOf({ organizationId, id: bearer?.id ?? '' }),
      )
      return bearers.map(bearer => found.get(nameOf(bearer)) ?? [])
    },

    async hasActed(keys) {
      const found = await findByKey(keys, (seen, ids) => readActors(db.recent(), seen, ids))
      return found.map(actor => actor !== null)
    },

    async actedInById(ids) {
      const found = await findById(ids, seen => readActors(db.recent(), seen, ids))
      return found.map(actor => actor?.organizationId ?? null)
    },

    async organizationsById(ids) {
      const found = await readOrganizations(db, [...(await visible(ids)).keys()])
      const byId = new Map(found.map(organization => [organization.id, organization]))
      return ids.map(id => byId.get(id) ?? null)
    },

    async organizations() {
      const read = (seen: VisibleOrganizations) => readOrganizations(db, [...seen.keys()])
      const { found, away } = await fromAll(await visible(), read)
      const nameless = away?.ids.map((id): Organization => ({ id, name: null })) ?? []
      return [...found, ...nameless].sort((a, b) => (a.id < b.id ? -1 : 1))
    },
  }
}

/** Reads all in one statement. If a part of the database does not respond, reads each Organization separately. */
async function fromAll<T>(
  seen: VisibleOrganizations,
  read: (seen: VisibleOrganizations) => Promise<readonly T[]>,
): Promise<{ found: readonly T[]; away: { ids: string[]; error: Unavailable } | null }> {
  try {
    return { found: await read(seen), away: null }
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    const found: T[] = []
    const ids: string[] = []
    for (const [key, own] of seen) {
      try {
        found.push(...(await read(new Map([[key, own]]))))
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error
        ids.push(own.id)
      }
    }
    return { found, away: ids.length === 0 ? null : { ids, error } }
  }
}

function idsOf(keys: readonly DirectoryKey[]): string[] {
  return [...new Set(keys.map(({ id }) => id))]
}

function nameOf({ organizationId, id }: DirectoryKey): string {
  return `${organizationId} ${id}`
}

/** By ID; if several Organizations have the same ID, the one of the smallest Organization ID. */
function firstById<T extends DirectoryKey>(found: readonly T[]): Map<string, T> {
  const first = new Map<string, T>()
  for (const one of found) {
    const other = first.get(one.id)
    if (other === undefined || one.organizationId < other.organizationId) first.set(one.id, one)
  }
  return first
}
