// Principals, and the entries of the Organization's directory: the resources that can have a name. Hidden, removed and
// never accepted principals are all the same `UnknownPrincipal` and cannot be distinguished.

import { type Event, NIL_ID } from './event.ts'
import type { Instant } from './instant.ts'

export type Principal = User | Application | UnknownPrincipal | ScalewayPrincipal

interface Named {
  readonly id: string
  readonly organizationId: string
  readonly name: string
}

interface Listed extends Named {
  readonly createdAt: Instant | null
  readonly updatedAt: Instant | null
}

export interface User extends Listed {
  readonly kind: 'user'
  readonly username: string | null
  readonly email: string | null
  readonly firstName: string | null
  readonly lastName: string | null
  /** Scaleway's word: `owner` or `member`; older lists also say `guest`. */
  readonly type: string | null
  readonly mfa: boolean | null
  readonly locked: boolean | null
  readonly lastLoginAt: Instant | null
}

export interface Application extends Listed {
  readonly kind: 'application'
  readonly description: string | null
  /** Whether Scaleway created and manages it. */
  readonly managed: boolean | null
}

export interface Group extends Listed {
  readonly kind: 'group'
  readonly userIds: readonly string[]
  readonly applicationIds: readonly string[]
  /** Whether all users, or all applications, of the Organization are members. */
  readonly allUsers: boolean
  readonly allApplications: boolean
}

export interface Policy extends Listed {
  readonly kind: 'policy'
  /** The holder to whom it grants its permission sets; `null`: no holder. */
  readonly holder: Holder | null
  /**
   * The sets that its rules grant for the whole Organization, without conditions; `null`: its rules were not read.
   */
  readonly permissionSets: readonly string[] | null
}

interface Holder {
  readonly kind: 'user' | 'application' | 'group'
  readonly id: string
}

/** An API key; its ID is its access key. Its secret is never stored. */
export interface ApiKey extends Listed {
  readonly kind: 'api_key'
  readonly description: string | null
  /** The principal that acts with it; `null` if Scaleway does not say. */
  readonly bearer: { readonly kind: 'user' | 'application'; readonly id: string } | null
  readonly expiresAt: Instant | null
}

/** Exists only while Scaleway lists it: a removed entry is erased, not marked. */
export type DirectoryEntry = User | Application | Group | Policy | ApiKey | ScalewayPrincipal
export type DirectoryKind = DirectoryEntry['kind']
/** The kinds that Scaleway lists. A `ScalewayPrincipal` is not listed, but detected by sync. */
export type ListedKind = Exclude<DirectoryKind, 'scaleway'>
export const LISTED_KINDS = ['user', 'application', 'group', 'policy', 'api_key'] as const

/** A principal whose details the viewer cannot see, for any reason. It keeps its ID. */
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

/** The current entry, and its name at an instant. */
export interface NamedEntry {
  readonly entry: DirectoryEntry
  /** See `nameOf`. */
  readonly name: string | null
}

/**
 * Principal IDs that stand for Scaleway itself, in any Organization. Scaleway documents none: a missing ID counts, and
 * others can be configured. Those that sync has detected are in the directory of each Organization.
 */
export interface ScalewayIds {
  readonly always: ReadonlySet<string>
  /** Not Scaleway, even if detected by sync. */
  readonly never: ReadonlySet<string>
}

export function scalewayIds(
  configured: Iterable<string> = [],
  overruled: Iterable<string> = [],
): ScalewayIds {
  return { always: new Set([NIL_ID, ...configured]), never: new Set(overruled) }
}

/**
 * The principal with this ID. `entry` is its directory entry if the viewer may see it, or `null`; an entry that
 * cannot act, such as a group, counts as `null`.
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

/** The name of an entry; for an API key its description, or `null`. */
export function nameOf(entry: DirectoryEntry): string | null {
  return entry.kind === 'api_key' ? entry.description : entry.name
}

/** What an event is about; any event about it identifies it. */
export type Resource = Pick<Event, 'organizationId' | 'category' | 'resourceId'>

/** The name of the resource an event is about; `null` if the resource is gone or hidden, or has no name. */
export function resourceName(event: Resource, entry: DirectoryEntry | null): string | null {
  return isResource(event, entry) ? nameOf(entry) : null
}

/** As `resourceName`, but the name at the instant that `found` was read for. */
export function resourceNameThen(event: Resource, found: NamedEntry | null): string | null {
  return found !== null && isResource(event, found.entry) ? found.name : null
}

/**
 * The principal's name at the instant that `found` was read for; `Scaleway` for Scaleway itself; `null` if unknown.
 */
export function principalNameThen(
  { organizationId, principalId: id }: Event,
  found: NamedEntry | null,
  scaleway: ScalewayIds,
): string | null {
  const principal = principalFor({ organizationId, id }, found?.entry ?? null, scaleway)
  if (principal.kind === 'unknown') return null
  return principal === found?.entry ? found.name : principal.name
}

/** Scaleway itself is not a resource, even if an event has `scaleway` as its category. */
function isResource(event: Resource, entry: DirectoryEntry | null): entry is DirectoryEntry {
  return entry !== null && entry.kind !== 'scaleway' && entry.kind === event.category
}
