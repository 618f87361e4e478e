// Items of Scaleway's lists with all fields. Each differs from all others made here, except in the given fields. API keys
// have no `secret_key`: Scaleway returns it only once, when the key is created.

import type { Event } from '../../src/event.ts'
import { formatInstant } from '../../src/instant.ts'
import { at, ORGANIZATION, uuid } from './events.ts'

/** Any of the fields, and any others. */
export type Fields<Item> = Partial<Item> & Readonly<Record<string, unknown>>

export type WireLog = {
  readonly id: string
  readonly created_at: string | null
  readonly ip: string
  readonly user_agent: string
  readonly action: string
  readonly bearer_id: string
  readonly organization_id: string
  readonly resource_type: string
  readonly resource_id: string
}

/** The fields of all other items. */
export type WireResource = {
  readonly created_at: string
  readonly updated_at: string
  readonly [field: string]: unknown
}

/** The fields of all other items except API keys. */
export type WireNamed = WireResource & { readonly id: string; readonly organization_id: string }

let made = 0

/** The event as Scaleway's API returns it. */
export function logOf(event: Event) {
  return {
    id: event.id,
    created_at: formatInstant(event.createdAt),
    ip: event.ipAddress,
    user_agent: event.userAgent,
    action: event.action,
    bearer_id: event.principalId,
    organization_id: event.organizationId,
    resource_type: event.category,
    resource_id: event.resourceId,
  }
}

/** A log of 2026, one microsecond later than the one made before. */
export function log(fields: Fields<WireLog> = {}): WireLog {
  made++
  return {
    id: uuid(made, '10900000'),
    created_at: formatInstant(at('2026-01-01T00:00:00Z') + made),
    ip: '192.0.2.1',
    user_agent: 'curl/8.0',
    action: 'created',
    bearer_id: uuid(1),
    organization_id: ORGANIZATION,
    resource_type: 'application',
    resource_id: uuid(made, 'a0000000'),
    ...fields,
  }
}

/** A member without a name, as most are. */
export function user(fields: Fields<WireNamed> = {}): WireNamed {
  const common = named('b0000000')
  const address = `user-${made}@example.com`
  return {
    ...common,
    email: address,
    username: address,
    first_name: '',
    last_name: '',
    phone_number: '',
    locale: 'en_US',
    deletable: true,
    last_login_at: null,
    type: 'member',
    two_factor_enabled: false,
    status: 'activated',
    mfa: false,
    account_root_user_id: uuid(made, 'b1000000'),
    tags: [],
    locked: false,
    ...fields,
  }
}

export function application(fields: Fields<WireNamed> = {}): WireNamed {
  const common = named('c0000000')
  const name = `application-${made}`
  return { ...common, ...manageable(), name, nb_api_keys: 0, ...fields }
}

/** An empty group. */
export function group(fields: Fields<WireNamed> = {}): WireNamed {
  const common = named('d0000000')
  return {
    ...common,
    ...manageable(),
    name: `group-${made}`,
    user_ids: [],
    application_ids: [],
    all_users: false,
    all_applications: false,
    ...fields,
  }
}

/** A policy without a holder, unless `user_id`, `group_id` or `application_id` is given. */
export function policy(fields: Fields<WireNamed> = {}): WireNamed {
  const common = named('e0000000')
  const held = ['user_id', 'group_id', 'application_id'].some(
    holder => fields[holder] !== undefined,
  )
  return {
    ...common,
    ...manageable(),
    name: `policy-${made}`,
    nb_rules: 1,
    nb_scopes: 1,
    nb_permission_sets: 1,
    ...(!held && { no_principal: true }),
    ...fields,
  }
}

/** A rule for the Organization; with `project_ids`, for these Projects only. */
export function rule(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  made++
  const scoped = fields.project_ids !== undefined
  return {
    id: uuid(made, 'e1000000'),
    permission_set_names: ['IAMReadOnly'],
    permission_sets_scope_type: scoped ? 'projects' : 'organization',
    condition: '',
    ...(!scoped && { organization_id: ORGANIZATION }),
    ...fields,
  }
}

/** An API key of an application, unless `user_id` is given; without an Organization, as in Scaleway's API. */
export function apiKey(fields: Fields<WireResource & { access_key: string }> = {}): WireResource {
  const { created_at, updated_at, organization_id } = named('f0000000')
  return {
    access_key: `SCW${made.toString(36).toUpperCase().padStart(17, '0')}`,
    ...(fields.user_id === undefined && { application_id: uuid(1) }),
    description: '',
    created_at,
    updated_at,
    expires_at: null,
    default_project_id: organization_id,
    editable: true,
    deletable: true,
    managed: false,
    creation_ip: '192.0.2.1',
    ...fields,
  }
}

function named(prefix: string): WireNamed {
  made++
  const created = formatInstant(at('2025-01-01T00:00:00Z') + made)
  return {
    id: uuid(made, prefix),
    created_at: created,
    updated_at: created,
    organization_id: ORGANIZATION,
  }
}

function manageable() {
  return { description: '', tags: [], editable: true, deletable: true, managed: false }
}
