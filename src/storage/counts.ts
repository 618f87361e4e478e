// Figures over events. What is kept beside the events tells those of every filter by date, principal, user agent, action
// and category, exactly (counts-rollups.ts). Events by address or resource are looked at one by one (counts-look.ts), no
// more than the newest so many; so are most for their addresses and user agents (counts-values.ts).

import type { EventFilter } from '../event.ts'
import type { EventCounts, KindCount, PrincipalCount } from '../store.ts'
import { type Asked, beginOfLook } from './counts-look.ts'
import { isRolledUp, isUndated, sumBy, sumTimes, totalsBy } from './counts-rollups.ts'
import { addressCounts, userAgentCounts } from './counts-values.ts'
import type { Dialect, OrganizationKey, Reads } from './database.ts'
import { sql } from './drizzle.ts'
import { findWanted } from './filter.ts'
import { countMatching } from './pages.ts'
import { partsOf, planFor } from './plan.ts'

/** Of an Organization that is not there. */
export const NO_COUNTS: EventCounts = {
  since: null,
  kinds: () => [],
  principals: () => [],
  times: edges => edges.slice(1).map(() => 0),
  addresses: () => ({ since: null, values: [] }),
  userAgents: () => ({ since: null, values: [] }),
}

export async function countEvents(
  reads: Reads,
  dialect: Dialect,
  organization: OrganizationKey,
  filter: EventFilter,
): Promise<number> {
  const asked: Asked = { reads, dialect, organization, filter }
  if (isUndated(filter) && filter.resourceIds === undefined) {
    const wanted = await findWanted(reads, dialect, organization, filter)
    if (wanted === null) return 0
    const [only = { ...wanted.whole, numbers: [] }, ...others] = partsOf(wanted)
    if (others.length === 0 && only.numbers !== null) return only.events
    if (others.length === 0 && only === wanted.address) {
      let sum = 0
      for await (const [, events] of totalsBy(asked, wanted, 'address')) sum += events
      return sum
    }
  }
  if (isRolledUp(filter)) {
    const sums = await sumBy(asked, 'kind')
    return sums.values().reduce((sum, events) => sum + events, 0)
  }
  const plan = await planFor(reads, dialect, organization, filter)
  return plan === null ? 0 : countMatching(reads, dialect, plan)
}

export async function readCounts(
  reads: Reads,
  dialect: Dialect,
  organization: OrganizationKey,
  filter: EventFilter,
): Promise<EventCounts> {
  const all: Asked = { reads, dialect, organization, filter }
  const since = isRolledUp(filter) ? null : await beginOfLook(all)
  const asked = sinceThen(all, since)
  /** Looked for once, when it is first asked for. */
  let begin: Promise<Asked & { since: typeof since }> | undefined
  const newest = () => {
    begin ??= isRolledUp(filter)
      ? beginOfLook(all).then(since => ({ ...sinceThen(all, since), since }))
      : Promise.resolve({ ...asked, since })
    return begin
  }
  return {
    since,
    kinds: async () => kindCounts(asked, await sumBy(asked, 'kind')),
    principals: async first => mostActive(asked, await sumBy(asked, 'principal'), first),
    times: edges => sumTimes(asked, edges),
    addresses: first => addressCounts(all, first, newest),
    userAgents: first => userAgentCounts(all, first, newest),
  }
}

function sinceThen(asked: Asked, since: number | null): Asked {
  if (since === null) return asked
  const { filter } = asked
  const createdAfter = Math.max(since, filter.createdAfter ?? since)
  return { ...asked, filter: { ...filter, createdAfter } }
}

async function kindCounts(
  { reads, dialect, organization }: Asked,
  sums: ReadonlyMap<number, number>,
): Promise<KindCount[]> {
  const rows = await reads.rows<[number, string, string]>(
    sql`SELECT k.number, k.action, k.category FROM kinds k
      WHERE k.organization = ${organization} AND ${dialect.numberIn(sql`k.number`, [...sums.keys()])}`,
  )
  return rows.map(([number, action, category]) => {
    return { action, category, events: sums.get(number) ?? 0 }
  })
}

/** The principals with the most events, by how many each number has; of equal ones those with the smaller IDs. */
async function mostActive(
  { reads, dialect, organization }: Asked,
  sums: ReadonlyMap<number, number>,
  first: number,
): Promise<PrincipalCount[]> {
  const least = [...sums.values()].sort((a, b) => b - a)[first - 1] ?? 1
  const top = [...sums].filter(([, events]) => events >= least).map(([number]) => number)
  const rows = await reads.rows<[number, unknown]>(
    sql`SELECT p.number, p.id FROM principals p
      WHERE p.organization = ${organization} AND ${dialect.numberIn(sql`p.number`, top)}`,
  )
  return rows
    .map(([number, id]) => ({ principalId: dialect.idFrom(id), events: sums.get(number) ?? 0 }))
    .sort((a, b) => b.events - a.events || (a.principalId < b.principalId ? -1 : 1))
    .slice(0, first)
}
