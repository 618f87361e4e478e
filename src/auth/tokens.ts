// Access tokens: their secrets, and the hashes by which they are found. A secret is shown once and never stored; with
// 256 random bits a plain SHA-256 is as good as a slow hash.

import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Instant } from '../instant.ts'
import type { AccessToken } from '../viewer.ts'

/** Scanners can recognise a leaked secret by this prefix. */
const PREFIX = 'ilg_'

export function newToken(
  given: Omit<AccessToken, 'id' | 'createdAt'>,
  createdAt: Instant,
  secret = `${PREFIX}${randomBytes(32).toString('base64url')}`,
) {
  return { token: { id: randomUUID(), createdAt, ...given }, secret, hash: hashSecret(secret) }
}

export function hashSecret(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest()
}

export function isExpired({ expiresAt }: Pick<AccessToken, 'expiresAt'>, now: Instant): boolean {
  return expiresAt !== null && expiresAt <= now
}

/**
 * For the rights of an issuer's subject. It contains NUL, which is not allowed in a header, so no secret has the same
 * hash.
 */
export function hashSubject(issuer: string, subject: string): Uint8Array {
  return hashSecret(`subject\0${issuer}\0${subject}`)
}

/** Without slashes at its end, which have no meaning. */
export function issuerName(address: string): string {
  return address.replace(/\/+$/, '')
}
