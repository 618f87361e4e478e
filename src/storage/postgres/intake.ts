// Takes events into PostgreSQL: looks which are new, then writes all that belongs to them in one transaction whose
// statements are sent together, and so holds the Organization's lock for no longer than the server takes. What was
// looked up before the lock may have changed by then: then nothing is written, and it begins anew.

import type { ReadWindow } from '../../coverage.ts'
import { type Event, NIL_ID } from '../../event.ts'
import type { Instant } from '../../instant.ts'
import type { Appended } from '../../store.ts'
import { codeOf, firstRow, type PostgresDatabase, persistently, type Reads } from './database.ts'
import type { Partition, Partitions } from './partitions.ts'
import { beginSeals } from './seals.ts'
import { sql } from './sql.ts'
import {
  createValueNumbers,
  lockOrganizations,
  makeOrganizations,
  makeValues,
  VALUES,
} from './values.ts'
import { type Batch, noteRead, type Written, writeBatch } from './writes.ts'

export interface Intake {
  /** In one transaction. `forgotten` counts the directory entries that the events say were deleted. */
  take(
    events: readonly Event[],
    windows: readonly ReadWindow[],
    recordedAt: Instant,
  ): Promise<Appended & { readonly forgotten: number }>
}

/** Thrown to make, outside of any transaction, what it needs. */
class MissingPartitions extends Error {
  readonly partitions: readonly Partition[]

  constructor(partitions: readonly Partition[]) {
    super(`partitions to be made: ${partitions.map(({ name }) => name).join(', ')}`)
    this.partitions = partitions
  }
}

/** Thrown where retention came between the look and the lock. */
class Outdated extends Error {}

/** Of a row that fits no partition, as where retention has just dropped it. */
const NO_PARTITION = '23514'
/** Of an event that is known, or that another writer took in between the look and the lock. */
const TAKEN = '23505'
const MOST_TRIES = 7
/** From this try on, it is looked under the lock. */
const LOCKED_TRY = 4

export function createIntake(db: PostgresDatabase, partitions: Partitions): Intake {
  const numbers = createValueNumbers()
  /** The Organizations of whose last events none was known: of the next ones probably none is, and nobody asks. */
  const onlyNew = new Set<string>()

  /** What is new of an Organization's events, as it is written. */
  async function look(
    on: Reads,
    organization: string,
    events: readonly Event[],
  ): Promise<Omit<Batch, 'recordedAt'>> {
    const given = new Map<string, Event>()
    for (const event of events) if (!given.has(event.id)) given.set(event.id, event)
    const asked = onlyNew.has(organization) ? [] : [...given.keys()]
    const row = await firstRow<
      [epoch: number, keptFrom: number | null, isSealed: boolean, known: string[]]
    >(
      on,
      sql`SELECT o.epoch, o.kept_from,
          EXISTS (SELECT 1 FROM seals s WHERE s.organization = o.id), ARRAY(SELECT i.id FROM event_ids i
          WHERE i.organization = o.id AND i.id = ANY(${asked}::uuid[]))
        FROM organizations o WHERE o.id = ${organization}::uuid`,
    )
    const [epoch = 0, keptFrom = null, isSealed = false, known = []] = row ?? []
    for (const id of known) given.delete(id)
    if (known.length === 0 && given.size > 0) onlyNew.add(organization)
    const fresh = [...given.values()].filter(
      ({ createdAt }) => keptFrom === null || !(createdAt < keptFrom),
    )
    const missing = partitions.missing(fresh.map(({ createdAt }) => createdAt))
    if (missing.length > 0) throw new MissingPartitions(missing)
    const coded = VALUES.map(of => [of, numbers.code(organization, epoch, of, fresh)] as const)
    const values = Object.fromEntries(coded) as Batch['values']
    return { organization, isThere: row !== null, isSealed, epoch, events: fresh, values }
  }

  async function attempt(
    events: readonly Event[],
    windows: readonly ReadWindow[],
    takenInAt: Instant,
    isLocked: boolean,
  ) {
    const recordedAt = Math.floor(takenInAt / 1000) * 1000
    const own = Map.groupBy(events, ({ organizationId }) => organizationId)
    const windowed = windows.map(({ organizationId }) => organizationId)
    const ids = [...new Set([...own.keys(), ...windowed])].sort()

    async function lookAt(on: Reads): Promise<Batch[]> {
      const batches: Batch[] = []
      for (const id of ids) {
        batches.push({ ...(await look(on, id, own.get(id) ?? [])), recordedAt })
      }
      return batches
    }

    let batches: Batch[]
    let answers: unknown[][][]
    if (isLocked) {
      ;({ batches, answers } = await db.transaction(async session => {
        await session.run(makeOrganizations(ids))
        await session.rows(lockOrganizations(ids))
        const batches = await lookAt(session)
        const answers: unknown[][][] = []
        for (const statement of writes(batches)) answers.push(await session.rows(statement))
        return { batches, answers }
      }))
    } else {
      batches = await lookAt(db)
      if (windows.length === 0 && batches.every(({ events }) => events.length === 0)) {
        return { added: 0, known: events.length, forgotten: 0 }
      }
      answers = await db.together([
        ...(batches.every(({ isThere }) => isThere) ? [] : [makeOrganizations(ids)]),
        lockOrganizations(ids),
        ...writes(batches),
      ])
    }
    return settle(batches, answers)

    function writes(batches: readonly Batch[]) {
      const unchanged = sql`(SELECT count(*) FROM organizations o JOIN
        unnest(${ids}::uuid[], ${batches.map(({ epoch }) => epoch)}::int[]) x (id, epoch)
        ON o.id = x.id AND o.epoch = x.epoch) = ${batches.length}::bigint`
      const made = batches.flatMap(({ organization, values }) =>
        VALUES.flatMap(of => {
          const { unknown } = values[of]
          return unknown.length === 0 ? [] : [makeValues(organization, of, unknown, unchanged)]
        }),
      )
      const fresh = batches.filter(({ events }) => events.length > 0)
      return [
        ...made,
        ...windows.flatMap(window => noteRead(window, unchanged)),
        ...fresh.flatMap(({ organization, isSealed }) =>
          isSealed ? [] : [beginSeals(organization, unchanged)],
        ),
        ...fresh.map(batch => writeBatch(batch, unchanged)),
        sql`SELECT ${unchanged}`,
      ]
    }

    function settle(batches: readonly Batch[], answers: readonly unknown[][][]) {
      if (answers.at(-1)?.[0]?.[0] !== true) throw new Outdated()
      const fresh = batches.filter(({ events }) => events.length > 0)
      const written = answers.slice(-1 - fresh.length, -1).map(rows => rows[0] as Written)
      let [added, forgotten] = [0, 0]
      for (const [at, { organization, epoch, events, values }] of fresh.entries()) {
        const [gone, ...found] = written[at] ?? [0]
        VALUES.forEach((of, place) => {
          numbers.remember(organization, epoch, of, values[of].unknown, found[place] ?? [])
        })
        added += events.length
        forgotten += gone
      }
      return { added, known: events.length - added, forgotten }
    }
  }

  return {
    async take(given, windows, recordedAt) {
      const events = given.map(event =>
        event.principalId === '' ? { ...event, principalId: NIL_ID } : event,
      )
      for (let tries = 1; ; tries++) {
        try {
          return await persistently(() => attempt(events, windows, recordedAt, tries >= LOCKED_TRY))
        } catch (error) {
          if (error instanceof MissingPartitions) await partitions.make(error.partitions)
          else if (codeOf(error) === NO_PARTITION) await partitions.refresh()
          else if (codeOf(error) === TAKEN) onlyNew.clear()
          else if (!(error instanceof Outdated)) throw error
          if (tries === MOST_TRIES) throw error
        }
      }
    },
  }
}
