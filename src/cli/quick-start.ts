// The token for a start without configuration: an Owner of every Organization in the database. It is stored in a file
// beside the database that only its user can read, so that the next start prints the same link.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Audit } from '../audit-record.ts'
import { hashSecret, newToken } from '../auth/tokens.ts'
import { now } from '../instant.ts'
import { fileOf, isPostgres } from '../storage/database-address.ts'
import type { AuditStore } from '../store.ts'
import { changed } from './token-command.ts'

const NAME = 'quick start'

/**
 * The secret in the file if it is valid for every Organization; otherwise that of a new token, for example after a
 * revocation.
 */
export async function quickStartToken(
  store: AuditStore,
  database: string,
  audit: Audit,
): Promise<string> {
  const file = `${fileOf(database)}.token`
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  const found = await store.tokens.find(hashSecret(kept))
  const organizationIds = await store.organizationIds()
  const opens = new Set(found?.viewer.memberships.map(({ organizationId }) => organizationId))
  if (found !== null && organizationIds.every(id => opens.has(id))) return kept

  const grants = organizationIds.map(organizationId => ({
    organizationId,
    owner: true,
    permissionSets: [],
  }))
  const given = { name: NAME, grants, expiresAt: null }
  const { token, secret, hash } =
    found === null ? newToken(given, now()) : newToken(given, now(), kept)
  if (found !== null) {
    const old = (await store.tokens.list()).find(({ id }) => id === found.viewer.id)
    await store.tokens.revoke(found.viewer.id)
    if (old !== undefined) audit(changed('token_revoked', old, 'serve'))
  } else {
    // Removed first, because the mode only applies to a new file.
    rmSync(file, { force: true })
    writeFileSync(file, `${secret}\n`, { mode: 0o600 })
  }
  await store.tokens.create(token, hash)
  audit(changed('token_created', token, 'serve'))
  return secret
}

/** The ID of this token if it is the only one; `null` otherwise. */
export async function onlyQuickStart(store: AuditStore, database: string): Promise<string | null> {
  if (isPostgres(database)) return null
  const file = `${fileOf(database)}.token`
  const [only, ...others] = await store.tokens.list()
  if (only === undefined || others.length > 0 || !existsSync(file)) return null
  const found = await store.tokens.find(hashSecret(readFileSync(file, 'utf8').trim()))
  return found?.viewer.id === only.id ? only.id : null
}
