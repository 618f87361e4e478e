// The token of who configured nothing: an Owner's, for every Organization in the database, kept in a file
// beside it that only its user can read, so that a second start prints the same link.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { hashSecret, newToken } from '../auth/tokens.ts'
import { now } from '../instant.ts'
import { fileOf } from '../storage/open.ts'
import type { AuditStore } from '../store.ts'

const NAME = 'quick start'

/** The secret, made at the first call; `null` where it was revoked, which stays so while its file is there. */
export async function quickStartToken(store: AuditStore, database: string): Promise<string | null> {
  const organizationIds = await store.organizationIds()
  const file = `${fileOf(database)}.token`
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : null
  const found = kept === null ? null : await store.tokens.find(hashSecret(kept))
  if (kept !== null && found === null) return null
  const opens = new Set(found?.memberships.map(({ organizationId }) => organizationId))
  if (kept !== null && organizationIds.every(id => opens.has(id))) return kept

  const memberships = organizationIds.map(organizationId => ({
    organizationId,
    owner: true,
    permissionSets: [],
  }))
  const { token, secret, hash } = newToken(
    { name: NAME, memberships, expiresAt: null },
    now(),
    ...(kept === null ? [] : [kept]),
  )
  if (found !== null) await store.tokens.revoke(found.id)
  else writeFileSync(file, `${secret}\n`, { mode: 0o600 })
  await store.tokens.create(token, hash)
  return secret
}
