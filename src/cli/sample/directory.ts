// A sample company's directory, as Scaleway would list it: who and what is there, with the dates of the
// events that made them. Pending invitations and Kapsule's nodes are listed to nobody.

import type { Application, Group, Policy, User } from '../../principal.ts'
import type { DirectoryListing } from '../../store.ts'
import type { Company, Person, Resource, Application as SampleApplication } from './company.ts'

/** One complete listing for every kind, oldest entry first. */
export function listings(company: Company): DirectoryListing[] {
  const organizationId = company.organization.id
  const { people, applications, groups, policies, apart } = company

  function user(person: Person): User {
    const { firstName, lastName, username } = person.profile
    return {
      kind: 'user',
      id: person.id,
      organizationId,
      name: `${firstName} ${lastName}`,
      username,
      email: `${username}@${company.domain}`,
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

  function application(resource: SampleApplication): Application {
    const { id, name, description, createdAt, updatedAt } = resource
    return {
      kind: 'application',
      id,
      organizationId,
      name,
      description,
      managed: false,
      createdAt,
      updatedAt,
    }
  }

  function group({ id, name, createdAt }: Resource): Group {
    return {
      kind: 'group',
      id,
      organizationId,
      name,
      createdAt,
      userIds: [],
      applicationIds: [],
      allUsers: false,
      allApplications: false,
    }
  }

  function policy({ id, name, createdAt }: Resource): Policy {
    return {
      kind: 'policy',
      id,
      organizationId,
      name,
      createdAt,
      holder: null,
      permissionSets: [],
    }
  }

  function listing<Entry extends User | Application | Group | Policy>(
    kind: Entry['kind'],
    entries: Entry[],
  ): DirectoryListing {
    entries.sort((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0))
    return { organizationId, kind, entries, complete: true }
  }

  return [
    listing('user', people.map(user)),
    listing('application', [...applications, ...apart.applications].map(application)),
    listing('group', [...groups, ...apart.groups].map(group)),
    listing('policy', [...policies, ...apart.policies].map(policy)),
  ]
}
