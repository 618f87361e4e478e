// The row of an Organization, by which its writers take turns: whoever has locked it knows what was written before, and
// what it writes becomes visible before whatever comes next.

import type { Instant } from '../instant.ts'
import type { Dialect, OrganizationKey, Session } from './database.ts'
import { sql } from './drizzle.ts'

export interface Locked {
  readonly key: OrganizationKey
  /** The highest sequence number ever given. */
  readonly lastSequence: number
  /** The highest number ever given to a value. */
  readonly lastNumber: number
  readonly keptFrom: Instant | null
  readonly epoch: number
}

/** Until the transaction ends; made if it is not there. Of several, in the order of their IDs. */
export async function lockOrganization(
  session: Session,
  dialect: Dialect,
  id: string,
): Promise<Locked> {
  const which = dialect.keyIsId ? sql`o.key = ${id}` : sql`o.id = ${dialect.id(id)}`
  for (let isMade = false; ; isMade = true) {
    const [row] = await session.rows<[OrganizationKey, number, number, Instant | null, number]>(
      sql`SELECT o.key, o.last_sequence, o.last_number, o.kept_from, o.epoch FROM organizations o
        WHERE ${which} ${dialect.forUpdate}`,
    )
    if (row !== undefined) {
      const [key, lastSequence, lastNumber, keptFrom, epoch] = row
      return { key, lastSequence, lastNumber, keptFrom, epoch }
    }
    if (isMade) throw new Error(`Organization ${id} is not there`)
    await session.run(
      dialect.keyIsId
        ? sql`INSERT INTO organizations (key, id) VALUES (${id}, ${id}) ON CONFLICT DO NOTHING`
        : sql`INSERT INTO organizations (id) VALUES (${dialect.id(id)}) ON CONFLICT DO NOTHING`,
    )
  }
}
