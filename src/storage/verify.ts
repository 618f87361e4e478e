// Finds every difference between the events and the data derived from them: totals, dates, rollups, IDs, names. Changes
// of the events themselves are found by their seals (seal-chain.ts).

import { shownInstant } from '../instant.ts'
import { type DirectoryKind, nameOf } from '../principal.ts'
import { plural } from '../text.ts'
import { addressOf } from './codec.ts'
import { type Database, type Dialect, type Log, logOf, type Reads } from './database.ts'
import { ENTRY_COLUMNS, type EntryWith, entryOf, searchedOf } from './directory.ts'
import { type SQL, sql } from './drizzle.ts'
import { fold } from './fold.ts'
import { allOrganizations } from './organizations.ts'
import { DAYS, QUARTERS, rollupOf, seriesQuartersOf, TOTALLED, totalsOf } from './periods.ts'
import { tablesByOrganization } from './tables.ts'
import { hashOf, tableOf, VALUE_TABLE } from './values.ts'

/** A message for an error that shows damage to the database; throws any other error again. */
export function damageOf(dialect: Dialect, error: unknown): string {
  const fault = dialect.damageIn(error)
  if (fault !== null) return fault
  // A stored value is no longer the text, number or JSON that was written.
  const isNonsense = [SyntaxError, TypeError, RangeError].some(kind => error instanceof kind)
  if (!isNonsense) throw error
  return `a stored value is damaged: ${(error as Error).message}`
}

/** A message for each difference. Reads everything, in one snapshot. */
export async function findInconsistencies(db: Database): Promise<string[]> {
  const { dialect } = db
  try {
    return await db.snapshot(async reads => {
      const damage = await dialect.findDamage(reads)
      if (damage.length > 0) return damage
      const faults = await findStrays(reads)
      for (const { key, id } of await allOrganizations(reads)) {
        const log = logOf(reads, key, id)
        for (const find of [
          ...[falseTotals, falseRollups, falseNumbers],
          ...[falseIds, falseKeys, falseNames],
        ]) {
          faults.push(...(await find(log)).map(fault => `Organization ${id}: ${fault}`))
        }
      }
      return faults
    })
  } catch (error) {
    // Damage may make the rest of the database unreadable.
    return [damageOf(dialect, error)]
  }
}

/** Rows without an Organization. */
async function findStrays(reads: Reads): Promise<string[]> {
  const faults: string[] = []
  for (const table of tablesByOrganization(reads.dialect.tables)) {
    const [row] = await reads.rows<[number]>(
      sql`/* verify */ SELECT count(*) FROM ${sql.raw(table)} x
        WHERE x.organization NOT IN (SELECT o.key FROM organizations o)`,
    )
    if (row?.[0]) faults.push(`${table}: ${plural(row[0], 'row')} without an Organization`)
  }
  return faults
}

type Find = (log: Log) => Promise<string[]>

const isOrAre = (count: number) => (count === 1 ? 'is 1' : `are ${count.toLocaleString('en')}`)

/**
 * The keys of rows that differ between stored and computed totals or rollups, each with the stored number of events and
 * the computed one. Both have the columns `keys`, events, first_at and last_at.
 */
function differences(reads: Reads, keys: string, stored: SQL, computed: SQL): Promise<number[][]> {
  const by = sql.raw(keys)
  return reads.rows(
    sql`SELECT ${by}, max(said), max(found) FROM (
        SELECT ${by}, events AS said, 0 AS found, first_at AS said_first, last_at AS said_last,
          NULL AS first_at, NULL AS last_at FROM (${stored}) t
        UNION ALL SELECT ${by}, 0, events, NULL, NULL, first_at, last_at FROM (${computed}) f) b
      GROUP BY ${by} HAVING count(*) = 1 OR max(said) <> max(found)
        OR max(said_first) > min(first_at) OR max(said_last) <> max(last_at)
      ORDER BY ${by} LIMIT 10`,
  )
}

/** The number of events of each value, and their first and last dates. */
const falseTotals: Find = async log => {
  const { db, organization } = log
  const ours = sql`organization = ${organization}`
  const faults: string[] = []
  for (const of of TOTALLED) {
    const stored = sql`SELECT * FROM ${tableOf(of)} WHERE ${ours} AND number <> 0`
    const computed = sql`SELECT * FROM (${totalsOf(log, of, sql`events e WHERE e.${ours}`)}) x WHERE number <> 0`
    for (const row of await differences(db, 'number', stored, computed)) {
      const [number, said = 0, found = 0] = row
      faults.push(
        `${VALUE_TABLE[of]} ${number}: its total is ${plural(said, 'event')}, but there ${isOrAre(found)}, or its dates differ`,
      )
    }
  }
  const [total] = await db.rows<[said: number, found: number]>(
    sql`SELECT o.events, f.events FROM organizations o
      CROSS JOIN (SELECT count(*) AS events, min(e.created_at) AS first_at, max(e.created_at) AS last_at,
        max(e.sequence) AS last FROM events e WHERE e.${ours}) f
      WHERE o.key = ${organization} AND (o.events <> f.events OR o.last_sequence < f.last
        OR (f.events > 0 AND (o.first_at <> f.first_at OR o.last_at <> f.last_at)))`,
  )
  if (total !== undefined) {
    const [said, found] = total
    faults.push(
      `its total is ${plural(said, 'event')}, but there ${isOrAre(found)}, or its dates or last number differ`,
    )
  }
  return faults
}

const falseRollups: Find = async log => {
  const { db, organization } = log
  const ours = sql`organization = ${organization}`
  const kept = sql`SELECT t.number, t.period, t.events FROM quarter_counts t JOIN series s
    ON s.organization = t.organization AND s.number = t.number WHERE t.${ours} AND s.${ours}`
  const withDates = (rows: SQL) => sql`SELECT x.*, 0 AS first_at, 0 AS last_at FROM (${rows}) x`
  for (const [periods, seriesQuarters] of [
    [QUARTERS, seriesQuartersOf(sql`events e WHERE e.${ours}`)],
    [DAYS, kept],
  ] as const) {
    const { table, length } = periods
    const stored = withDates(sql`SELECT * FROM ${sql.raw(table)} WHERE ${ours}`)
    const computed = withDates(rollupOf(log, periods, seriesQuarters))
    const rows = await differences(db, 'number, period', stored, computed)
    // Counts by day are compared with those by quarter of an hour, so these must be correct first.
    if (rows.length === 0) continue
    return rows.map(([number, period = 0, said = 0, found = 0]) => {
      return `${table} ${number}: its count from ${shownInstant(period * length)} on is ${plural(said, 'event')}, but there ${isOrAre(found)}`
    })
  }
  return []
}

/** Table, column with a number, and the table that the number refers to. */
const NAMED = [
  ['events', 'series', 'series'],
  ['events', 'resource', 'resources'],
  ['events', 'address', 'addresses'],
  ['series', 'kind', 'kinds'],
  ['series', 'principal', 'principals'],
  ['series', 'user_agent', 'user_agents'],
] as const

const falseNumbers: Find = async ({ db, organization }) => {
  const faults: string[] = []
  for (const [table, column, named] of NAMED) {
    const number = sql.raw(`x.${column}`)
    const [row] = await db.rows<[number]>(
      sql`SELECT count(*) FROM ${sql.raw(table)} x WHERE x.organization = ${organization} AND ${number} <> 0
        AND NOT EXISTS (SELECT 1 FROM ${sql.raw(named)} v WHERE v.organization = ${organization}
          AND v.number = ${number})`,
    )
    if (row?.[0])
      faults.push(`${table}: ${plural(row[0], 'row')} with a ${column} that is not in ${named}`)
  }
  const [other] = await db.rows<[number]>(
    sql`SELECT count(*) FROM events e JOIN series s ON s.organization = ${organization} AND s.number = e.series
      WHERE e.organization = ${organization} AND e.kind <> s.kind`,
  )
  if (other?.[0])
    faults.push(`events: ${plural(other[0], 'row')} with another kind than their series`)
  return faults
}

const falseIds: Find = async ({ db, dialect, organization }) => {
  const [row] = await db.rows<[events: number, ids: number, found: number]>(
    sql`SELECT (SELECT count(*) FROM events e WHERE e.organization = ${organization}),
      (SELECT count(*) FROM ${dialect.ids(organization)}),
      (SELECT count(*) FROM ${dialect.ids(organization)} JOIN events e
        ON e.organization = ${organization} AND e.sequence = i.sequence AND e.id = i.id)`,
  )
  const [events = 0, ids = 0, found = 0] = row ?? []
  if (events === ids && events === found) return []
  return [`${plural(events, 'event')} and ${plural(ids, 'ID')}, of which ${found} match`]
}

/** The lookup keys stored with texts. */
const falseKeys: Find = async ({ db, organization }) => {
  const faults: string[] = []
  for (const [table, column, keyOf] of [
    ['addresses', 'address', addressOf],
    ['user_agents', 'hash', hashOf],
  ] as const) {
    for (let after = 0; ; ) {
      const rows = await db.rows<[number: number, text: string, key: Uint8Array | null]>(
        sql`SELECT v.number, v.text, ${sql.raw(`v.${column}`)} FROM ${sql.raw(table)} v
          WHERE v.organization = ${organization} AND v.number > ${after} ORDER BY v.number LIMIT 5000`,
      )
      for (const [number, text, key] of rows) {
        const wanted = keyOf(String(text))
        const isSame =
          wanted === null ? key === null : key !== null && wanted.equals(Buffer.from(key))
        if (!isSame) faults.push(`${table} ${number}: its ${column} does not match its text`)
      }
      const last = rows.at(-1)
      if (last === undefined) break
      after = last[0]
    }
  }
  return faults
}

type NameRow = EntryWith<
  [sortName: string, searched: string, lastName: string | null, since: number | null]
>

/** Names are stored three times: in the entry, in its history, and folded for sorting and searching. */
const falseNames: Find = async ({ db, dialect, organization }) => {
  const rows = await db.rows<NameRow>(
    sql`SELECT ${ENTRY_COLUMNS}, d.sort_name, d.searched, n.name, n.since FROM directory d
      LEFT JOIN names n ON n.organization = d.organization AND n.id = d.id AND n.since =
        (SELECT max(m.since) FROM names m WHERE m.organization = ${organization} AND m.id = d.id)
      WHERE d.organization = ${organization}`,
  )
  const kinds = new Map<string, DirectoryKind>()
  let [wrong, hidden, strays] = [0, 0, 0]
  for (const row of rows) {
    const entry = entryOf(dialect, '', row)
    const [, kind, , , , sortName, searched, last, since] = row
    kinds.set(entry.id, kind)
    if (kind !== 'scaleway' && (since === null || last !== nameOf(entry))) wrong++
    if (sortName !== fold(nameOf(entry) ?? '') || searched !== searchedOf(entry)) hidden++
  }
  const histories = await db.rows<[id: unknown, names: number]>(
    sql`SELECT n.id, count(*) FROM names n WHERE n.organization = ${organization} GROUP BY n.id`,
  )
  for (const [stored, names] of histories) {
    const kind = kinds.get(dialect.idFrom(stored))
    if (kind === undefined || kind === 'scaleway') strays += names
  }
  return [
    ...(wrong === 0 ? [] : [`${plural(wrong, 'entry')} whose name is not the last of its history`]),
    ...(hidden === 0 ? [] : [`${plural(hidden, 'entry')} whose name for search is not its own`]),
    ...(strays === 0 ? [] : [`${plural(strays, 'former name')} without an entry`]),
  ]
}
