// Access tokens: making a secret, and the hash by which it is found again. The secret is shown once and
// never kept; with 256 random bits a plain SHA-256 is as good as a slow hash.

import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Instant } from '../instant.ts'
import type { AccessToken, Grant } from '../viewer.ts'

/** The beginning of every secret, by which scanners can tell a leaked one. */
const PREFIX = 'ilg_'

export interface NewToken {
  readonly token: AccessToken
  readonly secret: string
  readonly hash: Uint8Array
}

export function newToken(
  given: {
    readonly name: string | null
    readonly grants: readonly Grant[]
    readonly expiresAt: Instant | null
  },
  createdAt: Instant,
  secret = `${PREFIX}${randomBytes(32).toString('base64url')}`,
): NewToken {
  return { token: { id: randomUUID(), createdAt, ...given }, secret, hash: hashSecret(secret) }
}

export function hashSecret(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest()
}

/** A token is valid up to that instant, excluded. */
export function isExpired({ expiresAt }: Pick<AccessToken, 'expiresAt'>, now: Instant): boolean {
  return expiresAt !== null && expiresAt <= now
}

/** By which the rights of an issuer's subject are found. No header can carry what is hashed here, so no secret is like it. */
export function hashSubject(issuer: string, subject: string): Uint8Array {
  return hashSecret(`subject\0${issuer}\0${subject}`)
}

/** An issuer's address as grants name it: with a slash at its end or without, it is the same. */
export function issuerName(address: string): string {
  return address.replace(/\/+$/, '')
}
