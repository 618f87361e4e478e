// By which addresses and user agents: exactly, where totals are kept; else by a look at the events.

import type { Instant } from '../instant.ts'
import type { ValueCounts } from '../store.ts'
import { type Asked, type Counted, lookBy } from './counts-look.ts'
import { isRolledUp, isUndated, numbersOf, totalsBy } from './counts-rollups.ts'
import { sql } from './drizzle.ts'
import { findWanted } from './filter.ts'
import { isPlain, planFor } from './plan.ts'
import { addEvents, mostCommon, type ValueSum } from './value-counts.ts'

/** What can be looked at of what is asked for, and from which instant on that is. */
export type Newest = () => Promise<Asked & { since: Instant | null }>

type Sums = Map<number | null, ValueSum>

export async function userAgentCounts(
  asked: Asked,
  first: number,
  newest: Newest,
): Promise<ValueCounts> {
  const { reads, dialect, organization, filter } = asked
  if (!isUndated(filter) || !isRolledUp(filter)) return looked('userAgent', first, newest)
  const wanted = await findWanted(reads, dialect, organization, filter)
  if (wanted === null) return { since: null, values: [] }
  const sums = await sumOf(totalsBy(asked, wanted, 'userAgent'))
  return { since: null, values: await told(asked, 'userAgent', sums, first) }
}

export async function addressCounts(
  asked: Asked,
  first: number,
  newest: Newest,
): Promise<ValueCounts> {
  const { reads, dialect, organization, filter } = asked
  if (!isUndated(filter) || !isPlain(filter)) return looked('address', first, newest)
  const wanted = await findWanted(reads, dialect, organization, filter)
  if (wanted === null) return { since: null, values: [] }
  const sums: Sums = new Map()
  // Of those without an address no totals are kept; but what they are beside all others, one statement tells.
  const [none] = await reads.rows<[events: number, latest: Instant | null]>(
    sql`SELECT o.events - coalesce((SELECT sum(a.events) FROM addresses a WHERE a.organization = ${organization}), 0),
      (SELECT max(e.created_at) FROM ${dialect.events('address')}
        WHERE e.organization = ${organization} AND e.address = 0)
      FROM organizations o WHERE o.key = ${organization}`,
  )
  const [events = 0, latest = null] = none ?? []
  if (events > 0 && latest !== null) sums.set(null, { events, latest })
  for await (const { low, high } of numbersOf(asked, wanted, sql`addresses`)) {
    const rows = await reads.rows<Counted>(
      sql`SELECT a.number, a.events, a.last_at FROM addresses a
        WHERE a.organization = ${organization} AND a.number >= ${low} AND a.number <= ${high} AND a.events > 0
        ORDER BY a.events DESC, a.last_at DESC, a.text LIMIT ${first}`,
    )
    for (const [number, events, latest] of rows) sums.set(number, { events, latest })
  }
  return { since: null, values: await told(asked, 'address', sums, first) }
}

async function looked(
  by: 'address' | 'userAgent',
  first: number,
  newest: Newest,
): Promise<ValueCounts> {
  const { since, ...asked } = await newest()
  const { reads, dialect, organization, filter } = asked
  const plan = await planFor(reads, dialect, organization, filter)
  if (plan === null) return { since, values: [] }
  const sums = await sumOf(lookBy(asked, plan, by))
  return { since, values: await told(asked, by, sums, first) }
}

/** The number 0 stands for none. */
async function sumOf(counted: AsyncIterable<Counted>): Promise<Sums> {
  const sums: Sums = new Map()
  for await (const [number, events, latest] of counted) {
    addEvents(sums, number === 0 ? null : number, { events, latest })
  }
  return sums
}

function told(
  { reads, dialect, organization }: Asked,
  by: 'address' | 'userAgent',
  sums: Sums,
  first: number,
) {
  const table = by === 'address' ? sql`addresses` : sql`user_agents`
  return mostCommon(sums, first, async numbers => {
    const rows = await reads.rows<[number, string]>(
      sql`SELECT v.number, v.text FROM ${table} v
        WHERE v.organization = ${organization} AND ${dialect.numberIn(sql`v.number`, numbers)}`,
    )
    return new Map(rows)
  })
}
