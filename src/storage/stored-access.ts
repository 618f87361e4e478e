// What lets people in: access tokens, access grants for those who sign in through an identity provider, and browser
// sessions, which all server processes share. Of tokens and sessions only the hash of the secret is stored.

import type { DirectoryKey } from '../principal.ts'
import type { AccessStore, SessionStore, TokenStore } from '../store.ts'
import { isKeepable } from '../text.ts'
import {
  type AccessGrant,
  addedUp,
  type Grant,
  type KeptSession,
  type Membership,
} from '../viewer.ts'
import type { Database } from './database.ts'
import { and, desc, eq, inArray, lt, or, sql } from './drizzle.ts'
import type { Tables } from './tables.ts'

/** `membershipOf` returns the current rights of a Scaleway principal. */
export function createTokens(
  db: Database,
  membershipOf: (principal: DirectoryKey) => Promise<Membership | null>,
): TokenStore {
  const { tokens } = db.dialect.tables
  const { id, name, createdAt, expiresAt, grants } = tokens
  const columns = { id, name, createdAt, expiresAt, grants }

  async function membership(grant: Grant): Promise<Membership | null> {
    if (!('principalId' in grant)) return grant
    return membershipOf({ organizationId: grant.organizationId, id: grant.principalId })
  }

  return {
    async create(token, hash) {
      const row = { ...token, grants: JSON.stringify(token.grants), hash: Buffer.from(hash) }
      await db.transaction(({ build }) => build(b => b.insert(tokens).values(row)))
    },

    async find(hash) {
      // Runs for each request, and a builder's query would take longer to build than to run.
      const [row] = await db.rows<
        [id: string, name: string | null, expiresAt: number | null, grants: string]
      >(
        sql`SELECT t.id, t.name, t.expires_at, t.grants FROM tokens t WHERE t.hash = ${Buffer.from(hash)}`,
      )
      if (row === undefined) return null
      const [id, name, expiresAt, grants] = row
      const memberships: Membership[] = []
      for (const grant of JSON.parse(grants) as Grant[]) {
        const one = await membership(grant)
        if (one !== null) memberships.push(one)
      }
      const account = Buffer.from(hash).toString('hex')
      return { viewer: { id, name, account, memberships }, expiresAt }
    },

    async list() {
      const rows = await db.build(b => b.select(columns).from(tokens).orderBy(createdAt, id))
      return rows.map(tokenFrom)
    },

    async revoke(given) {
      if (!isKeepable(given)) return null
      const rows = await db.transaction(({ build }) =>
        build(b => b.delete(tokens).where(eq(id, given)).returning(columns)),
      )
      return rows.map(tokenFrom)[0] ?? null
    },
  }
}

function tokenFrom<Row extends { readonly grants: string }>({ grants, ...row }: Row) {
  return { ...row, grants: JSON.parse(grants) as Grant[] }
}

export function createAccess(db: Database): AccessStore {
  const { accessGrants } = db.dialect.tables
  const { organization, id, issuer, kind, holder, membership, createdAt } = accessGrants

  return {
    async create({ holder, membership, ...grant }) {
      const row = {
        ...grant,
        organization: membership.organizationId,
        kind: holder.kind,
        holder: holder.name,
        membership: JSON.stringify(membership),
      }
      await db.transaction(({ build }) => build(b => b.insert(accessGrants).values(row)))
    },

    async membershipsOf(person) {
      const groups = person.groups.filter(isKeepable)
      const ofPerson = and(
        eq(issuer, person.issuer),
        or(
          and(eq(kind, 'subject'), eq(holder, person.subject)),
          and(eq(kind, 'group'), inArray(holder, groups)),
        ),
      )
      const rows = await db.build(b =>
        b
          .select({ membership })
          .from(accessGrants)
          .where(ofPerson)
          .orderBy(organization, createdAt, id),
      )
      return addedUp(rows.map(({ membership }) => JSON.parse(membership)))
    },

    async list() {
      const rows = await db.build(b =>
        b.select().from(accessGrants).orderBy(createdAt, organization, id),
      )
      return rows.map(grantFrom)
    },

    async revoke(given) {
      if (!isKeepable(given)) return null
      const rows = await db.transaction(({ build }) =>
        build(b => b.delete(accessGrants).where(eq(id, given)).returning()),
      )
      return rows.map(grantFrom)[0] ?? null
    },
  }
}

function grantFrom(row: Tables['accessGrants']['$inferSelect']): AccessGrant {
  const { id, issuer, kind, holder, membership, createdAt } = row
  return {
    ...{ id, issuer, createdAt },
    holder: { kind: kind === 'group' ? 'group' : 'subject', name: holder },
    membership: JSON.parse(membership),
  }
}

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
