// Figures over events. Lists kept beside the events (counts-lists.ts, counts-times.ts) tell those of every filter by date,
// principal, user agent, action and category, exactly; events with an address or a resource are looked at one by
// one (counts-look.ts), at no more than the newest. So are those of any filter for their addresses and user agents.

import type { EventFilter } from '../../event.ts'
import type { Awaitable, EventCounts, KindCount, PrincipalCount } from '../../store.ts'
import { decodeId, type StoredId } from '../codec.ts'
import { type KindSums, sumKinds, sumPrincipals } from './counts-lists.ts'
import { look, MOST_FOR_ALL, MOST_FOR_VALUES } from './counts-look.ts'
import { placeOf } from './counts-slots.ts'
import { countTimes } from './counts-times.ts'
import { valueCounts } from './counts-values.ts'
import type { SqliteDatabase } from './database.ts'

/** Of an Organization that is not there. */
export const NO_COUNTS: EventCounts = {
  since: null,
  kinds: () => [],
  principals: () => [],
  times: edges => edges.slice(1).map(() => 0),
  addresses: () => ({ since: null, values: [] }),
  userAgents: () => ({ since: null, values: [] }),
}

export function readCounts(
  db: SqliteDatabase,
  organization: number,
  filter: EventFilter,
): Awaitable<EventCounts> {
  if (!isListed(filter)) return countLooked(db, organization, filter)
  return {
    since: null,
    kinds: async () => kindCounts(await sumKinds(db, organization, filter)),
    principals: async first =>
      mostActive(db, organization, await sumPrincipals(db, organization, filter), first),
    times: edges => countTimes(db, organization, filter, edges),
    ...valueCounts(db, organization, () => look(db, organization, filter, MOST_FOR_VALUES)),
  }
}

async function countLooked(
  db: SqliteDatabase,
  organization: number,
  filter: EventFilter,
): Promise<EventCounts> {
  const looked = await look(db, organization, filter, MOST_FOR_ALL)
  const { since, events } = looked
  return {
    since,
    async kinds() {
      const sums = new Map<string, number>()
      for (const [, , kind] of await events()) sums.set(kind, (sums.get(kind) ?? 0) + 1)
      return kindCounts(sums)
    },
    async principals(first) {
      const sums = new Map<number, number>()
      for (const [, key] of await events()) sums.set(key, (sums.get(key) ?? 0) + 1)
      return mostActive(db, organization, sums, first)
    },
    async times(edges) {
      const counts = edges.slice(1).map(() => 0)
      const [start = 0, end = start] = [edges[0], edges.at(-1)]
      for (const [createdAt] of await events()) {
        if (createdAt < start || createdAt >= end) continue
        const place = placeOf(edges, createdAt, 0)
        counts[place] = (counts[place] ?? 0) + 1
      }
      return counts
    },
    ...valueCounts(db, organization, () => looked),
  }
}

/** Whether lists tell all that the filter asks for. */
export function isListed({ addresses, resourceIds }: EventFilter): boolean {
  return addresses === undefined && resourceIds === undefined
}

/** For a filter that `isListed`. */
export async function countListed(
  db: SqliteDatabase,
  organization: number,
  filter: EventFilter,
): Promise<number> {
  const sums = await sumKinds(db, organization, filter)
  return [...sums.values()].reduce((sum, events) => sum + events, 0)
}

function kindCounts(sums: KindSums): KindCount[] {
  return [...sums].map(([kind, events]) => {
    const [action = '', category = ''] = kind.split('\0')
    return { action, category, events }
  })
}

/** The principals with the most events, by how many each key has; of equal ones those with the smaller IDs. */
function mostActive(
  db: SqliteDatabase,
  organization: number,
  sums: ReadonlyMap<number, number>,
  first: number,
): PrincipalCount[] {
  const least = [...sums.values()].sort((a, b) => b - a)[first - 1] ?? 1
  const top = [...sums].filter(([, events]) => events >= least).map(([key]) => key)
  const ids = db.rows<[key: number, id: StoredId]>({
    text: `SELECT key, id FROM principals
      WHERE organization = ? AND key IN (SELECT value FROM json_each(?))`,
    values: [organization, JSON.stringify(top)],
  })
  return ids
    .map(([key, id]) => ({ principalId: decodeId(id), events: sums.get(key) ?? 0 }))
    .sort((a, b) => b.events - a.events || (a.principalId < b.principalId ? -1 : 1))
    .slice(0, first)
}
