// What was read of Scaleway's logs.

import { type Coverage, coverageOf, type ReadWindow } from '../coverage.ts'
import type { Dialect, OrganizationKey, Reads, Session } from './database.ts'
import { and, eq, gt, lt, type SQL } from './drizzle.ts'

/** Within a transaction: notes a window as read, in place of those it overlaps. */
export async function noteRead(
  session: Session,
  { tables: { readWindows: windows } }: Dialect,
  organization: OrganizationKey,
  { from, until, events, readAt }: ReadWindow,
): Promise<void> {
  const overlapping = and(
    eq(windows.organization, organization),
    lt(windows.from, until),
    gt(windows.until, from),
  )
  await session.build.delete(windows).where(overlapping)
  await session.build.insert(windows).values({ organization, from, until, events, readAt })
}

/** In order. */
export async function readWindows(
  reads: Reads,
  { tables: { readWindows: windows } }: Dialect,
  organization: OrganizationKey,
  organizationId: string,
): Promise<ReadWindow[]> {
  const { from, until, events, readAt } = windows
  const rows = await reads.build
    .select({ from, until, events, readAt })
    .from(windows)
    .where(eq(windows.organization, organization))
    .orderBy(from)
  return rows.map(row => ({ organizationId, ...row }))
}

/** `null` for an Organization that is not there. */
export async function readCoverage(
  reads: Reads,
  dialect: Dialect,
  organization: OrganizationKey,
): Promise<Coverage | null> {
  const { key } = dialect.tables.organizations
  const [found] = await readWhere(reads, dialect, eq(key, organization))
  return found ?? null
}

/** Of all Organizations, by ID. */
export function readCoverages(reads: Reads, dialect: Dialect): Promise<Coverage[]> {
  return readWhere(reads, dialect)
}

/** One statement, so that windows and dates are of one state. */
async function readWhere(
  reads: Reads,
  { tables: { organizations, readWindows: windows } }: Dialect,
  condition?: SQL,
): Promise<Coverage[]> {
  const { id, events, firstAt, lastAt } = organizations
  const rows = await reads.build
    .select({ id, events, firstAt, lastAt, window: windows })
    .from(organizations)
    .leftJoin(windows, eq(windows.organization, organizations.key))
    .where(condition)
    .orderBy(id, windows.from)
  return [...Map.groupBy(rows, ({ id }) => id)].map(([organizationId, own]) => {
    const read = own.flatMap(({ window }) => {
      if (window === null) return []
      const { from, until, events, readAt } = window
      return [{ organizationId, from, until, events, readAt }]
    })
    const [first] = own
    const [earliest, latest] = first?.events ? [first.firstAt, first.lastAt] : [null, null]
    return coverageOf(read, { organizationId, earliest, latest })
  })
}
