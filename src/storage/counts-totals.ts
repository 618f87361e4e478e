// Figures by the totals of values and of series: of all dates.

import type { EventFilter } from '../event.ts'
import type { Asked, Counted, CountedBy } from './counts-look.ts'
import { type SQL, sql } from './drizzle.ts'
import type { Wanted } from './filter.ts'
import { conditionOnSeries, partsOf } from './plan.ts'

export function isUndated({ createdAfter, createdBefore }: EventFilter): boolean {
  return createdAfter === undefined && createdBefore === undefined
}

const TABLE = { kind: sql`kinds`, principal: sql`principals`, address: sql`addresses` }
/** The sums keep SQLite from reading all series in the order of an index, where another finds the few that match. */
const IN_SERIES = {
  kind: sql`s.kind + 0`,
  principal: sql`s.principal + 0`,
  userAgent: sql`s.user_agent + 0`,
}

/** For filters that ask for no resource, and for an address only alone. A number may come several times. */
export async function* totalsBy(
  asked: Asked,
  wanted: Wanted,
  by: CountedBy,
): AsyncGenerator<Counted> {
  const { reads, organization } = asked
  const isAlone = partsOf(wanted).every(part => part === wanted[by])
  const [table, counted, condition] =
    by === 'address' || (isAlone && by !== 'userAgent')
      ? [TABLE[by], sql`s.number`, wanted[by]?.is(sql`s.number`)]
      : [sql`series`, IN_SERIES[by], conditionOnSeries(wanted)]
  for await (const numbers of numbersOf(asked, wanted, table)) {
    yield* await reads.rows<Counted>(
      sql`SELECT ${counted}, sum(s.events), max(s.last_at) FROM ${table} s WHERE s.organization = ${organization}
        AND ${numbers} AND s.events > 0 AND ${condition ?? sql`true`} GROUP BY 1`,
    )
  }
}

/** Conditions on the number of a row `s` that take each once: so many at a time as a statement may look at. */
export async function* numbersOf(
  { reads, dialect, organization }: Asked,
  wanted: Wanted,
  table: SQL,
): AsyncGenerator<SQL> {
  if (partsOf(wanted).some(({ events }) => events <= dialect.atOnce)) {
    yield sql`true`
    return
  }
  const [row] = await reads.rows<[number | null]>(
    sql`SELECT max(s.number) FROM ${table} s WHERE s.organization = ${organization}`,
  )
  const [last, turn] = [row?.[0] ?? 0, dialect.turns()]
  for (let low = 1; low <= last; low += dialect.atOnce) {
    yield sql`s.number >= ${low} AND s.number <= ${Math.min(last, low + dialect.atOnce - 1)}`
    await turn()
  }
}
