// What a viewer may see, according to Scaleway's permission sets (with Organization scope). All decisions on rights
// to read are made here; storage only limits its reads by a `Visibility`, which only this file can create.

import type { DirectoryEntry, DirectoryKind } from './principal.ts'
import type { Membership, Viewer } from './viewer.ts'

/** The kinds of directory entries that have their own right; see `shows` for the others. */
const DETAILS = ['user', 'application', 'group', 'policy'] as const

/** `manages`: to delete saved views that others share. */
type Right = 'events' | 'manages' | (typeof DETAILS)[number]

/** What one viewer may see of one Organization. Without `events`, it is treated as if it did not exist. */
export type AccessScope = ReadonlySet<Right>

declare const made: unique symbol

/** The Organizations whose events the viewer may see. Any other Organization is treated as if it did not exist. */
export interface Visibility {
  readonly organizations: ReadonlyMap<string, AccessScope>
  readonly [made]: true
}

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
export function accessScopeOf({
  owner,
  permissionSets,
}: Omit<Membership, 'organizationId'>): AccessScope {
  return new Set(owner ? ALL : permissionSets.flatMap(name => RIGHTS.get(name) ?? []))
}

export function visibilityOf(viewer: Omit<Viewer, 'account'>): Visibility {
  const organizations = new Map<string, AccessScope>()
  for (const membership of viewer.memberships) {
    const scope = accessScopeOf(membership)
    if (scope.has('events')) organizations.set(membership.organizationId, scope)
  }
  return { organizations } as unknown as Visibility
}

/** The kinds of entries of which a viewer with these scopes may see at least some; `shows` decides on each entry. */
export function shownKinds(scopes: Iterable<AccessScope>): DirectoryKind[] {
  const kinds = new Set<DirectoryKind>(['scaleway'])
  for (const scope of scopes) {
    for (const kind of DETAILS) if (scope.has(kind)) kinds.add(kind)
    if (scope.has('user') || scope.has('application')) kinds.add('api_key')
  }
  return [...kinds]
}

/** Whether the entry is visible. API keys are visible with their bearers, and Scaleway itself always. */
export function shows(scope: AccessScope, entry: DirectoryEntry): boolean {
  switch (entry.kind) {
    case 'scaleway':
      return true
    case 'api_key':
      return entry.bearer === null
        ? scope.has('user') && scope.has('application')
        : scope.has(entry.bearer.kind)
    default:
      return scope.has(entry.kind)
  }
}
