// A sample company's directory, as Scaleway would list it: what exists, with the dates of the events that created it.
// Data that is not in events, such as the members of groups, is derived from IDs: drawing it at random would change the
// history.

import { type DirectoryEntry, LISTED_KINDS, type ScalewayPrincipal } from '../principal.ts'
import type { DirectoryListing } from '../store.ts'
import { DAY } from './calendar.ts'
import type { Application, Company, Person, Resource } from './company.ts'
import { slug } from './names.ts'

type Entry = Exclude<DirectoryEntry, ScalewayPrincipal>

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  terraform: 'Applies the infrastructure repository',
  pipeline: 'Builds and deploys from continuous integration',
  preview: 'Preview environment, removed with its branch',
}

const PERSONAL_KEYS = ['laptop', 'work laptop', 'home', null]
const KEY_LIFE = 365 * DAY

/** One complete listing for every kind, oldest entry first. */
export function listings(company: Company): DirectoryListing[] {
  const entries = [...company.existing]
    .filter(isListed)
    .flatMap(resource => [
      entryOf(company, resource),
      ...resource.keys.map(key => keyEntry(company, key, resource)),
    ])
    .sort((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0))
  const organizationId = company.organization.id
  return LISTED_KINDS.map(kind => {
    const ofKind = entries.filter(entry => entry.kind === kind)
    return { organizationId, kind, entries: ofKind, complete: true }
  })
}

/** The application that was renamed, directly before and after. */
export function formerListings(company: Company): DirectoryListing[] {
  const { renamed, organization } = company
  if (!renamed?.application.exists) return []
  const now = entryOf(company, renamed.application)
  const before = { ...now, name: renamed.formerName, updatedAt: now.createdAt }
  return [before, { ...now, updatedAt: renamed.at }].map(entry => {
    const entries = [entry]
    return { organizationId: organization.id, kind: 'application', entries, complete: false }
  })
}

/** Scaleway lists neither invitations that nobody accepted nor Kapsule's nodes. */
function isListed(resource: Resource): boolean {
  if (resource.category === 'user') return resource.list !== null
  return (resource as Application).role !== 'node'
}

function entryOf(company: Company, resource: Resource): Entry {
  const { id, name, createdAt, updatedAt } = resource
  const { organization, owner } = company
  const common = { id, organizationId: organization.id, name, createdAt, updatedAt }
  switch (resource.category) {
    case 'user': {
      const { firstName, lastName, lastLoginAt } = resource as Person
      return {
        ...common,
        ...{ kind: 'user', firstName, lastName, username: name, lastLoginAt, locked: false },
        name: `${firstName} ${lastName}`,
        email: `${name}@${slug(organization.name ?? '')}.example`,
        type: resource === owner ? 'owner' : 'member',
        mfa: numberOf(id) % 10 < 7,
      }
    }
    case 'application': {
      const description = DESCRIPTIONS[(resource as Application).role] ?? ''
      return { ...common, kind: 'application', description, managed: false }
    }
    case 'group': {
      const all = { allUsers: false, allApplications: false }
      return { ...common, kind: 'group', ...membersOf(company, resource), ...all }
    }
    default:
      return { ...common, kind: 'policy', holder: null, permissionSets: [] }
  }
}

/**
 * The default groups have the members that their names suggest, other groups random ones. The Owner is in groups that
 * would otherwise be empty.
 */
function membersOf({ lists, owner }: Company, group: Resource) {
  if (group.list === null) return { userIds: [], applicationIds: [] }
  const isMember = (one: Person | Application) => {
    const isPerson = 'isAdministrator' in one
    if (group.name === 'Billing Administrators') return false
    if (group.name === 'Administrators') return isPerson && one.isAdministrator
    if (group.name === 'Editors') return isPerson ? !one.isAdministrator : one.role !== 'service'
    if (isPerson && group.name.endsWith(' applications')) return false
    return (numberOf(one.id) + numberOf(group.id)) % 5 === 0
  }
  const userIds = lists.user.filter(isMember).map(({ id }) => id)
  const applicationIds = lists.application.filter(isMember).map(({ id }) => id)
  const isEmpty = userIds.length + applicationIds.length === 0
  return { userIds: isEmpty ? [owner.id] : userIds, applicationIds }
}

function keyEntry({ organization, until }: Company, key: Resource, holder: Resource): Entry {
  const { id, createdAt, updatedAt } = key
  const kind = holder.category === 'user' ? 'user' : 'application'
  const personal = PERSONAL_KEYS[id.charCodeAt(3) % PERSONAL_KEYS.length] ?? null
  const description = kind === 'user' ? personal : `for ${holder.name}`
  const expiresAt = createdAt + KEY_LIFE
  return {
    kind: 'api_key',
    id,
    organizationId: organization.id,
    name: description ?? id,
    description,
    bearer: { kind, id: holder.id },
    createdAt,
    updatedAt,
    expiresAt: kind === 'user' && expiresAt > until ? expiresAt : null,
  }
}

function numberOf(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8), 16)
}
