// Former names of directory entries. The directory decides which entries exist and who may see them: a history is read
// only together with its entry, and deleted with it.

import type { Instant } from '../instant.ts'
import { type DirectoryEntry, type DirectoryKind, nameOf } from '../principal.ts'
import type { Log, OrganizationKey, Session } from './database.ts'
import { type SQL, sql } from './drizzle.ts'

/** A name and the instant since which the entry has had it. */
interface Naming {
  readonly since: Instant
  readonly name: string | null
}

/** The stored data of an entry before it is listed again. */
interface Known {
  readonly kind: DirectoryKind
  readonly createdAt: Instant | null
  /** Its last name; `null` if it has no history, as for Scaleway itself. */
  readonly last: Naming | null
}

interface Renaming {
  /** Whether the stored entry is a different one with the same ID: its history is deleted. */
  readonly anew: boolean
  /** The name to add after all others; `null` if it has not changed. */
  readonly naming: Naming | null
}

/** `before` is `null` for an entry that was not listed. */
function renaming(before: Known | null, entry: DirectoryEntry, takenInAt: Instant): Renaming {
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
  // Clocks differ: a later name never starts before an earlier one.
  return { anew, naming: { since: Math.max(takenInAt, last.since + 1), name } }
}

function isSame(before: Known, entry: DirectoryEntry): boolean {
  if (before.kind !== entry.kind) return false
  const createdAt = 'createdAt' in entry ? entry.createdAt : null
  return createdAt === null || before.createdAt === null || createdAt === before.createdAt
}

/**
 * Must be called within a transaction, before the entries are written; their IDs must be distinct. Returns whether a
 * history was deleted because it belonged to a different entry.
 */
export async function recordNames(
  log: Log<Session>,
  entries: readonly DirectoryEntry[],
  takenInAt: Instant,
): Promise<boolean> {
  const { db, dialect, organization } = log
  if (entries.length === 0) return false
  const known = await knownOf(log, entries)
  const anew: string[] = []
  const added: (Naming & { readonly id: string })[] = []
  for (const entry of entries) {
    const step = renaming(known.get(entry.id) ?? null, entry, takenInAt)
    if (step.anew) anew.push(entry.id)
    if (step.naming !== null) added.push({ id: entry.id, ...step.naming })
  }
  const erased = await forgetNames(log, anew)
  if (added.length > 0) {
    await dialect.intake.insertRows(db, 'names', organization, [
      { name: 'id', as: 'id', values: added.map(({ id }) => id) },
      { name: 'since', as: 'number', values: added.map(({ since }) => since) },
      { name: 'name', as: 'text', values: added.map(({ name }) => name) },
    ])
  }
  return erased > 0
}

async function knownOf(
  { db, dialect, organization }: Log<Session>,
  entries: readonly DirectoryEntry[],
): Promise<Map<string, Known>> {
  const ids = entries.map(({ id }) => id)
  const rows = await db.rows<
    [
      id: unknown,
      kind: DirectoryKind,
      createdAt: number | null,
      since: number | null,
      name: string | null,
    ]
  >(
    sql`SELECT d.id, d.kind, d.created_at, n.since, n.name FROM directory d
      LEFT JOIN names n ON n.organization = d.organization AND n.id = d.id AND n.since =
        (SELECT max(m.since) FROM names m WHERE m.organization = ${organization} AND m.id = d.id)
      WHERE d.organization = ${organization} AND ${dialect.idIn(sql`d.id`, ids)}`,
  )
  return new Map(
    rows.map(([id, kind, createdAt, since, name]) => {
      const last = since === null ? null : { since, name }
      return [dialect.idFrom(id), { kind, createdAt, last }]
    }),
  )
}

/** Within a transaction. Returns the number of deleted names. */
export async function forgetNames(
  { db, dialect, organization }: Log<Session>,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0) return 0
  return db.run(
    sql`DELETE FROM names WHERE organization = ${organization} AND ${dialect.idIn(sql`id`, ids)}`,
  )
}

/** A column with the name of the entry `d` at an instant, or its first known name if that is later. */
export function nameAt(organization: OrganizationKey, instant: SQL): SQL {
  const borne = sql`FROM names m WHERE m.organization = ${organization} AND m.id = d.id`
  return sql`(SELECT n.name FROM names n WHERE n.organization = ${organization} AND n.id = d.id
    AND n.since = coalesce((SELECT max(m.since) ${borne} AND m.since <= ${instant}),
      (SELECT min(m.since) ${borne})))`
}
