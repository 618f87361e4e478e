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
  readonly memberships: readonly Membership[]
}

/** An access token as it is kept: all but the secret, of which there is only a hash. */
export interface AccessToken extends Viewer {
  readonly createdAt: Instant
  /** From this instant on the token is refused; `null`: never. */
  readonly expiresAt: Instant | null
}
