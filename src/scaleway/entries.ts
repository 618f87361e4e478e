// One item of each of Scaleway's lists, in the words of this program. An API key's secret is never read, not
// even where a list holds it.

import type { ApiKey, Application, DirectoryEntry, Group, Policy, User } from '../principal.ts'
import {
  each,
  identifier,
  isAbsent,
  type Json,
  misfit,
  oneOf,
  optionalFlag,
  optionalInstant,
  optionalText,
  text,
  uuid,
} from './fields.ts'

/** `organizationId`: whose list the item is of, in lower case; `null` where only the item can tell. */
export type ReadEntry = (json: Json, organizationId: string | null) => DirectoryEntry

const ID_LIMIT = 255
const WORD_LIMIT = 100
const NAME_LIMIT = 1024

export function readUser(json: Json, organizationId: string | null): User {
  const own = identity(json, organizationId)
  const username = optionalText(json, 'username', NAME_LIMIT)
  const email = optionalText(json, 'email', NAME_LIMIT)
  const firstName = optionalText(json, 'first_name', NAME_LIMIT)
  const lastName = optionalText(json, 'last_name', NAME_LIMIT)
  const fullName = [firstName, lastName].filter(part => part !== null).join(' ')
  return {
    kind: 'user',
    ...own,
    name: fullName || (username ?? email ?? own.id),
    username,
    email,
    firstName,
    lastName,
    type: optionalText(json, 'type', WORD_LIMIT),
    mfa: optionalFlag(json, 'mfa'),
    locked: optionalFlag(json, 'locked'),
    createdAt: optionalInstant(json, 'created_at'),
    updatedAt: optionalInstant(json, 'updated_at'),
    lastLoginAt: optionalInstant(json, 'last_login_at'),
  }
}

export function readApplication(json: Json, organizationId: string | null): Application {
  return {
    kind: 'application',
    ...named(json, organizationId),
    description: optionalText(json, 'description', NAME_LIMIT),
    managed: optionalFlag(json, 'managed'),
    createdAt: optionalInstant(json, 'created_at'),
    updatedAt: optionalInstant(json, 'updated_at'),
  }
}

export function readGroup(json: Json, organizationId: string | null): Group {
  return {
    kind: 'group',
    ...named(json, organizationId),
    createdAt: optionalInstant(json, 'created_at'),
    updatedAt: optionalInstant(json, 'updated_at'),
    userIds: each(json, 'user_ids', uuid),
    applicationIds: each(json, 'application_ids', uuid),
    allUsers: optionalFlag(json, 'all_users') ?? false,
    allApplications: optionalFlag(json, 'all_applications') ?? false,
  }
}

/** Its permission sets are in its rules, which are listed apart: see `readRule`. */
export function readPolicy(json: Json, organizationId: string | null): Policy {
  const holder = oneOf(json, {
    user: 'user_id',
    application: 'application_id',
    group: 'group_id',
  })
  if (holder !== null && optionalFlag(json, 'no_principal') === true) {
    misfit('no_principal', `is true beside ${holder.kind}_id`)
  }
  return {
    kind: 'policy',
    ...named(json, organizationId),
    createdAt: optionalInstant(json, 'created_at'),
    updatedAt: optionalInstant(json, 'updated_at'),
    holder,
    permissionSets: null,
  }
}

export function readApiKey(json: Json, organizationId: string | null): ApiKey {
  const id = identifier(json, 'access_key', ID_LIMIT)
  const description = optionalText(json, 'description', NAME_LIMIT)
  return {
    kind: 'api_key',
    id,
    organizationId: organizationOf(json, organizationId),
    name: description ?? id,
    description,
    bearer: oneOf(json, { user: 'user_id', application: 'application_id' }),
    createdAt: optionalInstant(json, 'created_at'),
    updatedAt: optionalInstant(json, 'updated_at'),
    expiresAt: optionalInstant(json, 'expires_at'),
  }
}

/** The permission sets that a rule grants in this whole Organization, whatever the circumstances; often none. */
export function readRule(json: Json, organizationId: string): readonly string[] {
  const scope = oneOf(json, { organization: 'organization_id', account: 'account_root_user_id' })
  const projects = each(json, 'project_ids', uuid)
  const names = each(json, 'permission_set_names', (list, place) => text(list, place, NAME_LIMIT))
  const whole = scope?.kind === 'organization' && scope.id === organizationId
  const unconditional = isAbsent(json, 'condition') || json.condition === ''
  return whole && projects.length === 0 && unconditional ? names : []
}

/** What has no name is called by its ID. */
function named(json: Json, organizationId: string | null) {
  const { id, ...others } = identity(json, organizationId)
  return { id, ...others, name: optionalText(json, 'name', NAME_LIMIT) ?? id }
}

function identity(json: Json, organizationId: string | null) {
  return { id: uuid(json, 'id'), organizationId: organizationOf(json, organizationId) }
}

function organizationOf(json: Json, given: string | null): string {
  if (given !== null && isAbsent(json, 'organization_id')) return given
  const own = uuid(json, 'organization_id')
  if (given === null || own === given) return own
  return misfit('organization_id', `is another Organization's: ${own}`)
}
