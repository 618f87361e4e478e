// By which addresses and user agents: exactly, where totals tell; else by a look at the events.

import type { Instant } from '../instant.ts'
import type { ValueCounts } from '../store.ts'
import { type Asked, type Counted, look } from './counts-look.ts'
import { isRolledUp } from './counts-rollups.ts'
import { isUndated, totalsBy } from './counts-totals.ts'
import { sql } from './drizzle.ts'
import { findWanted } from './filter.ts'
import { isPlain, planFor, WALK_FOR_ALL } from './plan.ts'
import { addEvents, mostCommon, type ValueSum } from './value-counts.ts'
import { tableOf } from './values.ts'

/** What is looked at of what is asked for, and from which instant on. */
export type Newest = () => Promise<Asked & { readonly since: Instant | null }>

export async function valueCounts(
  asked: Asked,
  by: 'address' | 'userAgent',
  first: number,
  newest: Newest,
): Promise<ValueCounts> {
  const { db, dialect, organization, filter } = asked
  const isKept = isUndated(filter) && (by === 'address' ? isPlain(filter) : isRolledUp(filter))
  const { since, ...counted } = isKept ? { ...asked, since: null } : await newest()
  const sums = new Map<number | null, ValueSum>()
  for await (const rows of isKept ? totals(asked, by) : looked(counted, by)) {
    for (const [number, events, latest] of rows) {
      addEvents(sums, number === 0 ? null : number, { events, latest })
    }
  }
  const values = await mostCommon(sums, first, async numbers => {
    const rows = await db.rows<[number, string]>(
      sql`SELECT v.number, v.text FROM ${tableOf(by)} v
        WHERE v.organization = ${organization} AND ${dialect.numberIn(sql`v.number`, numbers)}`,
    )
    return new Map(rows)
  })
  return { since, values }
}

async function* looked(asked: Asked, by: 'address' | 'userAgent'): AsyncGenerator<Counted[]> {
  const plan = await planFor(asked, asked.filter, { walk: WALK_FOR_ALL })
  if (plan !== null) yield* look(asked, plan, by)
}

async function* totals(asked: Asked, by: 'address' | 'userAgent'): AsyncGenerator<Counted[]> {
  const wanted = await findWanted(asked, asked.filter)
  if (wanted !== null) yield* totalsBy(asked, wanted, by)
}
