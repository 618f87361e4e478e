// The token for a start without configuration: an Owner of every Organization in the database. It is stored in a file
// beside the database that only its user can read, so that the next start prints the same link.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Audit } from '../audit-record.ts'
import { hashSecret, newToken } from '../auth/tokens.ts'
import { InputError } from '../errors.ts'
import { now } from '../instant.ts'
import { fileOf } from '../storage/database-address.ts'
import type { AuditStore } from '../store.ts'
import type { Config } from './config.ts'
import { changed } from './token-command.ts'

const NAME = 'quick start'

/** The file, and the secret in it; empty if there is no such file. */
function keptIn(database: string) {
  const file = `${fileOf(database)}.token`
  return { file, secret: existsSync(file) ? readFileSync(file, 'utf8').trim() : '' }
}

/**
 * The secret in the file if it is valid for every Organization; otherwise that of a new token, for example after a
 * revocation.
 */
export async function quickStartToken(
  store: AuditStore,
  database: string,
  audit: Audit,
): Promise<string> {
  const kept = keptIn(database)
  const found = await store.tokens.find(hashSecret(kept.secret))
  const organizationIds = await store.organizationIds()
  const opens = new Set(found?.viewer.memberships.map(({ organizationId }) => organizationId))
  if (found !== null && organizationIds.every(id => opens.has(id))) return kept.secret

  const grants = organizationIds.map(organizationId => ({
    organizationId,
    owner: true,
    permissionSets: [],
  }))
  const given = { name: NAME, grants, expiresAt: null }
  const { token, secret, hash } = newToken(given, now(), found === null ? undefined : kept.secret)
  if (found !== null) {
    const old = await store.tokens.revoke(found.viewer.id)
    if (old !== null) audit(changed('token_revoked', old, 'serve'))
  } else {
    // Removed first, because the mode only applies to a new file.
    rmSync(kept.file, { force: true })
    writeFileSync(kept.file, `${secret}\n`, { mode: 0o600 })
  }
  await store.tokens.create(token, hash)
  audit(changed('token_created', token, 'serve'))
  return secret
}

/** Refuses to listen for other machines while this token is the only one: it is only for use on this machine. */
export async function refuseQuickStart(
  { host, database, jwt, signIn }: Config,
  store: AuditStore,
): Promise<void> {
  const [only, ...others] = await store.tokens.list()
  if (jwt !== null || signIn !== null || only === undefined || others.length > 0) return
  const found = await store.tokens.find(hashSecret(keptIn(database).secret))
  if (found?.viewer.id !== only.id) return
  throw new InputError(
    `${host} can be reached from other machines, but the only token is the one that the first start created (${only.id}); create another with: iam-logs token create --organization ID --owner`,
  )
}
