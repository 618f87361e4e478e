// The statements by which a batch of an Organization's new events is written: the events, their IDs with numbers of
// arrival, the tallies, what they say was deleted, and the wake-up for who follows the log. All hold only `where`.

import type { ReadWindow } from '../../coverage.ts'
import type { Event } from '../../event.ts'
import type { Instant } from '../../instant.ts'
import { LISTED_KINDS } from '../../principal.ts'
import { deleteNames } from './names.ts'
import { sealed } from './seals.ts'
import { constant, join, type Sql, sql } from './sql.ts'
import { type Coded, numbersOfTexts, VALUE_TABLE, VALUES, type ValueOf } from './values.ts'

/** Where it is told that events have arrived. */
export const ARRIVALS = 'iam_logs_arrivals'

/** What was new of one Organization when it was looked at. */
export interface Batch {
  readonly organization: string
  readonly isThere: boolean
  /** Whether it has a seal. */
  readonly isSealed: boolean
  readonly epoch: number
  /** In order of arrival, each ID once. */
  readonly events: readonly Event[]
  readonly values: Readonly<Record<ValueOf, Coded>>
  /** Whole milliseconds. */
  readonly recordedAt: Instant
}

/** How many directory entries were forgotten; then, for each of VALUES, the numbers of its unknown texts. */
export type Written = [forgotten: number, ...numbers: (readonly number[] | null)[]]

/**
 * After its values were made, and under the Organization's lock. Lists are unfolded beside SELECT, which is three
 * times as fast as in FROM; IDs are written in their order, so that what goes into one page of the index goes together.
 */
export function writeBatch(batch: Batch, where: Sql): Sql {
  const { organization, events, values, recordedAt } = batch
  const ours = sql`${organization}::uuid`
  const dates = events.map(({ createdAt }) => createdAt)
  const deleted = events.filter(
    ({ action, category }) =>
      action === 'deleted' && (LISTED_KINDS as readonly string[]).includes(category),
  )
  const found = VALUES.map(of => {
    const { unknown } = values[of]
    const numbers =
      unknown.length === 0 ? sql`SELECT NULL::int[]` : numbersOfTexts(organization, of, unknown)
    return sql`${foundIn(of)} (numbers) AS MATERIALIZED (${numbers})`
  })
  const number = (of: ValueOf, code: Sql) =>
    values[of].unknown.length === 0
      ? code
      : sql`CASE WHEN ${code} < 0 THEN (SELECT numbers FROM ${foundIn(of)})[-${code}] ELSE ${code} END`
  const [first, last] = rangeOf(dates)
  return sql`WITH ${join(found, ', ')},
    given AS NOT MATERIALIZED (
      SELECT ${events.map(({ id }) => id)}::uuid[] AS ids, ${dates}::bigint[] AS dates),
    written AS (
      INSERT INTO events (organization, id, created_at, recorded_at, kind, principal, user_agent,
        address, resource)
      SELECT ${ours}, x.id, x.created_at, ${recordedAt}::bigint,
        ${number('kind', constant('x.kind'))}, ${number('principal', constant('x.principal'))},
        ${number('userAgent', constant('x.user_agent'))}, ${number('address', constant('x.address'))},
        x.resource
      FROM (SELECT unnest(ids) AS id, unnest(dates) AS created_at,
        unnest(${values.kind.codes}::int[]) AS kind,
        unnest(${values.principal.codes}::int[]) AS principal,
        unnest(${values.userAgent.codes}::int[]) AS user_agent,
        unnest(${values.address.codes}::int[]) AS address,
        unnest(${events.map(({ resourceId }) => resourceId)}::text[]) AS resource FROM given) x
      WHERE ${where}),
    ids AS (
      INSERT INTO event_ids (organization, id, created_at, arrival)
      SELECT ${ours}, x.id, x.created_at, o.last_arrival + x.place
      FROM (SELECT unnest(ids) AS id, unnest(dates) AS created_at,
        generate_series(1, ${events.length}::int) AS place FROM given) x, organizations o
      WHERE o.id = ${ours} AND ${where}
      ORDER BY x.id),
    ${join(
      VALUES.map(of => tallied(ours, of, values[of].codes, dates, number, where)),
      ', ',
    )},
    total AS (
      UPDATE organizations SET events = events + ${events.length}::bigint,
        first_at = least(first_at, ${first}::bigint),
        last_at = greatest(last_at, ${last}::bigint),
        last_arrival = last_arrival + ${events.length}::bigint
      WHERE id = ${ours} AND ${where}),
    sealed AS (${sealed(batch, where)}),
    forgotten AS (
      DELETE FROM directory d
      USING unnest(${deleted.map(({ resourceId }) => resourceId)}::text[],
        ${deleted.map(({ category }) => category)}::text[],
        ${deleted.map(({ createdAt }) => createdAt)}::bigint[]) AS x (id, kind, deleted_at)
      WHERE d.organization = ${ours} AND d.id = x.id AND d.kind = x.kind
        AND (d.created_at IS NULL OR d.created_at <= x.deleted_at) AND ${where}
      RETURNING d.id),
    nameless AS (${deleteNames(organization, constant('forgotten'))})
    SELECT (SELECT count(*) FROM forgotten), ${join(
      VALUES.map(of => sql`(SELECT numbers FROM ${foundIn(of)})`),
      ', ',
    )}, pg_notify(${ARRIVALS}, '')`
}

/** The numbers of the texts a batch has no number for. */
function foundIn(of: ValueOf): Sql {
  return constant(`found_${of}`)
}

/** Adds to the tallies of one kind of value; part of a WITH. */
function tallied(
  organization: Sql,
  of: ValueOf,
  codes: readonly (number | null)[],
  dates: readonly Instant[],
  number: (of: ValueOf, code: Sql) => Sql,
  where: Sql,
): Sql {
  const due = new Map<number, { events: number; first: Instant; last: Instant }>()
  codes.forEach((code, at) => {
    const date = dates[at]
    if (code === null || date === undefined) return
    const owed = due.get(code)
    if (owed === undefined) {
      due.set(code, { events: 1, first: date, last: date })
      return
    }
    owed.events++
    if (date < owed.first) owed.first = date
    if (date > owed.last) owed.last = date
  })
  const all = [...due.values()]
  return sql`${constant(`of_${of}`)} AS (
    UPDATE ${VALUE_TABLE[of]} t SET events = t.events + x.events,
      first_at = least(t.first_at, x.first_at), last_at = greatest(t.last_at, x.last_at)
    FROM unnest(${[...due.keys()]}::int[], ${all.map(({ events }) => events)}::bigint[],
      ${all.map(({ first }) => first)}::bigint[], ${all.map(({ last }) => last)}::bigint[])
      AS x (code, events, first_at, last_at)
    WHERE t.organization = ${organization} AND t.number = ${number(of, constant('x.code'))}
      AND ${where})`
}

function rangeOf(dates: readonly Instant[]): [first: Instant, last: Instant] {
  let [first, last] = [dates[0] ?? 0, dates[0] ?? 0]
  for (const date of dates) {
    if (date < first) first = date
    if (date > last) last = date
  }
  return [first, last]
}

/** Notes a window as read, in place of those it overlaps. */
export function noteRead(window: ReadWindow, where: Sql): Sql[] {
  const { organizationId, from, until, events, readAt } = window
  return [
    sql`DELETE FROM read_windows WHERE organization = ${organizationId}::uuid
      AND "from" < ${until}::bigint AND until > ${from}::bigint AND ${where}`,
    sql`INSERT INTO read_windows (organization, "from", until, events, read_at)
      SELECT ${organizationId}::uuid, ${from}::bigint, ${until}::bigint, ${events}::bigint,
        ${readAt}::bigint WHERE ${where}`,
  ]
}
