// What was read of Scaleway's logs, over PostgreSQL.

import { type Coverage, coverageOf, type ReadWindow } from '../../coverage.ts'
import type { Reads } from './database.ts'
import { constant, type Sql, sql } from './sql.ts'

/** In order. */
export async function readWindows(db: Reads, organization: string): Promise<ReadWindow[]> {
  const rows = await db.rows<[from: number, until: number, events: number, readAt: number]>(
    sql`SELECT "from", until, events, read_at FROM read_windows
      WHERE organization = ${organization}::uuid ORDER BY "from"`,
  )
  return rows.map(([from, until, events, readAt]) => {
    return { organizationId: organization, from, until, events, readAt }
  })
}

/** `null` for an Organization that is not there. */
export async function readCoverage(db: Reads, organization: string): Promise<Coverage | null> {
  const found = await readWhere(db, sql`WHERE o.id = ${organization}::uuid`)
  return found[0] ?? null
}

/** Of all Organizations, by ID. */
export function readCoverages(db: Reads): Promise<Coverage[]> {
  return readWhere(db, constant(''))
}

/** One statement, so that windows and dates are of one state. */
async function readWhere(db: Reads, condition: Sql): Promise<Coverage[]> {
  const rows = await db.rows<
    [
      organizationId: string,
      earliest: number | null,
      latest: number | null,
      from: number | null,
      until: number,
      events: number,
      readAt: number,
    ]
  >(
    sql`SELECT o.id, o.first_at, o.last_at, w."from", w.until, w.events, w.read_at
      FROM organizations o LEFT JOIN read_windows w ON w.organization = o.id
      ${condition} ORDER BY o.id, w."from"`,
  )
  return [...Map.groupBy(rows, ([organizationId]) => organizationId)].map(
    ([organizationId, own]) => {
      const windows = own.flatMap(([, , , from, until, events, readAt]) =>
        from === null ? [] : [{ organizationId, from, until, events, readAt }],
      )
      const [, earliest = null, latest = null] = own[0] ?? []
      return coverageOf(windows, { organizationId, earliest, latest })
    },
  )
}
