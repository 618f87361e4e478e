// How commands show grants, and notes about grants that show nothing: probably a mistake, such as a mistyped name.

import { formatInstant, type Instant } from '../instant.ts'
import { shownAddress } from '../storage/database-address.ts'
import type { Grant } from '../viewer.ts'
import { accessScopeOf, KNOWN_PERMISSION_SETS } from '../visibility.ts'

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

/** The rows as lines of text, with aligned columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map(row => row[column]?.length ?? 0)),
  )
  const lines = rows.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)))
  return lines.map(cells => `${cells.join('  ').trimEnd()}\n`).join('')
}

/** Whether these sets show events; otherwise the Organization is treated as if it did not exist. */
export function showEvents(permissionSets: readonly string[]): boolean {
  return accessScopeOf({ owner: false, permissionSets }).has('events')
}

/** A note for each unknown set, or one note if all together show no events. */
export function permissionSetNotes(permissionSets: readonly string[]): string[] {
  const unknown = permissionSets.filter(name => !KNOWN_PERMISSION_SETS.includes(name))
  if (unknown.length > 0) {
    return unknown.map(
      name =>
        `note: ${name} shows nothing here; the most similar permission set that does is ${nearest(name, KNOWN_PERMISSION_SETS)}`,
    )
  }
  if (permissionSets.length === 0 || showEvents(permissionSets)) return []
  return [`note: ${noEvents(permissionSets)}`]
}

/** For sets that show no events together. */
export function noEvents(permissionSets: readonly string[]): string {
  const showing = KNOWN_PERMISSION_SETS.filter(name => showEvents([name]))
  const unknown = permissionSets.find(name => !KNOWN_PERMISSION_SETS.includes(name))
  const one = unknown === undefined ? 'AuditTrailReadOnly' : nearest(unknown, showing)
  return `${permissionSets.join(', ')}: show no events; add one that does, such as ${one}`
}

/** The most similar name, by the share of common pairs of letters. */
function nearest(name: string, among: readonly string[]): string {
  const pairs = pairsOf(name)
  const similarity = (other: string) => {
    const others = pairsOf(other)
    const shared = [...pairs].filter(pair => others.has(pair)).length
    return shared / (pairs.size + others.size)
  }
  return among.reduce((best, one) => (similarity(one) > similarity(best) ? one : best))
}

function pairsOf(text: string): ReadonlySet<string> {
  const lower = text.toLowerCase()
  return new Set(Array.from(lower, (_, at) => lower.slice(at, at + 2)))
}
