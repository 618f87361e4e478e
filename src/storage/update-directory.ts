// Writes what Scaleway lists into the directory, and erases what Scaleway no longer lists or what an event reports as
// deleted.

import type { Event } from '../event.ts'
import type { Instant } from '../instant.ts'
import { type DirectoryEntry, type DirectoryKind, LISTED_KINDS, nameOf } from '../principal.ts'
import type { DirectoryChanges, DirectoryListing } from '../store.ts'
import type { Given, Log, Session } from './database.ts'
import { ENTRY_COLUMNS, type EntryWith, entryOf, searchedOf } from './directory.ts'
import { type SQL, sql } from './drizzle.ts'
import { ALWAYS, within } from './event-range.ts'
import { fold } from './fold.ts'

/**
 * Within a transaction that holds the Organization's lock. If anything was `erased`, the caller must then call
 * `Dialect.rewriteDirectory` in the transaction and `Database.erase` after it.
 */
export async function updateDirectory(
  log: Log<Session>,
  { kind, entries, complete }: DirectoryListing,
  recordedAt: Instant,
): Promise<DirectoryChanges & { readonly erased: boolean }> {
  const { dialect } = log
  // If an entry is listed twice, the last one counts.
  const last = [...new Map(entries.map(entry => [entry.id, entry])).values()]
  const deleted = await lastDeletions(log, kind, last)
  const listed = last.filter(entry => {
    const deletedAt = deleted.get(entry.id)
    return deletedAt === undefined || deletedAt < (createdAtOf(entry) ?? ALWAYS.low)
  })
  const ids = listed.map(({ id }) => id)
  const stored = await readStored(log, ids)
  const renamed = await recordNames(log, listed, stored, recordedAt)
  const known = listed.map(entry => withKnownRules(entry, stored.get(entry.id)))
  const written = await writeEntries(log, known)
  if (!complete) return { written, removed: 0, erased: renamed }
  const removed = await remove(
    log,
    sql`kind = ${kind} AND NOT (${dialect.isIn('id', sql`id`, ids)})`,
  )
  return { written, removed, erased: renamed || removed > 0 }
}

/** An entry before it is listed again, and since when it has its name; `null`: it has no history. */
type Stored = readonly [entry: DirectoryEntry, namedSince: Instant | null]

async function readStored(
  { db, dialect, organization, organizationId }: Log<Session>,
  ids: readonly string[],
): Promise<Map<string, Stored>> {
  if (ids.length === 0) return new Map()
  const rows = await db.rows<EntryWith<[since: Instant | null]>>(
    sql`SELECT ${ENTRY_COLUMNS}, (SELECT max(n.since) FROM names n
        WHERE n.organization = ${organization} AND n.id = d.id) FROM directory d
      WHERE d.organization = ${organization} AND ${dialect.isIn('id', sql`d.id`, ids)}`,
  )
  const stored = rows.map((row): Stored => [entryOf(dialect, organizationId, row), row[5]])
  return new Map(stored.map(one => [one[0].id, one]))
}

/**
 * Must be called before the entries are written; their IDs must be distinct. Returns whether a history was deleted
 * because it belonged to a different entry with the same ID.
 */
async function recordNames(
  log: Log<Session>,
  entries: readonly DirectoryEntry[],
  stored: ReadonlyMap<string, Stored>,
  recordedAt: Instant,
): Promise<boolean> {
  const { db, dialect, organization } = log
  const others: string[] = []
  const added: { id: string; since: Instant; name: string | null }[] = []
  for (const entry of entries) {
    const { id } = entry
    const [before, namedSince] = stored.get(id) ?? []
    const isOther = before !== undefined && !isSame(before, entry)
    if (isOther) others.push(id)
    if (entry.kind === 'scaleway') continue
    const name = nameOf(entry)
    const { createdAt, updatedAt } = entry
    if (before === undefined || isOther || namedSince == null) {
      added.push({ id, name, since: updatedAt ?? createdAt ?? recordedAt })
    } else if (nameOf(before) !== name) {
      const isLater = updatedAt !== null && updatedAt > namedSince
      // Clocks differ: a later name never starts before an earlier one.
      added.push({ id, name, since: isLater ? updatedAt : Math.max(recordedAt, namedSince + 1) })
    }
  }
  const erased = await forgetNames(log, others)
  if (added.length > 0) {
    await dialect.intake.insertRows(db, 'names', organization, [
      { name: 'id', as: 'id', values: added.map(({ id }) => id) },
      { name: 'since', as: 'number', values: added.map(({ since }) => since) },
      { name: 'name', as: 'text', values: added.map(({ name }) => name) },
    ])
  }
  return erased > 0
}

function isSame(before: DirectoryEntry, entry: DirectoryEntry): boolean {
  const [createdAt, createdBefore] = [createdAtOf(entry), createdAtOf(before)]
  const isKnown = createdAt !== null && createdBefore !== null
  return before.kind === entry.kind && (!isKnown || createdAt === createdBefore)
}

/** Policies whose rules were not read keep their stored permission sets. */
function withKnownRules(entry: DirectoryEntry, [known]: Stored | readonly [] = []): DirectoryEntry {
  return entry.kind === 'policy' && entry.permissionSets === null && known?.kind === 'policy'
    ? { ...entry, permissionSets: known.permissionSets }
    : entry
}

/** Former names are deleted with their entry. Returns the number of deleted names. */
async function forgetNames(
  { db, dialect, organization }: Log<Session>,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0) return 0
  return db.run(
    sql`DELETE FROM names WHERE organization = ${organization} AND ${dialect.isIn('id', sql`id`, ids)}`,
  )
}

/**
 * Erases the entries that these events report as deleted, within a transaction that holds the Organization's lock.
 * Returns their number; if it is not 0, the caller must do the same as after `updateDirectory`.
 */
export async function forgetDeleted(log: Log<Session>, events: readonly Event[]): Promise<number> {
  const deleted = events.filter(
    ({ action, category }) =>
      action === 'deleted' && (LISTED_KINDS as readonly string[]).includes(category),
  )
  if (deleted.length === 0) return 0
  const { dialect } = log
  const ids = deleted.map(({ resourceId }) => resourceId.toWellFormed())
  const given = dialect.given('x', [
    { name: 'id', as: 'id', values: ids },
    { name: 'kind', as: 'text', values: deleted.map(({ category }) => category) },
    { name: 'deleted_at', as: 'number', values: deleted.map(({ createdAt }) => createdAt) },
  ])
  return remove(
    log,
    sql`${dialect.isIn('id', sql`id`, ids)} AND EXISTS (SELECT 1 FROM ${given} WHERE x.id = directory.id
      AND x.kind = directory.kind
      AND (directory.created_at IS NULL OR directory.created_at <= x.deleted_at))`,
  )
}

async function remove(log: Log<Session>, condition: SQL): Promise<number> {
  const { db, dialect, organization } = log
  const gone = await db.rows<[id: unknown]>(
    sql`DELETE FROM directory WHERE organization = ${organization} AND ${condition} RETURNING id`,
  )
  const ids = gone.map(([id]) => dialect.idFrom(id))
  await forgetNames(log, ids)
  return ids.length
}

/** The last deletion of each entry, by ID, according to events; ignores events before the first entry's creation. */
async function lastDeletions(
  { db, dialect, organization }: Log<Session>,
  kind: DirectoryKind,
  entries: readonly DirectoryEntry[],
): Promise<Map<string, Instant>> {
  const deletions = await db.rows<[kind: number]>(
    sql`SELECT k.number FROM kinds k WHERE k.organization = ${organization}
      AND k.action = 'deleted' AND k.category = ${kind} AND k.events > 0`,
  )
  if (entries.length === 0 || deletions.length === 0) return new Map()
  const ids = entries.map(({ id }) => id)
  const resources = new Map(
    await db.rows<[number: number, id: unknown]>(
      sql`SELECT r.number, r.id FROM resources r
        WHERE r.organization = ${organization} AND ${dialect.isIn('id', sql`r.id`, ids)}`,
    ),
  )
  const since = entries.map(entry => createdAtOf(entry) ?? ALWAYS.low)
  const range = { low: since.reduce((a, b) => Math.min(a, b)), high: ALWAYS.high }
  const ofOurs = sql`${dialect.isIn('number', sql`e.resource`, [...resources.keys()])}
    AND ${dialect.isIn('number', sql`e.kind`, deletions.flat())}`
  const last = new Map<string, Instant>()
  const plan = {
    range,
    newestFirst: false,
    density: 0,
    wanted: 0,
    candidates: null,
    isOrdered: true,
  }
  for await (const stretch of dialect.stretches({ ...plan, reads: db })) {
    const rows = await db.rows<[resource: number, deletedAt: Instant]>(
      sql`SELECT e.resource, max(e.created_at) FROM ${dialect.events('resource')}
        WHERE e.organization = ${organization} AND ${within(stretch)} AND ${ofOurs} GROUP BY e.resource`,
    )
    for (const [number, at] of rows) last.set(dialect.idFrom(resources.get(number)), at)
  }
  return last
}

/** Returns the number of entries that are new or changed. */
async function writeEntries(
  { db, dialect, organization }: Log<Session>,
  entries: readonly DirectoryEntry[],
): Promise<number> {
  if (entries.length === 0) return 0
  const rows: Given[] = [
    { name: 'kind', as: 'text', values: entries.map(({ kind }) => kind) },
    { name: 'name', as: 'text', values: entries.map(({ name }) => name) },
    { name: 'sort_name', as: 'text', values: entries.map(entry => fold(nameOf(entry) ?? '')) },
    { name: 'searched', as: 'text', values: entries.map(searchedOf) },
    { name: 'created_at', as: 'number', values: entries.map(createdAtOf) },
    { name: 'details', as: 'text', values: entries.map(detailsOf) },
  ]
  const list = (prefix: string) => sql.raw(rows.map(({ name }) => `${prefix}${name}`).join(', '))
  const set = sql.raw(rows.map(({ name }) => `${name} = excluded.${name}`).join(', '))
  const ids: Given = { name: 'id', as: 'id', values: entries.map(({ id }) => id) }
  return dialect.intake.insertRows(
    db,
    'directory',
    organization,
    [ids, ...rows],
    sql`ON CONFLICT (organization, id) DO UPDATE SET ${set}
      WHERE (${list('directory.')}) IS DISTINCT FROM (${list('excluded.')})`,
  )
}

function createdAtOf(entry: DirectoryEntry): Instant | null {
  return 'createdAt' in entry ? entry.createdAt : null
}

function detailsOf(entry: DirectoryEntry): string {
  const { kind, id, name, organizationId, ...others } = entry
  const { createdAt, ...details } = { createdAt: null, ...others }
  return JSON.stringify(details)
}
