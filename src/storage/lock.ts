// Locks the row of an Organization, so that its writers take turns: the holder of the lock sees everything that was
// written before, and its own writes become visible before those of the next.

import type { Instant } from '../instant.ts'
import { encodeId } from './codec.ts'
import { type Log, logOf, type OrganizationKey, type Session } from './database.ts'
import { sql } from './drizzle.ts'

export interface Locked extends Log<Session> {
  /** The highest sequence number ever assigned to an event. */
  readonly lastSequence: number
  /** The highest number ever assigned to a value. */
  readonly lastNumber: number
  readonly keptFrom: Instant | null
  readonly epoch: number
}

/**
 * Locks until the transaction ends. Creates a missing Organization. To avoid deadlocks, lock several in order of ID.
 */
export async function lockOrganization(session: Session, id: string): Promise<Locked> {
  const { keyIsId, intake } = session.dialect
  const [column, value] = keyIsId ? [sql`o.key`, id] : [sql`o.id`, encodeId(id)]
  for (let isMade = false; ; isMade = true) {
    const [row] = await session.prepared<[OrganizationKey, number, number, Instant | null, number]>(
      'lock',
      () => sql`SELECT o.key, o.last_sequence, o.last_number, o.kept_from, o.epoch FROM organizations o
        WHERE ${column} = ${sql.placeholder('id')} ${intake.forUpdate}`,
      { id: value },
    )
    if (row !== undefined) {
      const [key, lastSequence, lastNumber, keptFrom, epoch] = row
      return { ...logOf(session, key, id), lastSequence, lastNumber, keptFrom, epoch }
    }
    if (isMade) throw new Error(`Organization ${id} is not there`)
    await session.run(
      keyIsId
        ? sql`INSERT INTO organizations (key, id) VALUES (${id}, ${id}) ON CONFLICT DO NOTHING`
        : sql`INSERT INTO organizations (id) VALUES (${value}) ON CONFLICT DO NOTHING`,
    )
  }
}
