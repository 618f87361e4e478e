// Access grants for people who sign in through an identity provider. Each grant gives one person or one group a
// membership of one Organization.

import type { AccessStore } from '../store.ts'
import { isKeepable } from '../text.ts'
import { type AccessGrant, addedUp } from '../viewer.ts'
import type { Database } from './database.ts'
import { and, asc, eq, inArray, or } from './drizzle.ts'

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
      const order = [asc(organization), asc(createdAt), asc(id)]
      const rows = await db.build(b =>
        b
          .select({ membership })
          .from(accessGrants)
          .where(ofPerson)
          .orderBy(...order),
      )
      return addedUp(rows.map(({ membership }) => JSON.parse(membership)))
    },

    async list() {
      const order = [asc(createdAt), asc(organization), asc(id)]
      const rows = await db.build(b =>
        b
          .select()
          .from(accessGrants)
          .orderBy(...order),
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

interface Row extends Pick<AccessGrant, 'id' | 'issuer' | 'createdAt'> {
  readonly kind: string
  readonly holder: string
  readonly membership: string
}

function grantFrom({ id, issuer, kind, holder, membership, createdAt }: Row): AccessGrant {
  return {
    ...{ id, issuer, createdAt },
    holder: { kind: kind === 'group' ? 'group' : 'subject', name: holder },
    membership: JSON.parse(membership),
  }
}
