// Decodes Scaleway's JSON as written by its API and its command line. Unknown values are kept unchanged; invalid values
// are reported by field, and never repaired.

import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import type { Decoded } from '../errors.ts'
import { type Event, NIL_ID } from '../event.ts'
import { canonicalId } from '../id.ts'
import type { DirectoryEntry, ListedKind } from '../principal.ts'
import type { DirectoryListing } from '../store.ts'
import { apiKey, application, group, policy, type Read, rule, user } from './entries.ts'
import { decode, instant, isObject, optionalText, possiblyEmptyText, uuid } from './fields.ts'
import { type DirectoryList, keyOf, type List } from './lists.ts'

const WORD_LIMIT = 100
const ID_LIMIT = 255
/** More than web servers accept, so that no user agent can keep an event out of the archive. */
const USER_AGENT_LIMIT = 65_536

const log = z
  .object({
    id: uuid,
    organization_id: uuid,
    created_at: instant,
    action: possiblyEmptyText(WORD_LIMIT),
    resource_type: possiblyEmptyText(WORD_LIMIT),
    resource_id: possiblyEmptyText(ID_LIMIT),
    bearer_id: optionalText(ID_LIMIT),
    ip: optionalText(WORD_LIMIT),
    user_agent: optionalText(USER_AGENT_LIMIT),
  })
  .transform(
    (log): Event => ({
      id: log.id,
      organizationId: log.organization_id,
      createdAt: log.created_at,
      action: log.action,
      category: log.resource_type,
      resourceId: canonicalId(log.resource_id),
      principalId: canonicalId(log.bearer_id ?? NIL_ID),
      ipAddress: canonicalAddress(log.ip),
      userAgent: log.user_agent,
    }),
  )

/** An item of `logs`. Unknown fields are ignored. */
export function decodeEvent(json: unknown): Decoded<Event> {
  return decode(json, 'event', log)
}

/** An IPv6 address with a zone remains unchanged, because a zone has a meaning on one machine only. */
function canonicalAddress(address: string | null): string | null {
  // The decimal form of IPv4 is already canonical.
  if (address === null || !isIPv6(address) || address.includes('%')) return address
  const parsed = ipaddr.IPv6.parse(address)
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String()
}

/** `field` is for example `users[3].id`. */
interface Problem {
  readonly field: string
  readonly problem: string
}

/** One kind of directory entries, with a listing for each Organization. */
export interface Directory {
  readonly kind: ListedKind
  /**
   * Entries in order. With a given Organization exactly one listing; otherwise none if no item names an Organization.
   */
  readonly listings: readonly DirectoryListing[]
  /** Whether every item was valid, and there are as many as `total_count` states, if given. */
  readonly complete: boolean
  /** One for each invalid item. */
  readonly problems: readonly Problem[]
}

interface Shape {
  readonly kind: ListedKind
  /** Fields that no other kind has. */
  readonly marks: readonly string[]
  readonly item: z.ZodType<Read<DirectoryEntry>>
}

const SHAPES: Readonly<Record<DirectoryList, Shape>> = {
  users: { kind: 'user', marks: ['username', 'email'], item: user },
  applications: { kind: 'application', marks: ['nb_api_keys'], item: application },
  groups: { kind: 'group', marks: ['user_ids', 'application_ids'], item: group },
  policies: { kind: 'policy', marks: ['nb_rules', 'no_principal'], item: policy },
  'api-keys': { kind: 'api_key', marks: ['access_key'], item: apiKey },
}

export const DIRECTORY_LISTS = Object.keys(SHAPES) as DirectoryList[]

/**
 * Users, applications, groups, policies or API keys: in the API's shape `{"users": […], "total_count": 9}`, or as the
 * bare array of the command line, whose kind is derived from the items.
 */
export function decodeListing(
  json: unknown,
  organizationId: string | null = null,
): Decoded<Directory> {
  if (Array.isArray(json)) {
    const objects = json.filter(isObject)
    const [list, another] = DIRECTORY_LISTS.filter(list =>
      objects.some(item => SHAPES[list].marks.some(mark => item[mark] !== undefined)),
    )
    if (list !== undefined && another === undefined) {
      return { value: decodeEntries(list, json, organizationId) }
    }
    return unfit('does not show which kind of entries it has')
  }
  if (!isObject(json)) return unfit('is neither a JSON object nor an array')
  const [list, another] = DIRECTORY_LISTS.filter(list => json[keyOf(list)] !== undefined)
  if (list === undefined) return unfit('contains no list')
  if (another !== undefined) return unfit('contains several lists')
  const items = json[keyOf(list)] ?? []
  if (!Array.isArray(items)) return { field: keyOf(list), problem: 'is not an array' }
  return { value: decodeEntries(list, items, organizationId, json.total_count) }
}

function unfit(problem: string): Decoded<never> {
  const shapes = DIRECTORY_LISTS.map(list => `{"${keyOf(list)}":[…]}`).join(', ')
  return { field: 'listing', problem: `${problem}: give one of ${shapes}, as the API returns it` }
}

/**
 * Items without an Organization, such as API keys, belong to the given one; items of another Organization are reported
 * as problems.
 */
export function decodeEntries(
  list: DirectoryList,
  items: readonly unknown[],
  given: string | null,
  total?: unknown,
): Directory {
  const { kind, item } = SHAPES[list]
  const decoded = decodeItems(items, list, item, entry => placed(entry, given))
  const { values: entries, problems } = decoded
  const complete = problems.length === 0 && Number(total ?? items.length) === items.length
  const organizations = Map.groupBy(entries, entry => entry.organizationId)
  if (given !== null && !organizations.has(given)) organizations.set(given, [])
  const listings = Array.from(organizations, ([organizationId, own]) => {
    return { organizationId, kind, entries: own, complete }
  })
  return { kind, listings, complete, problems }
}

/** `given`: the Organization of the list; `null` if only the item names it. */
function placed(entry: Read<DirectoryEntry>, given: string | null): Decoded<DirectoryEntry> {
  const organizationId = entry.organizationId ?? given
  const field = 'organization_id'
  if (organizationId === null) return { field, problem: 'is missing' }
  if (given !== null && organizationId !== given) {
    return { field, problem: `is another Organization: ${organizationId}` }
  }
  return { value: { ...entry, organizationId } as DirectoryEntry }
}

/**
 * The permission sets that the rules of one policy grant in the whole Organization, without a condition; sorted, each
 * once. Invalid rules are problems and grant nothing.
 */
export function decodeRules(items: readonly unknown[], organizationId: string) {
  const { values, problems } = decodeItems(items, 'rules', rule, value => ({ value }))
  const names = values.flatMap(rule => {
    const scoped = rule.organization_id === organizationId && rule.project_ids.length === 0
    return scoped && (rule.condition ?? '') === '' ? rule.permission_set_names : []
  })
  return { permissionSets: [...new Set(names)].sort(), problems }
}

function decodeItems<T, U>(
  items: readonly unknown[],
  list: List,
  schema: z.ZodType<T>,
  finish: (value: T) => Decoded<U>,
): { readonly values: U[]; readonly problems: Problem[] } {
  const values: U[] = []
  const problems: Problem[] = []
  for (const [index, item] of items.entries()) {
    const read = decode(item, '', schema)
    const decoded = 'value' in read ? finish(read.value) : read
    if ('value' in decoded) {
      values.push(decoded.value)
    } else {
      const path = [`${keyOf(list)}[${index}]`, decoded.field].filter(part => part !== '').join('.')
      problems.push({ field: path, problem: decoded.problem })
    }
  }
  return { values, problems }
}
