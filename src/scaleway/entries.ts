// Decodes the items of Scaleway's lists. An API key's secret is never read, even if a list contains it.

import { z } from 'zod'
import { canonicalId } from '../id.ts'
import type { ApiKey, Application, Group, Policy, User } from '../principal.ts'
import {
  listOf,
  optionalFlag,
  optionalInstant,
  optionalText,
  optionalUuid,
  text,
  uuid,
} from './fields.ts'

/** `organizationId` is `null` if the item does not name it. */
export type Read<T> = Omit<T, 'organizationId'> & { readonly organizationId: string | null }

const ID_LIMIT = 255
const WORD_LIMIT = 100
const NAME_LIMIT = 1024

const COMMON = {
  organization_id: uuid.nullable().default(null),
  created_at: optionalInstant,
  updated_at: optionalInstant,
}

const NAMED = { ...COMMON, id: uuid, name: optionalText(NAME_LIMIT) }

const HOLDERS = { user_id: optionalUuid, application_id: optionalUuid }

export const user = z
  .object({
    ...COMMON,
    id: uuid,
    username: optionalText(NAME_LIMIT),
    email: optionalText(NAME_LIMIT),
    first_name: optionalText(NAME_LIMIT),
    last_name: optionalText(NAME_LIMIT),
    type: optionalText(WORD_LIMIT),
    mfa: optionalFlag,
    locked: optionalFlag,
    last_login_at: optionalInstant,
  })
  .transform((item): Read<User> => {
    const { id, username, email, first_name, last_name } = item
    const fullName = [first_name, last_name].filter(part => part !== null).join(' ')
    return { kind: 'user', ...inCamelCase(item), name: fullName || (username ?? email ?? id) }
  })

export const application = z
  .object({ ...NAMED, description: optionalText(NAME_LIMIT), managed: optionalFlag })
  .transform((item): Read<Application> => ({ kind: 'application', ...named(item) }))

export const group = z
  .object({
    ...NAMED,
    user_ids: listOf(uuid),
    application_ids: listOf(uuid),
    all_users: optionalFlag.transform(all => all ?? false),
    all_applications: optionalFlag.transform(all => all ?? false),
  })
  .transform((item): Read<Group> => ({ kind: 'group', ...named(item) }))

/** Its permission sets are in its rules, a separate list: see `rule`. */
export const policy = z
  .object({ ...NAMED, ...HOLDERS, group_id: optionalUuid, no_principal: optionalFlag })
  .transform(({ user_id, application_id, group_id, no_principal, ...item }, context) => {
    const holder = oneOf({ user: user_id, application: application_id, group: group_id }, context)
    if (holder !== null && no_principal === true) {
      addIssue(context, 'no_principal', `is true together with ${holder.kind}_id`)
    }
    return { kind: 'policy', ...named(item), holder, permissionSets: null } satisfies Read<Policy>
  })

export const apiKey = z
  .object({
    ...COMMON,
    ...HOLDERS,
    access_key: text(ID_LIMIT).transform(canonicalId),
    description: optionalText(NAME_LIMIT),
    expires_at: optionalInstant,
  })
  .transform(({ access_key: id, user_id, application_id, ...item }, context) => {
    const bearer = oneOf({ user: user_id, application: application_id }, context)
    const name = item.description ?? id
    return { kind: 'api_key', ...inCamelCase(item), id, name, bearer } satisfies Read<ApiKey>
  })

/** A rule grants rights in the whole Organization only if it has no Project and no condition. */
export const rule = z.object({
  organization_id: optionalUuid,
  project_ids: listOf(uuid),
  permission_set_names: listOf(text(NAME_LIMIT)),
  condition: z.unknown().optional(),
})

/** Without a name, the ID is used. */
function named<T extends { readonly id: string; readonly name: string | null }>(item: T) {
  return { ...inCamelCase(item), name: item.name ?? item.id }
}

type CamelCase<Key> = Key extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Key

function inCamelCase<T extends object>(item: T) {
  const fields = Object.entries(item).map(([key, value]) => [
    key.replace(/_(.)/g, (_, letter) => letter.toUpperCase()),
    value,
  ])
  return Object.fromEntries(fields) as { [Key in keyof T as CamelCase<Key> & string]: T[Key] }
}

function addIssue(context: z.RefinementCtx, field: string, message: string): void {
  context.addIssue({ code: 'custom', path: [field], message })
}

/** The only one that is given; several are an error. */
function oneOf<K extends string>(
  ids: Readonly<Record<K, string | null>>,
  context: z.RefinementCtx,
) {
  const [first = null, another] = (Object.keys(ids) as K[]).flatMap(kind => {
    const id = ids[kind]
    return id === null ? [] : [{ kind, id }]
  })
  if (first !== null && another !== undefined) {
    addIssue(context, `${another.kind}_id`, `is given together with ${first.kind}_id`)
  }
  return first
}
