// Who asks: the holder of an access token, and its standing in each Organization. What that lets it see
// is for visibility.ts to say.

import type { Instant } from './instant.ts'

export interface Membership {
  readonly organizationId: string
  /** An Owner may see everything, whatever the permission sets. */
  readonly owner: boolean
  /** Scaleway's names, such as `IAMReadOnly`. Sets that say nothing about logs are harmless. */
  readonly permissionSets: readonly string[]
}

export interface Viewer {
  /** The ID of the token it came with; never the token. */
  readonly id: string
  readonly name: string | null
  /**
   * By which what it keeps here is its own: the digest of the token's secret, or of issuer and subject. The same
   * however often its rights are given anew; never told.
   */
  readonly account: string
  readonly memberships: readonly Membership[]
  /** Of a person whom an identity provider vouches for: the ID it knows them by. */
  readonly subject?: string
}

/** Somebody whom an identity provider (OpenID Connect) vouches for. */
export interface Person {
  readonly issuer: string
  /** The issuer's own ID of this person: `sub`. */
  readonly subject: string
  readonly name: string | null
  /** The groups the issuer says they are in. */
  readonly groups: readonly string[]
}

/** Rights in one Organization for one person, or for everyone in a group, as one issuer names them. */
export interface AccessGrant {
  readonly id: string
  readonly issuer: string
  readonly holder: { readonly kind: 'subject' | 'group'; readonly name: string }
  readonly membership: Membership
  readonly createdAt: Instant
}

/** What a token opens in one Organization: what it was given, or whatever this Scaleway principal may do there at the time. */
export type Grant = Membership | { readonly organizationId: string; readonly principalId: string }

/** An access token as it is kept: all but the secret, of which there is only a hash. */
export interface AccessToken {
  readonly id: string
  readonly name: string | null
  readonly grants: readonly Grant[]
  readonly createdAt: Instant
  /** From this instant on the token is refused; `null`: never. */
  readonly expiresAt: Instant | null
}

/** One for each Organization: an Owner by one grant is an Owner, and permission sets add up. */
export function addedUp(memberships: readonly Membership[]): Membership[] {
  const all = new Map<string, Membership>()
  for (const one of memberships) {
    const before = all.get(one.organizationId)
    all.set(one.organizationId, {
      organizationId: one.organizationId,
      owner: one.owner || before?.owner === true,
      permissionSets: [...new Set([...(before?.permissionSets ?? []), ...one.permissionSets])],
    })
  }
  return [...all.values()]
}

/** A session of a browser at rest. */
export interface KeptSession {
  readonly hash: Uint8Array
  readonly person: Person
  /** From this instant on the issuer is asked whether the person may still come. */
  readonly checkAt: Instant
  /** How long the issuer's last word holds; 0 where that has passed and the issuer did not answer. */
  readonly validUntil: Instant
  readonly expiresAt: Instant
  /** The issuer's tokens, encrypted: only the cookie's secret opens them. */
  readonly tokens: string
}
