// Who acted, and what the Organization's directory says of the resources that can have a name.
// A hidden, a removed and a never accepted principal are one and the same `UnknownPrincipal`.

import { type Event, NIL_ID } from './event.ts'
import type { Instant } from './instant.ts'

export type Principal = User | Application | UnknownPrincipal | ScalewayPrincipal

interface Named {
  readonly id: string
  readonly organizationId: string
  readonly name: string
}

export interface User extends Named {
  readonly kind: 'user'
  readonly username: string | null
  readonly email: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  /** Scaleway's word: `owner` or `member`; older lists also say `guest`. */
  readonly type: string | null
  readonly mfa: boolean | null
  readonly locked: boolean | null
  readonly createdAt: Instant | null
  readonly updatedAt: Instant | null
  readonly lastLoginAt: Instant | null
}

export interface Application extends Named {
  readonly kind: 'application'
  readonly description: string | null
  /** Whether Scaleway made and manages it. */
  readonly managed: boolean | null
  readonly createdAt: Instant | null
  readonly updatedAt: Instant | null
}

export interface Group extends Named {
  readonly kind: 'group'
  readonly createdAt: Instant | null
}

export interface Policy extends Named {
  readonly kind: 'policy'
  readonly createdAt: Instant | null
}

/** What the directory can name. Exists only while Scaleway lists it: a removed one is erased, not marked. */
export type DirectoryEntry = User | Application | Group | Policy
export type DirectoryKind = DirectoryEntry['kind']
export const DIRECTORY_KINDS: readonly DirectoryKind[] = ['user', 'application', 'group', 'policy']

/** Someone the viewer cannot be told about, for whatever reason. The ID stays. */
export interface UnknownPrincipal extends Named {
  readonly kind: 'unknown'
}

/** Scaleway itself. */
export interface ScalewayPrincipal extends Named {
  readonly kind: 'scaleway'
}

/** A directory entry by its Organization and ID. */
export interface DirectoryKey {
  readonly organizationId: string
  readonly id: string
}

/** IDs that stand for Scaleway itself. Scaleway documents none: no ID at all counts, further ones are configured. */
export type ScalewayIds = ReadonlySet<string>

export function scalewayIds(configured: Iterable<string> = []): ScalewayIds {
  return new Set([NIL_ID, ...configured])
}

/**
 * Who stands behind a principal ID. `entry` is what the viewer may see of it in the directory, or `null`;
 * an entry that is neither a user nor an application cannot act and counts as `null`.
 */
export function principalFor(
  key: DirectoryKey,
  entry: DirectoryEntry | null,
  scaleway: ScalewayIds,
): Principal {
  const { organizationId, id } = key
  if (scaleway.has(id)) return { kind: 'scaleway', organizationId, id, name: 'Scaleway' }
  if (entry?.kind === 'user' || entry?.kind === 'application') return entry
  return { kind: 'unknown', organizationId, id, name: 'Unknown' }
}

/** The name of the resource an event is about; `null` where it is gone, hidden or has none. */
export function resourceName(event: Event, entry: DirectoryEntry | null): string | null {
  return entry !== null && entry.kind === event.category ? entry.name : null
}
