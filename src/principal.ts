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
  readonly updatedAt: Instant | null
  readonly userIds: readonly string[]
  readonly applicationIds: readonly string[]
  /** Whether every user, or every application, of the Organization is in it. */
  readonly allUsers: boolean
  readonly allApplications: boolean
}

export interface Policy extends Named {
  readonly kind: 'policy'
  readonly createdAt: Instant | null
  readonly updatedAt: Instant | null
  /** Whom it grants its permission sets; `null`: nobody. */
  readonly holder: Holder | null
  /** What its rules grant in the whole Organization, without condition; `null`: its rules were not read. */
  readonly permissionSets: readonly string[] | null
}

interface Holder {
  readonly kind: 'user' | 'application' | 'group'
  readonly id: string
}

/** An API key; its ID is its access key. Never its secret. */
export interface ApiKey extends Named {
  readonly kind: 'api_key'
  readonly description: string | null
  /** Who acts with it; `null` where Scaleway does not say. */
  readonly bearer: { readonly kind: 'user' | 'application'; readonly id: string } | null
  readonly createdAt: Instant | null
  readonly updatedAt: Instant | null
  readonly expiresAt: Instant | null
}

/** What the directory can name. Exists only while Scaleway lists it: a removed one is erased, not marked. */
export type DirectoryEntry = User | Application | Group | Policy | ApiKey | ScalewayPrincipal
export type DirectoryKind = DirectoryEntry['kind']
/** What Scaleway lists; a ScalewayPrincipal is listed nowhere, but learned. */
export type ListedKind = Exclude<DirectoryKind, 'scaleway'>
export const LISTED_KINDS = ['user', 'application', 'group', 'policy', 'api_key'] as const

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

/** A directory entry at an instant. */
export interface DirectoryMoment extends DirectoryKey {
  readonly at: Instant
}

/** An entry as it is now, and what it was called at an instant. */
export interface NamedEntry {
  readonly entry: DirectoryEntry
  /** See `nameOf`. */
  readonly name: string | null
}

/**
 * IDs that stand for Scaleway itself, in whichever Organization. Scaleway documents none: no ID at all counts,
 * further ones are configured; those that sync learned are in each Organization's directory.
 */
export interface ScalewayIds {
  readonly always: ReadonlySet<string>
  /** Not Scaleway, whatever was learned. */
  readonly never: ReadonlySet<string>
}

export function scalewayIds(
  configured: Iterable<string> = [],
  overruled: Iterable<string> = [],
): ScalewayIds {
  return { always: new Set([NIL_ID, ...configured]), never: new Set(overruled) }
}

/**
 * Who stands behind a principal ID. `entry` is what the viewer may see of it in the directory, or `null`;
 * an entry that cannot act, as a group, counts as `null`.
 */
export function principalFor(
  key: DirectoryKey,
  entry: DirectoryEntry | null,
  scaleway: ScalewayIds,
): Principal {
  const { organizationId, id } = key
  const learned = entry?.kind === 'scaleway' && !scaleway.never.has(id)
  if (learned || scaleway.always.has(id)) {
    return { kind: 'scaleway', organizationId, id, name: 'Scaleway' }
  }
  if (entry?.kind === 'user' || entry?.kind === 'application') return entry
  return { kind: 'unknown', organizationId, id, name: 'Unknown' }
}

/** What an entry is called: an API key by its description, where it has one. */
export function nameOf(entry: DirectoryEntry): string | null {
  return entry.kind === 'api_key' ? entry.description : entry.name
}

/** What events are about: known by any of these. */
export type Resource = Pick<Event, 'organizationId' | 'category' | 'resourceId'>

/** The name of the resource an event is about; `null` where it is gone, hidden or has none. */
export function resourceName(event: Resource, entry: DirectoryEntry | null): string | null {
  return isResource(event, entry) ? nameOf(entry) : null
}

/** As `resourceName`, but as the resource was called when it was looked for. */
export function resourceNameThen(event: Resource, found: NamedEntry | null): string | null {
  return found !== null && isResource(event, found.entry) ? found.name : null
}

/** What the principal of an event was called, `Scaleway` for Scaleway itself; `null` for an unknown one. */
export function principalNameThen(
  { organizationId, principalId: id }: Event,
  found: NamedEntry | null,
  scaleway: ScalewayIds,
): string | null {
  const principal = principalFor({ organizationId, id }, found?.entry ?? null, scaleway)
  if (principal.kind === 'unknown') return null
  return principal === found?.entry ? found.name : principal.name
}

/** Scaleway itself is no resource, whatever word for a category an event has. */
function isResource(event: Resource, entry: DirectoryEntry | null): entry is DirectoryEntry {
  return entry !== null && entry.kind !== 'scaleway' && entry.kind === event.category
}
