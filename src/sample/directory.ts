// A sample company's directory, as Scaleway would list it: who and what is there, with the dates of the events that
// made them. What events do not tell, as who is in which group, follows from IDs: drawing it by chance would change
// the history.

import { type DirectoryEntry, LISTED_KINDS, type ScalewayPrincipal } from '../principal.ts'
import type { DirectoryListing } from '../store.ts'
import { DAY } from './calendar.ts'
import {
  type Application,
  type Company,
  DEFAULT_GROUPS,
  type Holder,
  type Person,
  type Resource,
} from './company.ts'
import { slug } from './names.ts'

type Entry = Exclude<DirectoryEntry, ScalewayPrincipal>

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  terraform: 'Applies the infrastructure repository',
  pipeline: 'Builds and deploys from continuous integration',
  preview: 'Preview environment, removed with its branch',
}

const OF_PERSONAL_KEYS = ['laptop', 'work laptop', 'home', null]
const KEY_LIFE = 365 * DAY

/** One complete listing for every kind, oldest entry first. */
export function listings(company: Company): DirectoryListing[] {
  const listed = [...company.alive].filter(resource => resource.listed)
  const entries = listed.flatMap(resource => [
    entryOf(company, resource),
    ...('keys' in resource ? keysOf(company, resource as Holder) : []),
  ])
  entries.sort((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0))
  const { id: organizationId } = company.organization
  return LISTED_KINDS.map(kind => ({
    organizationId,
    kind,
    entries: entries.filter(entry => entry.kind === kind),
    complete: true,
  }))
}

/** What single entries were before they were renamed, and right after. */
export function formerListings(company: Company): DirectoryListing[] {
  const { id: organizationId } = company.organization
  return company.formerNames
    .filter(({ application }) => application.alive)
    .flatMap(({ application, name, until }) => {
      const now = entryOf(company, application)
      return [
        { ...now, name, updatedAt: now.createdAt },
        { ...now, updatedAt: until },
      ]
    })
    .map(entry => ({ organizationId, kind: 'application', entries: [entry], complete: false }))
}

function entryOf(company: Company, resource: Resource): Entry {
  const { id, name, createdAt, updatedAt } = resource
  const organizationId = company.organization.id
  const common = { id, organizationId, name, createdAt, updatedAt }
  switch (resource.category) {
    case 'user': {
      const { profile, mfa, lastLoginAt } = resource as Person
      return {
        ...common,
        ...profile,
        kind: 'user',
        name: `${profile.firstName} ${profile.lastName}`,
        email: `${profile.username}@${slug(company.organization.name ?? '')}.example`,
        type: resource === company.owner ? 'owner' : 'member',
        mfa,
        locked: false,
        lastLoginAt,
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

/** The default groups by what their names say; of every other, some, and somebody at least. */
function membersOf({ people, applications, owner }: Company, group: Resource) {
  const ids = (users: readonly Resource[], machines: readonly Resource[] = []) => ({
    userIds: users.map(({ id }) => id),
    applicationIds: machines.map(({ id }) => id),
  })
  const [administrators, editors, billing] = DEFAULT_GROUPS
  if (group.home === null) return ids([])
  if (group.name === administrators) return ids(people.filter(one => one.administrator))
  if (group.name === billing) return ids([owner])
  if (group.name === editors) {
    const automatic = applications.filter(({ role }) => role !== 'service')
    return ids(
      people.filter(one => !one.administrator),
      automatic,
    )
  }
  const isIn = ({ id }: Resource) => (numberOf(id) + numberOf(group.id)) % 5 === 0
  if (group.name.endsWith(' applications')) return ids([], applications.filter(isIn))
  const members = people.filter(isIn)
  return ids(members.length > 0 ? members : [owner])
}

function keysOf({ organization, until }: Company, holder: Holder): Entry[] {
  return holder.keys.map(({ id, createdAt, updatedAt }) => {
    const personal = holder.category === 'user'
    const chosen = OF_PERSONAL_KEYS[id.charCodeAt(3) % OF_PERSONAL_KEYS.length] ?? null
    const description = personal ? chosen : `for ${holder.name}`
    return {
      kind: 'api_key',
      id,
      organizationId: organization.id,
      name: description ?? id,
      description,
      bearer: { kind: personal ? 'user' : 'application', id: holder.id },
      createdAt,
      updatedAt,
      expiresAt: personal && createdAt + KEY_LIFE > until ? createdAt + KEY_LIFE : null,
    }
  })
}

function numberOf(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8), 16)
}
