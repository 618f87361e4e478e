// Finds every fault in what the PostgreSQL store keeps twice: tallies, and IDs beside events. Damage to the
// files themselves is for PostgreSQL's own checksums and pg_amcheck to find.

import type { PostgresDatabase, Session } from './database.ts'
import { falseNames } from './names.ts'
import { constant, sql } from './sql.ts'
import { VALUE_TABLE, VALUES } from './values.ts'

export function findFaults(db: PostgresDatabase): Promise<string[]> {
  return db.transaction(
    async session => {
      await session.run(sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY`)
      return [
        ...(await falseTallies(session)),
        ...(await falseIds(session)),
        ...(await falseNames(session)),
      ]
    },
    { patient: true },
  )
}

async function falseTallies(session: Session): Promise<string[]> {
  const faults: string[] = []
  const organizations = await session.rows<[id: string, said: number, found: number]>(
    sql`SELECT o.id, o.events, coalesce(e.events, 0) FROM organizations o
      LEFT JOIN (SELECT organization, count(*) AS events, min(created_at) AS first_at,
        max(created_at) AS last_at FROM events GROUP BY organization) e ON e.organization = o.id
      WHERE (o.events, o.first_at, o.last_at) IS DISTINCT FROM
        (coalesce(e.events, 0), e.first_at, e.last_at)`,
  )
  for (const [id, said, found] of organizations) {
    faults.push(
      `Organization ${id}: said to have ${said} events, but there are ${found}, or other dates`,
    )
  }
  for (const of of VALUES) {
    const table = VALUE_TABLE[of]
    const column = constant(of === 'userAgent' ? 'user_agent' : of)
    const rows = await session.rows<
      [organization: string, number: number, said: number, found: number]
    >(
      sql`SELECT coalesce(t.organization, e.organization), coalesce(t.number, e.number),
          coalesce(t.events, 0), coalesce(e.events, 0)
        FROM ${table} t FULL JOIN (SELECT organization, ${column} AS number, count(*) AS events,
          min(created_at) AS first_at, max(created_at) AS last_at
          FROM events WHERE ${column} IS NOT NULL GROUP BY 1, 2) e
          ON e.organization = t.organization AND e.number = t.number
        WHERE t.events IS DISTINCT FROM e.events OR t.first_at > e.first_at OR t.last_at < e.last_at`,
    )
    for (const [organization, number, said, found] of rows) {
      faults.push(
        `${table.texts[0]} ${number} of Organization ${organization}: said to have ${said} events, but there are ${found}, or other dates`,
      )
    }
  }
  return faults
}

async function falseIds(session: Session): Promise<string[]> {
  const rows = await session.rows<[organization: string, id: string, isEvent: boolean]>(
    sql`SELECT coalesce(e.organization, i.organization), coalesce(e.id, i.id), e.id IS NOT NULL
      FROM events e FULL JOIN event_ids i
        ON i.organization = e.organization AND i.id = e.id AND i.created_at = e.created_at
      WHERE e.id IS NULL OR i.id IS NULL`,
  )
  const numbers = await session.rows<[id: string]>(
    sql`SELECT o.id FROM organizations o WHERE o.last_arrival <
      (SELECT max(arrival) FROM event_ids i WHERE i.organization = o.id)`,
  )
  return [
    ...rows.map(([organization, id, isEvent]) => {
      const fault = isEvent ? 'is not found by its ID' : 'has an ID and nothing else'
      return `event ${id} of Organization ${organization} ${fault}`
    }),
    ...numbers.map(([id]) => `Organization ${id}: arrival numbers were given twice`),
  ]
}
