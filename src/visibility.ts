// What a viewer may see, according to Scaleway's permission sets (with Organization scope). All decisions on rights
// to read are made here; storage only limits its reads by a `Visibility`, which only this file can create.

import type { DirectoryEntry, DirectoryKind } from './principal.ts'
import type { Membership, Viewer } from './viewer.ts'

/** What one viewer may see of one Organization. Without `events`, it is treated as if it did not exist. */
export interface AccessScope {
  readonly events: boolean
  readonly details: Readonly<Record<Detail, boolean>>
  /** Whether the viewer may delete saved views that others share. */
  readonly manages: boolean
}

/** The kinds of directory entries that have their own right; see `shows` for the others. */
type Detail = (typeof DETAILS)[number]
const DETAILS = ['user', 'application', 'group', 'policy'] as const

declare const made: unique symbol

/** The Organizations whose events the viewer may see. Any other Organization is treated as if it did not exist. */
export interface Visibility {
  readonly organizations: ReadonlyMap<string, AccessScope>
  readonly [made]: true
}

type Right = 'events' | 'manages' | Detail

const READS: readonly Right[] = ['events', ...DETAILS]
const ALL: readonly Right[] = [...READS, 'manages']

/** Scaleway's permission sets that grant rights here; any other set grants none. */
const RIGHTS: ReadonlyMap<string, readonly Right[]> = new Map([
  ['OrganizationManager', ALL],
  ['IAMManager', ALL],
  ['IAMReadOnly', READS],
  ['AuditTrailReadOnly', ['events']],
  ['AuditTrailFullAccess', ['events']],
  ['IAMUserReadOnly', ['user']],
  ['IAMUserManager', ['user']],
  ['IAMApplicationReadOnly', ['application']],
  ['IAMApplicationManager', ['application']],
  ['IAMGroupReadOnly', ['group']],
  ['IAMGroupManager', ['group']],
  ['IAMPolicyReadOnly', ['policy']],
  ['IAMPolicyManager', ['policy']],
])

/** The names of the permission sets that grant rights here, for messages and help. */
export const KNOWN_PERMISSION_SETS: readonly string[] = [...RIGHTS.keys()]

/** Permission sets add up; an Owner has them all. */
export function accessScopeOf(membership: Membership): AccessScope {
  const rights = new Set<Right>(
    membership.owner ? ALL : membership.permissionSets.flatMap(name => RIGHTS.get(name) ?? []),
  )
  return {
    events: rights.has('events'),
    details: {
      user: rights.has('user'),
      application: rights.has('application'),
      group: rights.has('group'),
      policy: rights.has('policy'),
    },
    manages: rights.has('manages'),
  }
}

export function visibilityOf(viewer: Omit<Viewer, 'account'>): Visibility {
  const organizations = new Map<string, AccessScope>()
  for (const membership of viewer.memberships) {
    const scope = accessScopeOf(membership)
    if (scope.events) organizations.set(membership.organizationId, scope)
  }
  return { organizations } as unknown as Visibility
}

/** The kinds of entries of which a viewer with these scopes may see at least some; `shows` decides on each entry. */
export function shownKinds(scopes: Iterable<AccessScope>): DirectoryKind[] {
  const kinds = new Set<DirectoryKind>(['scaleway'])
  for (const { details } of scopes) {
    for (const kind of DETAILS) if (details[kind]) kinds.add(kind)
    if (details.user || details.application) kinds.add('api_key')
  }
  return [...kinds]
}

/** Whether the entry is visible. API keys are visible with their bearers, and Scaleway itself always. */
export function shows({ details }: AccessScope, entry: DirectoryEntry): boolean {
  switch (entry.kind) {
    case 'scaleway':
      return true
    case 'api_key':
      return entry.bearer === null
        ? details.user && details.application
        : details[entry.bearer.kind]
    default:
      return details[entry.kind]
  }
}
