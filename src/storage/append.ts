// Ingests events in one transaction: replaces repeated values by numbers, and updates totals, rollups and seals.

import type { ReadWindow } from '../coverage.ts'
import { type Event, NIL_ID } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { Appended } from '../store.ts'
import { isStoredAsBytes } from './codec.ts'
import type { Database, Given, Log, Session } from './database.ts'
import { type SQL, sql } from './drizzle.ts'
import { type Locked, lockOrganization } from './organizations.ts'
import { ALL_EVENTS, DAYS, type Periods, periodOf, QUARTERS } from './periods.ts'
import { firstHead, headOf, partsOf } from './seal.ts'
import { recordReadWindow } from './stored-coverage.ts'
import { forgetDeleted } from './update-directory.ts'
import { createNumberings, joined, type Numbering, VALUE_TABLE, type ValueOf } from './values.ts'

/** `erased`: whether directory entries were erased because an event reported their deletion. */
type Append = (
  events: readonly Event[],
  windows: readonly ReadWindow[],
  recordedAt: Instant,
) => Promise<Appended & { readonly erased: boolean }>

export function createAppend(db: Database, cacheSize?: number): Append {
  const { dialect } = db
  const begin = createNumberings(cacheSize)

  /**
   * Records the IDs of the events that are not stored yet, and returns these events; if several have the same ID, the
   * first.
   */
  async function noteNew(
    { db, organization, lastSequence }: Locked,
    kept: readonly Event[],
  ): Promise<readonly Event[]> {
    const note = (events: readonly Event[]) => {
      return dialect.intake.noteIds(db, organization, events, lastSequence + 1)
    }
    if (kept.length === 0 || (await note(kept))) return kept
    const ids = [...new Set(kept.map(({ id }) => id))]
    const rows = await db.rows<[id: unknown]>(
      sql`SELECT i.id FROM ${dialect.ids(organization)} WHERE ${dialect.isIn('event-id', sql`i.id`, ids)}`,
    )
    const known = new Set(rows.map(([id]) => dialect.idFrom(id)))
    const fresh = kept.filter(({ id }) => !known.has(id) && known.add(id))
    if (fresh.length > 0 && !(await note(fresh))) {
      throw new Error('an event ID was rejected as known, but was not found')
    }
    return fresh
  }

  return async (given, windows, at) => {
    // Instants are in microseconds; the clock has a resolution of milliseconds.
    const recordedAt = Math.floor(at / 1000) * 1000
    given.forEach(refuseUnkeepable)
    const events = Map.groupBy(given, ({ organizationId }) => organizationId)
    const read = Map.groupBy(windows, ({ organizationId }) => organizationId)
    const ids = [...new Set([...events.keys(), ...read.keys()])].sort()
    for (const id of ids) {
      if (!isStoredAsBytes(id)) throw new TypeError(`an Organization's ID is a UUID, not ${id}`)
    }
    const done = await db.transaction(async session => {
      const numberings: Numbering[] = []
      let [added, expired, forgotten] = [0, 0, 0]
      for (const id of ids) {
        const locked = await lockOrganization(session, id)
        const all = events.get(id) ?? []
        const { keptFrom } = locked
        const kept = keptFrom === null ? all : all.filter(event => event.createdAt >= keptFrom)
        expired += all.length - kept.length
        const fresh = await noteNew(locked, kept)
        if (fresh.length > 0) {
          const numbering = begin(locked)
          await write(locked, numbering, fresh, recordedAt)
          forgotten += await forgetDeleted(locked, fresh)
          numberings.push(numbering)
          added += fresh.length
        }
        for (const window of read.get(id) ?? []) {
          await recordReadWindow(locked, window)
        }
      }
      if (forgotten > 0) await dialect.rewriteDirectory(session)
      if (added > 0) await dialect.intake.wake(session)
      return { numberings, added, expired, erased: forgotten > 0 }
    })
    for (const numbering of done.numberings) numbering.keep()
    const { added, expired, erased } = done
    return { added, known: given.length - added - expired, expired, erased }
  }
}

function refuseUnkeepable({ id, createdAt }: Event): void {
  if (!isStoredAsBytes(id)) throw new TypeError(`an event's ID is a UUID, not ${id}`)
  if (!Number.isSafeInteger(createdAt)) {
    throw new TypeError(`an event's date is a whole number, not ${createdAt}`)
  }
}

/** Writes new events of an Organization, given in order of arrival. */
async function write(
  log: Locked,
  numbering: Numbering,
  events: readonly Event[],
  recordedAt: Instant,
): Promise<void> {
  const { db, dialect, organization, lastSequence } = log
  const first = lastSequence + 1
  const last = lastSequence + events.length
  const dates = events.map(({ createdAt }) => createdAt)
  await dialect.intake.prepareFor(dates)

  const numbered = async (of: ValueOf, listed: Listed): Promise<NumberedList> => {
    return { ...listed, numbers: await numbering.find(of, listed.values) }
  }
  const read = (of: ValueOf, value: (event: Event) => string | null) =>
    numbered(of, listOf(events, value))
  const actions = listOf(events, event => event.action)
  const categories = listOf(events, event => event.category)
  const kindTexts = combined([actions, categories], ([action = 0, category = 0]) =>
    joined(actions.values[action] ?? '', categories.values[category] ?? ''),
  )
  const [kinds, principals, userAgents, addresses, resources] = await allOf([
    numbered('kind', kindTexts),
    read('principal', event => event.principalId || NIL_ID),
    read('userAgent', event => event.userAgent),
    read('address', event => event.ipAddress),
    read('resource', event => event.resourceId),
  ])
  const parts = [principals, userAgents, kinds]
  const series = await numbered(
    'series',
    combined(parts, places =>
      joined(...parts.map(({ numbers }, at) => numbers[places[at] ?? -1] ?? 0)),
    ),
  )

  const lists = { kind: kinds, principal: principals, userAgent: userAgents, address: addresses }
  const firstAt = dates.reduce((first, date) => Math.min(first, date))
  const lastAt = dates.reduce((last, date) => Math.max(last, date))
  // Sent without waiting for one another, which saves round trips to a server.
  await allOf([
    dialect.intake.insertRows(db, 'events', organization, [
      { name: 'sequence', as: 'number', values: events.map((_, place) => first + place) },
      { name: 'created_at', as: 'number', values: dates },
      { name: 'id', as: 'event-id', values: events.map(event => event.id) },
      { name: 'series', as: 'number', values: numbersOf(series) },
      { name: 'resource', as: 'number', values: numbersOf(resources) },
      { name: 'address', as: 'number', values: numbersOf(addresses) },
      { name: 'kind', as: 'number', values: numbersOf(kinds) },
      { name: 'recorded_ms', as: 'number', values: events.map(() => recordedAt / 1000) },
    ]),
    ...Object.entries({ ...lists, series }).map(([of, list]) =>
      addTotals(log, VALUE_TABLE[of as ValueOf], list, dates),
    ),
    addCounts(log, QUARTERS, series, dates),
    addCounts(log, QUARTERS, kinds, dates, ALL_EVENTS),
    addCounts(log, DAYS, kinds, dates),
    addCounts(log, DAYS, principals, dates),
    seal(log, events, recordedAt),
    db.run(
      sql`UPDATE organizations AS t SET events = t.events + ${events.length},
        ${widened(sql`${firstAt}`, sql`${lastAt}`)}, last_sequence = ${last},
        last_number = ${numbering.lastNumber()} WHERE t.key = ${organization}`,
    ),
  ])
}

/** Like `Promise.all`, but rejects only when all have settled. */
async function allOf<T extends readonly unknown[]>(
  work: {
    readonly [K in keyof T]: Promise<T[K]>
  },
): Promise<T> {
  await Promise.allSettled(work)
  return Promise.all(work) as Promise<unknown> as Promise<T>
}

/** The distinct values of events; `places` has the index of each event's value in `values`, -1 for none. */
interface Listed {
  readonly values: readonly string[]
  readonly places: Int32Array
}

interface NumberedList extends Listed {
  readonly numbers: readonly number[]
}

/** UTF-8 cannot encode lone surrogates: texts that are equal once these are replaced count as one value. */
function listOf(events: readonly Event[], read: (event: Event) => string | null): Listed {
  const known = new Map<string, number>()
  const values: string[] = []
  const places = new Int32Array(events.length)
  function note(value: string): number {
    const kept = value.toWellFormed()
    const place = known.get(kept) ?? values.push(kept) - 1
    known.set(kept, place).set(value, place)
    return place
  }
  for (let at = 0; at < events.length; at++) {
    const value = read(events[at] as Event)
    places[at] = value === null ? -1 : (known.get(value) ?? note(value))
  }
  return { values, places }
}

/** The distinct combinations of the lists' values: `write` makes the text of one from its index in each list. */
function combined(lists: readonly Listed[], write: (places: readonly number[]) => string): Listed {
  const known = new Map<number, number>()
  const values: string[] = []
  const places = new Int32Array(lists[0]?.places.length ?? 0)
  for (let at = 0; at < places.length; at++) {
    let name = 0
    for (const { values, places } of lists) {
      name = name * (values.length + 1) + (places[at] as number) + 1
    }
    let place = known.get(name)
    if (place === undefined) {
      place = values.push(write(lists.map(({ places }) => places[at] as number))) - 1
      known.set(name, place)
    }
    places[at] = place
  }
  return { values, places }
}

/** The number of each event's value; 0 for none. */
function numbersOf({ places, numbers }: NumberedList): number[] {
  const found: number[] = []
  for (let at = 0; at < places.length; at++) found.push(numbers[places[at] as number] ?? 0)
  return found
}

/** Updates the number of events with each value, and the dates of the first and last of them. */
async function addTotals(
  { db, dialect, organization }: Log<Session>,
  table: string,
  { places, numbers }: NumberedList,
  dates: readonly Instant[],
): Promise<void> {
  if (numbers.length === 0) return
  const events = numbers.map(() => 0)
  const firstAt = numbers.map(() => Number.MAX_SAFE_INTEGER)
  const lastAt = numbers.map(() => Number.MIN_SAFE_INTEGER)
  for (let at = 0; at < places.length; at++) {
    const place = places[at] as number
    if (place < 0) continue
    const date = dates[at] as Instant
    events[place] = (events[place] as number) + 1
    if (date < (firstAt[place] as number)) firstAt[place] = date
    if (date > (lastAt[place] as number)) lastAt[place] = date
  }
  const columns: Given[] = [
    { name: 'number', as: 'number', values: numbers },
    { name: 'events', as: 'number', values: events },
    { name: 'first_at', as: 'number', values: firstAt },
    { name: 'last_at', as: 'number', values: lastAt },
  ]
  await dialect.intake.updateRows(
    db,
    table,
    organization,
    columns,
    given =>
      sql`events = t.events + ${given('events')}, ${widened(given('first_at'), given('last_at'))}`,
  )
}

/** SET clauses that widen the dates of a total `t`. The dates of a total without events have no meaning. */
function widened(firstAt: SQL, lastAt: SQL): SQL {
  return sql`first_at = CASE WHEN t.events = 0 OR t.first_at > ${firstAt} THEN ${firstAt} ELSE t.first_at END,
    last_at = CASE WHEN t.events = 0 OR t.last_at < ${lastAt} THEN ${lastAt} ELSE t.last_at END`
}

/** More than all possible periods, so that an index and a period fit into one number. */
const MOST_PERIODS = 2 ** 25

/** Adds to the number of events of each value in each period, and, if `all` is given, of all events as that number. */
async function addCounts(
  { db, dialect, organization }: Log<Session>,
  periods: Periods,
  { places, numbers }: NumberedList,
  dates: readonly Instant[],
  all?: number,
): Promise<void> {
  const cells = new Float64Array(all === undefined ? places.length : 2 * places.length)
  for (let at = 0; at < places.length; at++) {
    const period = periodOf(dates[at] as Instant, periods) + MOST_PERIODS / 2
    cells[at] = (places[at] as number) * MOST_PERIODS + period
    if (all !== undefined) cells[places.length + at] = numbers.length * MOST_PERIODS + period
  }
  cells.sort()
  const owners: number[] = []
  const found: number[] = []
  const events: number[] = []
  for (let from = 0; from < cells.length; ) {
    const cell = cells[from] as number
    let until = from + 1
    while (cells[until] === cell) until++
    owners.push(numbers[Math.floor(cell / MOST_PERIODS)] ?? all ?? 0)
    found.push((cell % MOST_PERIODS) - MOST_PERIODS / 2)
    events.push(until - from)
    from = until
  }
  await dialect.intake.insertRows(
    db,
    periods.table,
    organization,
    [
      { name: 'number', as: 'number', values: owners },
      { name: 'period', as: 'number', values: found },
      { name: 'events', as: 'number', values: events },
    ],
    sql`ON CONFLICT (organization, number, period)
      DO UPDATE SET events = ${sql.raw(periods.table)}.events + excluded.events`,
  )
}

/** Appends a seal over these events, chained to the last seal, if there is one. */
async function seal(
  { db, dialect, organization, organizationId, lastSequence }: Locked,
  events: readonly Event[],
  recordedAt: Instant,
): Promise<void> {
  const [last] = await db.rows<[events: number, head: Buffer]>(
    sql`SELECT s.events, s.head FROM seals s WHERE s.organization = ${organization}
      ORDER BY s.sequence DESC LIMIT 1`,
  )
  const [before, head] = last ?? [0, firstHead(organizationId)]
  const sealed = { events: before + events.length, recordedAt, parts: partsOf(events) }
  await dialect.intake.insertRows(db, 'seals', organization, [
    { name: 'sequence', as: 'number', values: [lastSequence + events.length] },
    { name: 'events', as: 'number', values: [sealed.events] },
    { name: 'recorded_at', as: 'number', values: [recordedAt] },
    { name: 'parts', as: 'bytes', values: [sealed.parts] },
    { name: 'head', as: 'bytes', values: [headOf(head, sealed)] },
  ])
}
