// The SQL that is specific to SQLite. Lists are bound as JSON, with IDs as text.

import { fileURLToPath } from 'node:url'
import { yieldToEventLoop } from '../../event-loop.ts'
import type { Instant } from '../../instant.ts'
import { decodeId, encodeId, idOfText, isStoredAsBytes } from '../codec.ts'
import { canBeStored, type Dialect, type Given, type Reads, type StretchPlan } from '../database.ts'
import { type SQL, sql } from '../drizzle.ts'
import { ALWAYS, type EventRange, narrowed, within } from '../event-range.ts'
import { ALL_EVENTS, periodOf, QUARTERS } from '../periods.ts'
import { isSqliteError } from './sqlite-connection.ts'
import { createIntakeDialect } from './sqlite-intake.ts'
import { sqliteTables } from './sqlite-tables.ts'

/** How many events are deleted at once, in addition to the rest of the same quarter of an hour. */
const DELETED_AT_ONCE = 10_000

/** The maximum number of events scanned by one statement; that takes a few milliseconds. */
const SCANNED_AT_ONCE = 3_000

/** The maximum time that others wait, in milliseconds, in addition to the rest of the current statement. */
const TURN = 15

/** `mostWaitingIds`: see sqlite-intake.ts. */
export function createSqliteDialect(mostWaitingIds?: number): Dialect {
  return { ...dialect, intake: createIntakeDialect(mostWaitingIds) }
}

const dialect: Omit<Dialect, 'intake'> = {
  tables: sqliteTables as Dialect['tables'],
  migrations: fileURLToPath(new URL('../../../drizzle/sqlite', import.meta.url)),
  hasTable: name => sql`EXISTS (SELECT 1 FROM sqlite_schema WHERE name = ${name})`,
  // A write transaction has exclusive use of the file.
  async lockTables() {},
  keyIsId: false,

  // `secure_delete` zeroes a deleted row's own bytes; copies left by page splits remain until their pages are freed.
  async rewriteDirectory(session) {
    for (const name of ['directory', 'names']) {
      const table = sql.raw(`main.${name}`)
      await session.run(sql`CREATE TEMP TABLE remaining AS SELECT * FROM ${table}`)
      await session.run(sql`DELETE FROM ${table}`)
      await session.run(
        sql`INSERT INTO ${table} SELECT * FROM temp.remaining ORDER BY organization, id`,
      )
      await session.run(sql`DROP TABLE temp.remaining`)
    }
  },

  // The limit keeps SQLite from parsing the list again for each row of another table, which it considers cheap.
  given(alias, columns) {
    const rows = columns[0]?.values.map((_, place) => columns.map(column => written(column, place)))
    const read = columns.map((column, at) => sql`${valueAt(column, at)} AS ${sql.raw(column.name)}`)
    return sql`(SELECT key AS place, ${sql.join(read, sql`, `)}
      FROM json_each(${JSON.stringify(rows ?? [])}) LIMIT -1) ${sql.raw(alias)}`
  },

  isIn(as, column, values) {
    const list = (values: readonly unknown[]) => sql`json_each(${JSON.stringify(values)})`
    const stored = values.filter(canBeStored)
    if (as !== 'id') {
      const value = as === 'event-id' ? sql`unhex(value, '-')` : sql`value`
      return sql`${column} IN (SELECT ${value} FROM ${list(stored)})`
    }
    const [uuids = [], texts = []] = [true, false].map(isUuid =>
      stored.filter(id => isStoredAsBytes(String(id)) === isUuid),
    )
    return sql`${column} IN (SELECT unhex(value, '-') FROM ${list(uuids)}
      UNION ALL SELECT value FROM ${list(texts)})`
  },

  id: id => sql`${encodeId(id)}`,
  eventId: id => sql`unhex(${id}, '-')`,
  idFrom: stored => decodeId(stored as Buffer | string),

  // When many rows are read, creating Buffers would take most of the time.
  shortId: column => sql`iif(typeof(${column}) = 'blob', hex(${column}), ':' || ${column})`,
  idFromShort: idOfText,
  idText:
    column => sql`CASE typeof(${column}) WHEN 'blob' THEN lower(substr(hex(${column}), 1, 8) || '-' ||
    substr(hex(${column}), 9, 4) || '-' || substr(hex(${column}), 13, 4) || '-' ||
    substr(hex(${column}), 17, 4) || '-' || substr(hex(${column}), 21)) ELSE ${column} END`,

  contains(column, part) {
    if (!canBeStored(part)) return sql`false`
    const literal = part.replace(/[\\%_]/g, character => `\\${character}`)
    return sql`${column} LIKE ${`%${literal}%`} ESCAPE '\\'`
  },

  series: index =>
    index === null
      ? sql`series s NOT INDEXED`
      : sql`series s INDEXED BY ${sql.raw(`series_by_${index}`)}`,

  events: index => sql`events e INDEXED BY ${sql.raw(`events_by_${index}`)}`,

  // With more, compiling the statement takes longer than collecting and sorting the rows.
  mostMerged: 4,

  // One index range per number; SQLite merges them while reading.
  merged(by, organization, numbers, condition, order, limit) {
    const branches = numbers.map(
      number => sql`SELECT e.* FROM events e INDEXED BY ${sql.raw(`events_by_${by}`)}
        WHERE e.organization = ${organization} AND ${sql.raw(`e.${by}`)} = ${number} AND ${condition}`,
    )
    return sql`(SELECT * FROM (${sql.join(branches, sql` UNION ALL `)}) e ${order} LIMIT ${limit}) e`
  },

  // An index contains its own columns and the sequence number: rows are looked up only for the events that are found.
  first: (columns, from, order, limit) =>
    sql`SELECT ${columns} FROM ${rowsOf(sql`SELECT e.organization, e.sequence FROM ${from} ${order} LIMIT ${limit}`)}`,
  numbered: (table, alias, organization, numbers) =>
    sql`(SELECT * FROM ${sql.raw(table)} v WHERE v.organization = ${organization}
      AND ${dialect.isIn('number', sql`v.number`, numbers)}) ${sql.raw(alias)}`,
  idOf: sql`(SELECT i.id FROM events i WHERE i.organization = e.organization AND i.sequence = e.sequence)`,

  sequences: sql`events`,

  async byId(_: Reads, organizations, ids) {
    const [uuids, keys] = [JSON.stringify(ids), JSON.stringify(organizations)]
    const found = (table: 'event_ids' | 'new_event_ids') =>
      sql`SELECT i.organization, i.sequence FROM json_each(${keys}) o CROSS JOIN json_each(${uuids}) x
        CROSS JOIN ${sql.raw(table)} i ON i.organization = o.value AND i.id = unhex(x.value, '-')`
    return [rowsOf(sql`${found('event_ids')} UNION ALL ${found('new_event_ids')}`)]
  },

  async bySequence(_: Reads, organization, after, until) {
    return [
      sql`(SELECT * FROM events NOT INDEXED WHERE organization = ${organization}
        AND sequence > ${after} AND sequence <= ${until}) e`,
    ]
  },

  // Each of a few thousand events, with others running in between: a read blocks the process until the statement has
  // ended.
  async *stretches(plan) {
    if (plan.candidates === null || plan.density === 0) yield plan.range
    else yield* plan.isOrdered ? byNumber(plan, plan.candidates) : byWidth(plan, plan.candidates)
  },
  turns: turnByTurn,
  atOnce: 10_000,
  mostCounted: 20_000,

  // A few thousand events at a time, so that no transaction blocks others for long.
  retention: {
    // A write transaction has exclusive use of the file.
    async stopIntake() {},

    async monthsBefore(reads, before) {
      const quarters = await reads.rows<[quarter: number, events: number]>(
        sql`/* retention */ SELECT t.period, sum(t.events) FROM organizations o JOIN quarter_counts t
          ON t.organization = o.key AND t.number = ${ALL_EVENTS} AND t.period < ${periodOf(before, QUARTERS)}
          GROUP BY t.period ORDER BY t.period`,
      )
      const found: EventRange[] = []
      let [low, waiting] = [ALWAYS.low, 0]
      for (const [place, [quarter, events]] of quarters.entries()) {
        waiting += events
        if (waiting < DELETED_AT_ONCE && place < quarters.length - 1) continue
        const high = (quarter + 1) * QUARTERS.length - 1
        found.push({ low, high })
        low = high + 1
        waiting = 0
      }
      return found
    },

    async dropMonth(session, month) {
      const found = sql`SELECT e.organization, e.id FROM organizations o
        CROSS JOIN events e INDEXED BY events_by_date ON e.organization = o.key AND ${within(month)}`
      for (const table of ['event_ids', 'new_event_ids']) {
        await session.run(
          sql`/* retention */ DELETE FROM ${sql.raw(table)} WHERE (organization, id) IN (${found})`,
        )
      }
      await session.run(
        sql`/* retention */ DELETE FROM events AS e WHERE e.organization IN (SELECT key FROM organizations) AND ${within(month)}`,
      )
    },
  },

  ids: organization => sql`(SELECT id, sequence FROM event_ids WHERE organization = ${organization}
    UNION ALL SELECT id, sequence FROM new_event_ids WHERE organization = ${organization}) i`,
  async findDamage(reads) {
    const lines = await reads.rows<[string]>(sql`PRAGMA integrity_check`)
    return lines.map(([line]) => line).filter(line => line !== 'ok')
  },
  damageIn: error => (isSqliteError(error) ? error.message : null),
}

/** The events whose Organization and sequence number this statement selects: a FROM under the alias `e`. */
function rowsOf(statement: SQL): SQL {
  return sql`(${statement}) found
    CROSS JOIN events e ON e.organization = found.organization AND e.sequence = found.sequence`
}

/** The value in the JSON. */
function written({ as, values }: Given, place: number): unknown {
  const value = values[place] ?? null
  if (value === null) return null
  if (as === 'bytes') return Buffer.from(value as Uint8Array).toString('hex')
  // The colon distinguishes an ID that is stored as text from one that is stored as bytes.
  if (as === 'id' && !isStoredAsBytes(value as string)) return `:${value}`
  return value
}

function valueAt({ as }: Given, at: number): SQL {
  const value = sql.raw(`value ->> ${at}`)
  if (as === 'bytes') return sql`unhex(${value})`
  if (as === 'event-id') return sql`unhex(${value}, '-')`
  if (as === 'id')
    return sql`iif(substr(${value}, 1, 1) = ':', substr(${value}, 2), unhex(${value}, '-'))`
  return value
}

type Candidates = (range: EventRange) => SQL

/** Stretches of a known number of candidates. They are in order, so the index tells where a stretch ends. */
async function* byNumber(plan: StretchPlan, candidates: Candidates): AsyncGenerator<EventRange> {
  const { newestFirst, reads } = plan
  const order = sql`ORDER BY e.created_at ${sql.raw(newestFirst ? 'DESC' : 'ASC')}`
  let { low, high } = plan.range
  // Four times as many as are needed if matches are spread evenly.
  let most = Math.min(4 * plan.wanted, SCANNED_AT_ONCE)
  const turn = turnByTurn()
  while (low <= high) {
    const [next] = await reads.rows<[Instant]>(
      sql`${candidates({ low, high })} ${order} LIMIT 1 OFFSET ${most}`,
    )
    // Events of one microsecond are in one stretch.
    const last = next?.[0] ?? (newestFirst ? low - 1 : high + 1)
    const stretch = newestFirst
      ? { low: Math.min(last + 1, high), high }
      : { low, high: Math.max(last - 1, low) }
    yield stretch
    if (newestFirst) high = stretch.low - 1
    else low = stretch.high + 1
    most = SCANNED_AT_ONCE
    await turn()
  }
}

/** Stretches of a width that is likely to have enough candidates, narrowed until they are not too many. */
async function* byWidth(plan: StretchPlan, candidates: Candidates): AsyncGenerator<EventRange> {
  const { range, newestFirst, density, wanted, reads } = plan
  const count = async (stretch: EventRange) => {
    const found = sql`SELECT count(*) FROM (SELECT 1 FROM (${candidates(stretch)}) LIMIT ${SCANNED_AT_ONCE + 1})`
    return (await reads.rows<[number]>(found))[0]?.[0] ?? 0
  }
  let { low, high } = range
  // Four times the width that the wanted events would take if they were spread evenly.
  let width = Math.ceil(density * Math.min(4 * wanted, SCANNED_AT_ONCE / 2))
  const turn = turnByTurn()
  while (low <= high) {
    const stretch = narrowed(
      range,
      newestFirst ? { low: high - width, high } : { low, high: low + width },
    )
    const events = await count(stretch)
    if (events > SCANNED_AT_ONCE && width > 0) {
      width = Math.floor(width / 8)
      continue
    }
    if (events > 0) yield stretch
    if (newestFirst) high = stretch.low - 1
    else low = stretch.high + 1
    if (events < SCANNED_AT_ONCE / 2)
      width = Math.min(width * (events < SCANNED_AT_ONCE / 8 ? 8 : 2) + 1, ALWAYS.high)
    await turn()
  }
}

/** See `Dialect.turns`. */
function turnByTurn(): () => Promise<void> | undefined {
  let began = performance.now()
  return () => {
    if (performance.now() - began <= TURN) return undefined
    return yieldToEventLoop('answers').then(() => {
      began = performance.now()
    })
  }
}
