// A sample company's directory, as Scaleway would list it: who and what is there, with the dates of the
// events that made them. Pending invitations and Kapsule's nodes are listed to nobody. What events do not tell, as
// who is in which group, follows from IDs: drawing it by chance would change the history.

import type { ApiKey, Application, Group, ListedKind, Policy, User } from '../../principal.ts'
import type { DirectoryListing } from '../../store.ts'
import { DAY } from './calendar.ts'
import type {
  Company,
  Holder,
  Person,
  Resource,
  Application as SampleApplication,
} from './company.ts'

const PERSONAL = ['laptop', 'work laptop', 'home', null]
const KEY_LIFE = 365 * DAY

/** One complete listing for every kind, oldest entry first. */
export function listings(company: Company): DirectoryListing[] {
  const { people, applications, groups, policies, apart } = company
  const all = [...applications, ...apart.applications]
  return [
    listing(company, 'user', people.map(userOf(company))),
    listing(company, 'application', all.map(applicationOf(company))),
    listing(company, 'group', [...groups, ...apart.groups].map(groupOf(company))),
    listing(company, 'policy', [...policies, ...apart.policies].map(policyOf(company))),
    listing(company, 'api_key', [...people, ...all].flatMap(keysOf(company))),
  ]
}

/** What single entries were before they were renamed, and right after. */
export function formerListings(company: Company): DirectoryListing[] {
  return company.formerNames
    .filter(({ application }) => application.alive)
    .flatMap(({ application, name, until }) => {
      const now = applicationOf(company)(application)
      return [
        { ...now, name, updatedAt: now.createdAt },
        { ...now, updatedAt: until },
      ]
    })
    .map(entry => ({ ...listing(company, 'application', [entry]), complete: false }))
}

function listing<Entry extends User | Application | Group | Policy | ApiKey>(
  { organization }: Company,
  kind: Entry['kind'] & ListedKind,
  entries: Entry[],
): DirectoryListing {
  entries.sort((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0))
  return { organizationId: organization.id, kind, entries, complete: true }
}

function userOf({ organization, domain }: Company): (person: Person) => User {
  return person => {
    const { firstName, lastName, username } = person.profile
    return {
      kind: 'user',
      id: person.id,
      organizationId: organization.id,
      name: `${firstName} ${lastName}`,
      username,
      email: `${username}@${domain}`,
      firstName,
      lastName,
      type: person.owner ? 'owner' : 'member',
      mfa: person.mfa,
      locked: false,
      createdAt: person.createdAt,
      updatedAt: person.updatedAt,
      lastLoginAt: person.lastLoginAt,
    }
  }
}

function applicationOf({ organization }: Company): (from: SampleApplication) => Application {
  return ({ id, name, description, createdAt, updatedAt }) => ({
    kind: 'application',
    id,
    organizationId: organization.id,
    name,
    description,
    managed: false,
    createdAt,
    updatedAt,
  })
}

function groupOf(company: Company): (from: Resource) => Group {
  return group => ({
    kind: 'group',
    id: group.id,
    organizationId: company.organization.id,
    name: group.name,
    createdAt: group.createdAt,
    updatedAt: group.updatedAt,
    ...membersOf(company, group),
    allUsers: false,
    allApplications: false,
  })
}

/** The default groups by what their names say; of every other, some, and somebody at least. */
function membersOf(
  { people, applications, apart, owner, defaultGroups }: Company,
  group: Resource,
): Pick<Group, 'userIds' | 'applicationIds'> {
  const ids = (from: readonly Resource[]) => from.map(({ id }) => id)
  const administrators = people.filter(({ administrator }) => administrator)
  if (apart.groups.includes(group)) return { userIds: [], applicationIds: [] }
  if (group === defaultGroups[0]) return { userIds: ids(administrators), applicationIds: [] }
  if (group === defaultGroups[1]) {
    const others = people.filter(({ administrator }) => !administrator)
    const automatic = applications.filter(({ role }) => role !== 'service')
    return { userIds: ids(others), applicationIds: ids(automatic) }
  }
  if (group === defaultGroups[2]) return { userIds: [owner.id], applicationIds: [] }
  const isIn = ({ id }: Resource) => (numberOf(id) + numberOf(group.id)) % 5 === 0
  if (group.name.endsWith(' applications')) {
    return { userIds: [], applicationIds: ids(applications.filter(isIn)) }
  }
  const members = people.filter(isIn)
  return { userIds: ids(members.length > 0 ? members : [owner]), applicationIds: [] }
}

function policyOf({ organization }: Company): (from: Resource) => Policy {
  return ({ id, name, createdAt, updatedAt }) => ({
    kind: 'policy',
    id,
    organizationId: organization.id,
    name,
    createdAt,
    updatedAt,
    holder: null,
    permissionSets: [],
  })
}

function keysOf({ organization, until }: Company): (holder: Holder) => ApiKey[] {
  return holder =>
    holder.keys.map(({ id, createdAt, updatedAt }) => {
      const personal = holder.category === 'user'
      const chosen = PERSONAL[id.charCodeAt(3) % PERSONAL.length] ?? null
      const description = personal ? chosen : `for ${holder.name}`
      const expiresAt = personal && createdAt + KEY_LIFE > until ? createdAt + KEY_LIFE : null
      return {
        kind: 'api_key',
        id,
        organizationId: organization.id,
        name: description ?? id,
        description,
        bearer: { kind: personal ? 'user' : 'application', id: holder.id },
        createdAt,
        updatedAt,
        expiresAt,
      }
    })
}

function numberOf(uuid: string): number {
  return Number.parseInt(uuid.slice(0, 8), 16)
}
