// The viewer of a request, and its rights in each Organization. visibility.ts decides what they allow to see.

import type { Instant } from './instant.ts'

export interface Membership {
  readonly organizationId: string
  /** An Owner may see everything, whatever the permission sets. */
  readonly owner: boolean
  /** Scaleway's names, such as `IAMReadOnly`. Unknown sets have no effect. */
  readonly permissionSets: readonly string[]
}

export interface Viewer {
  /** The ID of the access token, never the token itself. */
  readonly id: string
  readonly name: string | null
  /**
   * Identifies the owner of saved views: the digest of the token's secret, or of issuer and subject. It stays the
   * same when rights change, and is never shown.
   */
  readonly account: string
  readonly memberships: readonly Membership[]
  /** The identity provider's ID of a person; only with one. */
  readonly subject?: string
}

/** A person identified by an identity provider (OpenID Connect). */
export interface Person {
  readonly issuer: string
  /** The issuer's own ID of this person: `sub`. */
  readonly subject: string
  readonly name: string | null
  /** Their groups according to the issuer. */
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

/**
 * The rights of a token in one Organization: fixed ones, or those of a Scaleway principal at the time of the request.
 */
export type Grant = Membership | { readonly organizationId: string; readonly principalId: string }

/** A stored access token, without its secret. */
export interface AccessToken {
  readonly id: string
  readonly name: string | null
  readonly grants: readonly Grant[]
  readonly createdAt: Instant
  /** Not valid from this instant; `null`: does not expire. */
  readonly expiresAt: Instant | null
}

/** Merges memberships to one for each Organization: Owner if any of them is, with all their permission sets. */
export function addedUp(memberships: readonly Membership[]): Membership[] {
  const all = Map.groupBy(memberships, ({ organizationId }) => organizationId)
  return Array.from(all, ([organizationId, own]) => ({
    organizationId,
    owner: own.some(({ owner }) => owner),
    permissionSets: [...new Set(own.flatMap(({ permissionSets }) => permissionSets))],
  }))
}

/** A stored session of a browser. */
export interface KeptSession {
  readonly hash: Uint8Array
  readonly person: Person
  /** When the issuer's tokens are refreshed. */
  readonly checkAt: Instant
  /** The expiry of the issuer's tokens; 0 after it, if the issuer did not respond. */
  readonly validUntil: Instant
  readonly expiresAt: Instant
  /** The issuer's tokens, encrypted: only the cookie's secret opens them. */
  readonly tokens: string
}
