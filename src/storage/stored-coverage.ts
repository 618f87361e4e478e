// The time windows of Scaleway's logs that have been read.

import { type Coverage, coverageOf, type ReadWindow } from '../coverage.ts'
import type { Instant } from '../instant.ts'
import type { Log, Reads, Session } from './database.ts'
import { and, eq, gt, lt, type SQL, sql } from './drizzle.ts'

/** Within a transaction: records a window as read, in place of the windows that it overlaps. */
export async function recordReadWindow(
  { db, dialect, organization }: Log<Session>,
  { from, until, events, readAt }: ReadWindow,
): Promise<void> {
  const { readWindows: windows } = dialect.tables
  const overlapping = and(
    eq(windows.organization, organization),
    lt(windows.from, until),
    gt(windows.until, from),
  )
  await db.build(b => b.delete(windows).where(overlapping))
  const window = { organization, from, until, events, readAt }
  await db.build(b => b.insert(windows).values(window))
}

/** In order of their dates. */
export async function readWindows(log: Log): Promise<ReadWindow[]> {
  const { db, dialect, organization, organizationId } = log
  const { readWindows: windows } = dialect.tables
  const { from, until, events, readAt } = windows
  const which = eq(windows.organization, organization)
  const columns = { from, until, events, readAt }
  const rows = await db.build(b => b.select(columns).from(windows).where(which).orderBy(from))
  return rows.map(row => ({ organizationId, ...row }))
}

/** `null` for an Organization that does not exist. */
export async function readCoverage({ db, organization }: Log): Promise<Coverage | null> {
  const [found] = await readWhere(db, sql``, sql`WHERE o.key = ${organization}`)
  return found ?? null
}

/** Of all Organizations, by ID. */
export function readCoverages(reads: Reads): Promise<Coverage[]> {
  return readWhere(reads, sql`/* operator */ `, sql``)
}

type Row = [
  ...[id: unknown, events: number, firstAt: Instant, lastAt: Instant],
  ...[from: Instant | null, until: Instant, read: number, readAt: Instant],
]

/** One statement, so that windows and dates are consistent with each other. */
async function readWhere(reads: Reads, note: SQL, condition: SQL): Promise<Coverage[]> {
  const rows = await reads.rows<Row>(
    sql`${note}SELECT o.id, o.events, o.first_at, o.last_at, w."from", w.until, w.events, w.read_at
      FROM organizations o LEFT JOIN read_windows w ON w.organization = o.key
      ${condition} ORDER BY o.id, w."from"`,
  )
  return [...Map.groupBy(rows, ([id]) => reads.dialect.idFrom(id))].map(([organizationId, own]) => {
    const windows = own.flatMap(([, , , , from, until, events, readAt]) =>
      from === null ? [] : [{ organizationId, from, until, events, readAt }],
    )
    const [, events = 0, firstAt = null, lastAt = null] = own[0] ?? []
    const [earliest, latest] = events > 0 ? [firstAt, lastAt] : [null, null]
    return coverageOf(windows, { organizationId, earliest, latest })
  })
}
