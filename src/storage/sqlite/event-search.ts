// Long searches: for events that hardly ever have all that a filter asks for. They are done in turns, from one end
// of the dates to the other, and in each turn only so many events are looked at: nobody else waits long, however
// many there are. All turns see one state of the log, as events only ever come: those that came later are left out.

import type { EventFilter } from '../../event.ts'
import { instantOf } from '../codec.ts'
import type { SqliteDatabase } from './database.ts'
import {
  conditionsOf,
  hasArrivedBy,
  join,
  NO_CONDITIONS,
  type Range,
  type Sql,
  THINGS,
  type Thing,
  testOf,
  walk,
  withKeys,
} from './event-query.ts'
import {
  type Dated,
  type KeyTally,
  keyTallies,
  max,
  min,
  narrowed,
  tallyWhole,
} from './event-tallies.ts'
import { inTurns } from './turns.ts'

/** So many events are looked at in one statement; that takes a few milliseconds. */
const AT_ONCE = 2000

/** So many where an index alone tells that they match. */
const AT_ONCE_BY_INDEX = 20_000

/** With more keys than these, an event is tested by what its own key stands for. */
const MOST_TESTED = 1000

/**
 * The arrival numbers of the first `most` events of the range that match, from its newest or its oldest end, of those
 * up to an arrival number unless it is null.
 */
export async function findInTurns(
  db: SqliteDatabase,
  organization: number,
  filter: EventFilter,
  range: Range,
  newestFirst: boolean,
  arrivedBy: number | null,
  most: number,
): Promise<number[]> {
  const found: number[] = []
  const order = `ORDER BY position ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?`
  await inTurns(matches(db, organization, filter, range, newestFirst, arrivedBy), part => {
    if (part === null) return true
    const rows = db.rows<[number]>({
      text: `SELECT arrival FROM (${part.text} ${order})`,
      values: [...part.values, most - found.length],
    })
    for (const [arrival] of rows) found.push(arrival)
    return found.length < most
  })
  return found
}

/** How many events of the range match, exactly. */
export async function countInTurns(
  db: SqliteDatabase,
  organization: number,
  filter: EventFilter,
  range: Range,
): Promise<number> {
  let count = 0
  await inTurns(matches(db, organization, filter, range, true, null), part => {
    if (part !== null) count += countOf(db, part)
    return true
  })
  return count
}

/** The entries that match, of one stretch of the range after the other; `null` for a stretch without any. */
function* matches(
  db: SqliteDatabase,
  organization: number,
  filter: EventFilter,
  asked: Range,
  newestFirst: boolean,
  arrivedBy: number | null,
): Generator<Sql | null> {
  const conditions = conditionsOf(organization, filter)
  const things = THINGS.filter(thing => conditions[thing] !== null)
  // In one transaction, so that all is of one state of the log.
  const { last, whole, keys } = db.client
    .transaction(() => ({
      last: db.row<[number]>({ text: 'SELECT max(arrival) FROM events', values: [] })?.[0] ?? 0,
      whole: tallyWhole(db, organization),
      keys: new Map(things.map(thing => [thing, keyTallies(db, conditions, thing)])),
    }))
    .deferred()
  const totals = new Map([...keys].map(([thing, tallies]) => [thing, tallies && sum(tallies)]))
  const { by, total } = least(whole, totals)
  if (total.events === 0) return
  const tested = things.filter(thing => thing !== by)
  const most = tested.length === 0 ? AT_ONCE_BY_INDEX : AT_ONCE

  /** What is to be looked at in a stretch, and how it is tested; `null` where nothing can match. */
  function lookAt(stretch: Range): { found: Sql; tests: Sql } | null {
    const here = new Map<Thing, readonly number[] | null>()
    for (const [thing, tallies] of keys) {
      const own = tallies === null ? null : keysWithin(tallies, stretch)
      if (own?.length === 0) return null
      here.set(thing, own)
    }
    const found =
      by === null
        ? walk(organization, NO_CONDITIONS, stretch)
        : withKeys(by, here.get(by) ?? [], stretch)
    const tests = tested.map(thing => {
      const own = here.get(thing) ?? null
      return testOf(conditions, thing, own !== null && own.length > MOST_TESTED ? null : own)
    })
    // Of one state of the log also in the turns that follow. What came later is looked at, and may be much.
    const known = hasArrivedBy(Math.min(last, arrivedBy ?? last))
    return { found, tests: join([known, ...tests], '') }
  }

  let { low, high } = narrowed(asked, [whole, ...totals.values()].filter(isThere))
  let width = ((high - low) * BigInt(most)) / BigInt(2 * Math.max(total.events, most))
  while (low <= high) {
    const stretch = newestFirst
      ? { low: max(low, high - width), high }
      : { low, high: min(high, low + width) }
    const look = lookAt(stretch)
    const count = look === null ? 0 : countOf(db, look.found, most + 1)
    if (count > most && width > 0n) {
      width /= 2n
      continue
    }
    yield look === null || count === 0 ? null : join([look.found, look.tests], '')
    if (newestFirst) high = stretch.low - 1n
    else low = stretch.high + 1n
    if (count < most / 2) width = width * (count < most / 8 ? 8n : 2n) + 1n
  }
}

function sum(tallies: readonly KeyTally[]): Dated {
  const none = { events: 0, firstAt: Number.MAX_SAFE_INTEGER, lastAt: Number.MIN_SAFE_INTEGER }
  return tallies.reduce<Dated>(
    (sum, { events, firstAt, lastAt }) => ({
      events: sum.events + events,
      firstAt: Math.min(sum.firstAt, firstAt),
      lastAt: Math.max(sum.lastAt, lastAt),
    }),
    none,
  )
}

/** The thing with the fewest events, of those whose keys are at hand; `null`: all events of the Organization. */
function least(whole: Dated, totals: ReadonlyMap<Thing, Dated | null>) {
  let found: { by: Thing | null; total: Dated } = { by: null, total: whole }
  for (const [by, total] of totals) {
    if (total !== null && total.events < found.total.events) found = { by, total }
  }
  return found
}

function keysWithin(tallies: readonly KeyTally[], { low, high }: Range): number[] {
  const [from, until] = [Number(instantOf(low)), Number(instantOf(high))]
  return tallies
    .filter(({ firstAt, lastAt }) => lastAt >= from && firstAt <= until)
    .map(({ key }) => key)
}

/** How many entries there are, counted up to `most`. */
function countOf(db: SqliteDatabase, { text, values }: Sql, most = -1): number {
  const counted = `SELECT count(*) FROM (SELECT 1 FROM (${text}) LIMIT ?)`
  return db.row<[number]>({ text: counted, values: [...values, most] })?.[0] ?? 0
}

function isThere<T>(value: T | null): value is T {
  return value !== null
}
