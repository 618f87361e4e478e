// How many events share a row of what repeats, and the dates of the first and last of them: what the events of
// a batch add to that.

import type { Instant } from '../../instant.ts'
import type { SqliteDatabase } from './database.ts'
import type { EventBatch } from './event-batch.ts'

/** Of each thing in a list of a batch, by its place. */
export interface Due {
  readonly events: Uint32Array
  readonly firstAt: Float64Array
  readonly lastAt: Float64Array
}

export interface DueTallies {
  readonly organizations: Due
  readonly principals: Due
  readonly userAgents: Due
  readonly addresses: Due
  readonly kinds: Due
  readonly trails: Due
}

/** Of the events at these places. */
export function talliesOf(batch: EventBatch, places: Uint32Array): DueTallies {
  const due: DueTallies = {
    organizations: dueOf(batch.organizations),
    principals: dueOf(batch.principals.name),
    userAgents: dueOf(batch.userAgents.name),
    addresses: dueOf(batch.addresses.name),
    kinds: dueOf(batch.kinds.action),
    trails: dueOf(batch.trails.kind),
  }
  const { trail, address, createdAt } = batch
  for (const place of places) {
    const at = createdAt[place] as Instant
    const number = address[place] as number
    count(due.trails, trail[place] as number, 1, at, at)
    if (number > 0) count(due.addresses, number - 1, 1, at, at)
  }
  const { principal, userAgent, kind } = batch.trails
  for (const [trail, events] of due.trails.events.entries()) {
    if (events === 0) continue
    const from = due.trails.firstAt[trail] as Instant
    const until = due.trails.lastAt[trail] as Instant
    const actor = principal[trail] as number
    const agent = userAgent[trail] as number
    count(due.principals, actor, events, from, until)
    count(due.kinds, kind[trail] as number, events, from, until)
    count(due.organizations, batch.principals.organization[actor] as number, events, from, until)
    if (agent > 0) count(due.userAgents, agent - 1, events, from, until)
  }
  return due
}

function dueOf({ length }: { readonly length: number }): Due {
  return {
    events: new Uint32Array(length),
    firstAt: new Float64Array(length).fill(Number.POSITIVE_INFINITY),
    lastAt: new Float64Array(length).fill(Number.NEGATIVE_INFINITY),
  }
}

function count(due: Due, place: number, events: number, from: Instant, until: Instant): void {
  ;(due.events[place] as number) += events
  if (from < (due.firstAt[place] as number)) due.firstAt[place] = from
  if (until > (due.lastAt[place] as number)) due.lastAt[place] = until
}

/** Adds to the rows of a table with keys. Within the transaction of the events. */
export function keepTallies(
  db: SqliteDatabase,
  table: 'organizations' | 'principals' | 'user_agents' | 'addresses' | 'trails',
  { events, firstAt, lastAt }: Due,
  keys: readonly number[],
): void {
  const text = `UPDATE OR FAIL ${table} SET first_at = iif(events = 0, ?, min(first_at, ?)),
    last_at = iif(events = 0, ?, max(last_at, ?)), events = events + ? WHERE key = ?`
  for (const [place, key] of keys.entries()) {
    const more = events[place] ?? 0
    const [from = 0, until = 0] = [firstAt[place], lastAt[place]]
    if (more > 0) db.run(text, from, from, until, until, more, key)
  }
}

/** The same of kinds, which have no keys but their own words. */
export function keepKinds(
  db: SqliteDatabase,
  { organization, action, category }: EventBatch['kinds'],
  { events, firstAt, lastAt }: Due,
  organizationKeys: readonly number[],
): void {
  for (const [place, more] of events.entries()) {
    if (more === 0) continue
    db.run(
      `INSERT INTO kinds (organization, action, category, events, first_at, last_at)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET first_at = min(first_at, excluded.first_at),
          last_at = max(last_at, excluded.last_at), events = events + excluded.events`,
      organizationKeys[organization[place] ?? 0] ?? 0,
      action[place] ?? '',
      category[place] ?? '',
      more,
      firstAt[place] ?? 0,
      lastAt[place] ?? 0,
    )
  }
}
