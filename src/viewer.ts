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
