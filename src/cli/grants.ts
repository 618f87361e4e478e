// How commands show grants.

import { formatInstant, type Instant } from '../instant.ts'
import { shownAddress } from '../storage/database-address.ts'
import type { Grant } from '../viewer.ts'

export function grantText(grant: Grant): string {
  return `${grant.organizationId}: ${rightsOf(grant)}`
}

function rightsOf(grant: Grant): string {
  if ('principalId' in grant) return `as ${grant.principalId}`
  return grant.owner ? 'owner' : grant.permissionSets.join(' ')
}

/** Reports a grant that shows nothing yet: probably a mistake, but allowed. */
export function noteUnknownOrganization(id: string, database: string): void {
  process.stderr.write(`note: Organization ${id} is not in ${shownAddress(database)} yet\n`)
}

/** In UTC, to the minute. */
export function minute(instant: Instant): string {
  return `${formatInstant(instant).slice(0, 16)}Z`
}

/** The first row contains the column names. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map(row => row[column]?.length ?? 0)),
  )
  const lines = rows.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)))
  return lines.map(cells => `${cells.join('  ').trimEnd()}\n`).join('')
}
