// What the entries of the directory were called, in PostgreSQL. The directory decides what there is and who sees
// it: a history is read only beside its entry, and goes with it.

import type { Instant } from '../../instant.ts'
import type { DirectoryEntry, DirectoryKind } from '../../principal.ts'
import { type Known, renaming } from '../names.ts'
import { firstRow, type Reads, type Session } from './database.ts'
import { type Sql, sql } from './sql.ts'

/**
 * Within a transaction, before the entries are written, no two of which have the same ID. Whether a history that
 * was another's is gone.
 */
export async function noteNames(
  session: Session,
  organization: string,
  entries: readonly DirectoryEntry[],
  takenInAt: Instant,
): Promise<boolean> {
  const known = await knownOf(session, organization, entries)
  const anew: string[] = []
  const ids: string[] = []
  const since: Instant[] = []
  const names: (string | null)[] = []
  for (const entry of entries) {
    const step = renaming(known.get(entry.id) ?? null, entry, takenInAt)
    if (step.anew) anew.push(entry.id)
    if (step.naming === null) continue
    ids.push(entry.id)
    since.push(step.naming.since)
    names.push(step.naming.name)
  }
  const gone = sql`unnest(${anew}::text[])`
  const erased = anew.length > 0 && (await session.run(deleteNames(organization, gone))) > 0
  if (ids.length > 0) {
    await session.run(
      sql`INSERT INTO names (organization, id, since, name)
        SELECT ${organization}::uuid, * FROM unnest(${ids}::text[], ${since}::bigint[], ${names}::text[])`,
    )
  }
  return erased
}

async function knownOf(
  session: Session,
  organization: string,
  entries: readonly DirectoryEntry[],
): Promise<Map<string, Known>> {
  if (entries.length === 0) return new Map()
  const rows = await session.rows<
    [
      id: string,
      kind: DirectoryKind,
      createdAt: number | null,
      since: number | null,
      name: string | null,
    ]
  >(
    sql`SELECT d.id, d.kind, d.created_at, n.since, n.name FROM directory d
      LEFT JOIN LATERAL (SELECT since, name FROM names WHERE organization = d.organization
        AND id = d.id ORDER BY since DESC LIMIT 1) n ON true
      WHERE d.organization = ${organization}::uuid
        AND d.id = ANY(${entries.map(({ id }) => id)}::text[])`,
  )
  return new Map(
    rows.map(([id, kind, createdAt, since, name]) => {
      return [id, { kind, createdAt, last: since === null ? null : { since, name } }]
    }),
  )
}

/** Of an Organization, those of the IDs in a table of one column. */
export function deleteNames(organization: string, ids: Sql): Sql {
  return sql`DELETE FROM names n USING ${ids} gone (id)
    WHERE n.organization = ${organization}::uuid AND n.id = gone.id`
}

/** As a column, what the entry `d` of the directory was called at an instant. */
export function calledAt(at: Sql): Sql {
  return sql`(SELECT n.name FROM names n WHERE n.organization = d.organization AND n.id = d.id
    AND n.since = coalesce(
      (SELECT max(o.since) FROM names o
        WHERE o.organization = d.organization AND o.id = d.id AND o.since <= ${at}),
      (SELECT min(o.since) FROM names o WHERE o.organization = d.organization AND o.id = d.id)))`
}

/** Histories that do not end with what their entry is called, or are of no entry; in words. */
export async function falseNames(reads: Reads): Promise<string[]> {
  const [wrong = 0, strays = 0] =
    (await firstRow<[number, number]>(
      reads,
      sql`SELECT
        (SELECT count(*) FROM directory d WHERE kind <> 'scaleway' AND
          CASE kind WHEN 'api_key' THEN details::jsonb ->> 'description' ELSE name END
          IS DISTINCT FROM (SELECT n.name FROM names n WHERE n.organization = d.organization
            AND n.id = d.id ORDER BY n.since DESC LIMIT 1)),
        (SELECT count(*) FROM names n WHERE NOT EXISTS (SELECT 1 FROM directory d
          WHERE d.organization = n.organization AND d.id = n.id AND d.kind <> 'scaleway'))`,
    )) ?? []
  return [
    ...(wrong === 0 ? [] : [`${wrong} entries of the directory have another name than their last`]),
    ...(strays === 0 ? [] : [`${strays} names are of nothing in the directory`]),
  ]
}
