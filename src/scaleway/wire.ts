// Scaleway's JSON, as its API and its command line write it, in the words of this program. What this
// version does not know is kept as it came; what cannot be kept is told by field, never repaired.

import { isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { type Event, NIL_ID } from '../event.ts'
import type {
  Application,
  DirectoryEntry,
  DirectoryKind,
  Group,
  Policy,
  User,
} from '../principal.ts'
import type { DirectoryListing } from '../store.ts'
import {
  type Decoded,
  decode,
  identifier,
  instant,
  isObject,
  type Json,
  optionalFlag,
  optionalIdentifier,
  optionalInstant,
  optionalText,
  text,
  uuid,
} from './fields.ts'

export type { Decoded } from './fields.ts'

const WORD_LIMIT = 100
const ID_LIMIT = 255
const USER_AGENT_LIMIT = 4096
const NAME_LIMIT = 1024

/** One log, as an item of `logs`. Fields this version does not know are ignored. */
export function decodeEvent(json: unknown): Decoded<Event> {
  return decode(json, 'event', readEvent)
}

function readEvent(json: Json): Event {
  return {
    id: uuid(json, 'id'),
    organizationId: uuid(json, 'organization_id'),
    createdAt: instant(json, 'created_at'),
    action: text(json, 'action', WORD_LIMIT),
    category: text(json, 'resource_type', WORD_LIMIT),
    resourceId: identifier(json, 'resource_id', ID_LIMIT),
    principalId: optionalIdentifier(json, 'bearer_id', ID_LIMIT) ?? NIL_ID,
    ipAddress: canonicalAddress(optionalText(json, 'ip', WORD_LIMIT)),
    userAgent: optionalText(json, 'user_agent', USER_AGENT_LIMIT),
  }
}

/** An address with a zone counts as none: the zone means something on one machine only. */
function canonicalAddress(address: string | null): string | null {
  // The dotted decimals of IPv4 are canonical as they are.
  if (address === null || !isIPv6(address) || address.includes('%')) return address
  const parsed = ipaddr.IPv6.parse(address)
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String()
}

/** A file of the directory: one kind, and one listing for each Organization it tells of. */
export interface Directory {
  readonly kind: DirectoryKind
  /** Entries as in the file. None where the file lists none: it does not tell whose list is empty. */
  readonly listings: readonly DirectoryListing[]
  /** Every item was read, and there are as many as `total_count` says where it is given. */
  readonly complete: boolean
  /** One for each item that could not be read; `field` is as in `users[3].id`. */
  readonly problems: readonly { readonly field: string; readonly problem: string }[]
}

/** How a kind is listed: under which key, which fields no other kind has, and how an item is read. */
interface Shape {
  readonly kind: DirectoryKind
  readonly key: string
  readonly marks: readonly string[]
  readonly read: (json: Json) => DirectoryEntry
}

const SHAPES: readonly Shape[] = [
  { kind: 'user', key: 'users', marks: ['username', 'email'], read: readUser },
  { kind: 'application', key: 'applications', marks: ['nb_api_keys'], read: readApplication },
  { kind: 'group', key: 'groups', marks: ['user_ids', 'application_ids'], read: readGroup },
  { kind: 'policy', key: 'policies', marks: ['nb_rules', 'no_principal'], read: readPolicy },
]

/**
 * Users, applications, groups or policies: in the API's shape `{"users": […], "total_count": 9}`, or as the
 * bare array the command line gives, whose kind is told from the items.
 */
export function decodeListing(json: unknown): Decoded<Directory> {
  if (Array.isArray(json)) {
    const shape = shapeOf(json)
    return shape === null ? unfit('does not tell what it lists') : listed(shape, json, null)
  }
  if (!isObject(json)) return unfit('is neither a JSON object nor an array')
  const [shape, another] = SHAPES.filter(({ key }) => json[key] !== undefined)
  if (shape === undefined) return unfit('holds no list')
  if (another !== undefined) return unfit('holds several lists')
  const items = json[shape.key] ?? []
  if (!Array.isArray(items)) return { field: shape.key, problem: 'is not an array' }
  return listed(shape, items, json.total_count ?? null)
}

function unfit(problem: string): Decoded<never> {
  const shapes = SHAPES.map(({ key }) => `{"${key}":[…]}`).join(', ')
  return { field: 'listing', problem: `${problem}: give one of ${shapes}, as the API does` }
}

/** The only shape of which any item bears a mark. */
function shapeOf(items: readonly unknown[]): Shape | null {
  const objects = items.filter(isObject)
  const [shape, another] = SHAPES.filter(({ marks }) =>
    objects.some(item => marks.some(mark => item[mark] !== undefined)),
  )
  return another === undefined ? (shape ?? null) : null
}

function listed(shape: Shape, items: readonly unknown[], total: unknown): Decoded<Directory> {
  const { kind, key, read } = shape
  const entries: DirectoryEntry[] = []
  const problems: { field: string; problem: string }[] = []
  for (const [index, item] of items.entries()) {
    const decoded = decode(item, '', read)
    if ('value' in decoded) {
      entries.push(decoded.value)
    } else {
      const path = [`${key}[${index}]`, decoded.field].filter(part => part !== '').join('.')
      problems.push({ field: path, problem: decoded.problem })
    }
  }
  const complete = problems.length === 0 && (total === null || Number(total) === items.length)
  const organizations = Map.groupBy(entries, entry => entry.organizationId)
  const listings = Array.from(organizations, ([organizationId, own]) => {
    return { organizationId, kind, entries: own, complete }
  })
  return { value: { kind, listings, complete, problems } }
}

function readUser(json: Json): User {
  const named = identity(json)
  const username = optionalText(json, 'username', NAME_LIMIT)
  const email = optionalText(json, 'email', NAME_LIMIT)
  const firstName = optionalText(json, 'first_name', NAME_LIMIT)
  const lastName = optionalText(json, 'last_name', NAME_LIMIT)
  const fullName = [firstName, lastName].filter(part => part !== null).join(' ')
  return {
    kind: 'user',
    ...named,
    name: fullName || (username ?? email ?? named.id),
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

function readApplication(json: Json): Application {
  return {
    kind: 'application',
    ...identity(json),
    name: text(json, 'name', NAME_LIMIT),
    description: optionalText(json, 'description', NAME_LIMIT),
    managed: optionalFlag(json, 'managed'),
    createdAt: optionalInstant(json, 'created_at'),
    updatedAt: optionalInstant(json, 'updated_at'),
  }
}

function readGroup(json: Json): Group {
  const createdAt = optionalInstant(json, 'created_at')
  return { kind: 'group', ...identity(json), name: text(json, 'name', NAME_LIMIT), createdAt }
}

function readPolicy(json: Json): Policy {
  const createdAt = optionalInstant(json, 'created_at')
  return { kind: 'policy', ...identity(json), name: text(json, 'name', NAME_LIMIT), createdAt }
}

function identity(json: Json): { readonly id: string; readonly organizationId: string } {
  return { id: uuid(json, 'id'), organizationId: uuid(json, 'organization_id') }
}
