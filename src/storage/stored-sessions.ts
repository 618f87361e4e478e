// Browser sessions, shared by all server processes and found by the hash of the cookie's secret.

import type { SessionStore } from '../store.ts'
import type { KeptSession } from '../viewer.ts'
import type { Database } from './database.ts'
import { and, desc, eq, inArray, lt } from './drizzle.ts'

/** The maximum number of sessions of one person: of several browsers, and those left without signing out. */
const MOST_OF_PERSON = 20

export function createSessions(db: Database): SessionStore {
  const { sessions } = db.dialect.tables
  const { hash, issuer, subject, checkAt, expiresAt } = sessions
  const is = (given: Uint8Array) => eq(hash, Buffer.from(given))

  return {
    async create(session, now) {
      const row = rowOf(session)
      await db.transaction(async ({ build }) => {
        await build(b => b.delete(sessions).where(lt(expiresAt, now)))
        const ofPerson = and(eq(issuer, row.issuer), eq(subject, row.subject))
        const own = await build(b =>
          b.select({ hash }).from(sessions).where(ofPerson).orderBy(desc(expiresAt)),
        )
        const tooMany = own.slice(MOST_OF_PERSON - 1).map(({ hash }) => hash)
        if (tooMany.length > 0) {
          await build(b => b.delete(sessions).where(inArray(hash, tooMany)))
        }
        await build(b => b.insert(sessions).values(row))
      })
    },

    async find(given) {
      const [row] = await db.build(b => b.select().from(sessions).where(is(given)))
      if (row === undefined) return null
      const { issuer, subject, person, ...rest } = row
      return { ...rest, person: { issuer, subject, ...JSON.parse(person) } }
    },

    async claim(session, until) {
      const which = and(is(session.hash), eq(checkAt, session.checkAt))
      const rows = await db.transaction(({ build }) =>
        build(b => b.update(sessions).set({ checkAt: until }).where(which).returning({ checkAt })),
      )
      return rows.length > 0
    },

    async update(session) {
      await db.transaction(({ build }) =>
        build(b => b.update(sessions).set(rowOf(session)).where(is(session.hash))),
      )
    },

    async end(given) {
      await db.transaction(({ build }) => build(b => b.delete(sessions).where(is(given))))
    },
  }
}

function rowOf({ hash, person: { issuer, subject, ...person }, ...rest }: KeptSession) {
  return { ...rest, hash: Buffer.from(hash), issuer, subject, person: JSON.stringify(person) }
}
