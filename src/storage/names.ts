// The histories of names, alike in every database: what an entry's becomes when it is listed again.

import type { Instant } from '../instant.ts'
import { type DirectoryEntry, type DirectoryKind, nameOf } from '../principal.ts'

/** A name and the instant from which on it was borne. */
export interface Naming {
  readonly since: Instant
  readonly name: string | null
}

/** What is known of an entry before it is listed again. */
export interface Known {
  readonly kind: DirectoryKind
  readonly createdAt: Instant | null
  /** Its last name; `null` where it has no history, as Scaleway itself. */
  readonly last: Naming | null
}

export interface Renaming {
  /** Whether what was known is another's: its history goes. */
  readonly anew: boolean
  /** The name to add, behind all others; `null` where it is called as before. */
  readonly naming: Naming | null
}

/** `before` is `null` for an entry that was not listed. */
export function renaming(
  before: Known | null,
  entry: DirectoryEntry,
  takenInAt: Instant,
): Renaming {
  const anew = before !== null && !isSame(before, entry)
  if (entry.kind === 'scaleway') return { anew, naming: null }
  const name = nameOf(entry)
  const { createdAt, updatedAt } = entry
  const last = anew ? null : (before?.last ?? null)
  if (last === null) return { anew, naming: { since: updatedAt ?? createdAt ?? takenInAt, name } }
  if (last.name === name) return { anew, naming: null }
  if (updatedAt !== null && updatedAt > last.since) {
    return { anew, naming: { since: updatedAt, name } }
  }
  // Clocks differ: a later name is never from before an earlier one.
  return { anew, naming: { since: Math.max(takenInAt, last.since + 1), name } }
}

function isSame(before: Known, entry: DirectoryEntry): boolean {
  if (before.kind !== entry.kind) return false
  const createdAt = 'createdAt' in entry ? entry.createdAt : null
  return createdAt === null || before.createdAt === null || createdAt === before.createdAt
}
