// The responses of Scaleway's IAM API as values: lists, pages and error bodies. As in the real API, unknown parameters are
// ignored; only the filters of the log and `policy_id` are implemented.

import { type Instant, parseInstant } from '../../src/instant.ts'
import type { Chance, FakeLog, WireItem } from './scaleway-log.ts'

/** The lists of an Organization, by the last word of the path. */
export type ListName = keyof typeof LISTS

/** For each list: the key of its items, Scaleway's name for one of them, and its orders. */
const LISTS = {
  logs: { key: 'logs', resource: 'log', orders: ['created_at'] },
  users: {
    key: 'users',
    resource: 'user',
    orders: ['created_at', 'updated_at', 'email', 'last_login', 'username'],
  },
  applications: {
    key: 'applications',
    resource: 'application',
    orders: ['created_at', 'updated_at', 'name'],
  },
  groups: { key: 'groups', resource: 'group', orders: ['created_at', 'updated_at', 'name'] },
  policies: { key: 'policies', resource: 'policy', orders: ['created_at', 'policy_name'] },
  rules: { key: 'rules', resource: 'rule', orders: [] },
  'api-keys': {
    key: 'api_keys',
    resource: 'api_key',
    orders: ['created_at', 'updated_at', 'expires_at', 'access_key'],
  },
} as const satisfies Record<string, { key: string; resource: string; orders: readonly string[] }>

/** Orders that have another name than their field. */
const ORDER_FIELDS: Readonly<Record<string, string>> = {
  last_login: 'last_login_at',
  policy_name: 'name',
}

/** Behaviour that Scaleway does not document, so that tests can try alternatives. */
export interface Settings {
  /** Whether an event dated exactly `created_after`, or `created_before`, is in the range. */
  afterIncluded: boolean
  beforeIncluded: boolean
  /** Logs with equal dates: in order of arrival, or in another order at each request. */
  ties: 'arrival' | 'shuffled'
  /** The value of `total_count` instead of the true one, not necessarily a number. */
  total: ((truth: number, list: ListName) => unknown) | null
}

/** An Organization's lists; the arrays may be edited at any time. */
export interface Lists {
  readonly id: string
  readonly log: FakeLog
  users: WireItem[]
  applications: WireItem[]
  groups: WireItem[]
  policies: WireItem[]
  apiKeys: WireItem[]
  /** By the ID of their policy. */
  readonly rules: Map<string, WireItem[]>
  readonly forbidden: ReadonlySet<ListName>
}

export interface World {
  readonly organizations: ReadonlyMap<string, Lists>
  readonly settings: Settings
  readonly chance: Chance
}

export type Reply = ListReply | { readonly status: number; readonly body: unknown }

/** A page of a list. */
export interface ListReply {
  readonly key: string
  readonly items: readonly WireItem[]
  readonly total: unknown
  readonly pageSize: number
}

const PREFIX = '/iam/v1alpha1/'

/** The response to a GET request with the right secret key. */
export function answer(world: World, path: string, query: URLSearchParams): Reply {
  const [name = '', id, ...rest] = path.startsWith(PREFIX)
    ? path.slice(PREFIX.length).split('/')
    : []
  if (!isListName(name) || rest.length > 0 || (id !== undefined && name !== 'logs')) {
    return { status: 404, body: notFound('path', path) }
  }
  if (id !== undefined) return oneLog(world, id)
  const params = parameters(query)
  const paging = {
    page: params.number('page', 1, 10_000),
    pageSize: params.number('page_size', 20, 100),
    order: params.order(LISTS[name].orders),
  }
  if (name === 'rules') return rules(world, params, paging)
  const lists = world.organizations.get(query.get('organization_id') ?? '')
  if (lists === undefined || lists.forbidden.has(name)) return refusedList(name)
  if (name === 'logs') return logs(world, lists, params, paging)
  if (params.faults.length > 0) return { status: 400, body: invalidArguments(params.faults) }
  const items = name === 'api-keys' ? lists.apiKeys : lists[name]
  return listed(world, name, items, paging)
}

interface Paging {
  readonly page: number
  readonly pageSize: number
  readonly order: { readonly field: string; readonly descending: boolean }
}

function logs(world: World, lists: Lists, params: Parameters, paging: Paging): Reply {
  const { settings, chance } = world
  const after = params.date('created_after')
  const before = params.date('created_before')
  if (params.faults.length > 0) return { status: 400, body: invalidArguments(params.faults) }
  const { items, total } = lists.log.page(
    {
      from: after === null || settings.afterIncluded ? after : after + 1,
      until: before === null || !settings.beforeIncluded ? before : before + 1,
      action: params.word('action', 'unknown_action'),
      resourceType: params.word('resource_type', 'unknown_resource_type'),
      search: params.word('search', ''),
      newestFirst: paging.order.descending,
      offset: (paging.page - 1) * paging.pageSize,
      limit: paging.pageSize,
    },
    settings.ties === 'shuffled' ? chance : null,
  )
  return listReply(world, 'logs', items, total, paging.pageSize)
}

function oneLog(world: World, id: string): Reply {
  for (const { log, forbidden } of world.organizations.values()) {
    const found = log.find(id)
    if (found !== null)
      return forbidden.has('logs') ? refusedList('logs') : { status: 200, body: found }
  }
  return { status: 404, body: notFound('log', id) }
}

/** A policy exists if it is listed or has rules. */
function rules(world: World, params: Parameters, paging: Paging): Reply {
  const id = params.required('policy_id')
  if (params.faults.length > 0) return { status: 400, body: invalidArguments(params.faults) }
  for (const lists of world.organizations.values()) {
    const own = lists.rules.get(id)
    if (own === undefined && !lists.policies.some(policy => policy.id === id)) continue
    if (lists.forbidden.has('rules')) return refusedList('rules')
    return listed(world, 'rules', own ?? [], paging)
  }
  return { status: 404, body: notFound('policy', id) }
}

function listed(world: World, name: ListName, items: readonly WireItem[], paging: Paging): Reply {
  const { page, pageSize, order } = paging
  const field = ORDER_FIELDS[order.field] ?? order.field
  const sign = order.descending ? -1 : 1
  const sorted =
    name === 'rules'
      ? items
      : items.toSorted((a, b) => sign * compare(orderKey(a, field), orderKey(b, field)))
  const start = (page - 1) * pageSize
  return listReply(world, name, sorted.slice(start, start + pageSize), items.length, pageSize)
}

/** Dates by their instant; items without one are last. */
function orderKey(item: WireItem, field: string): number | string {
  const value = item[field]
  if (!field.endsWith('_at')) return String(value ?? '')
  return (typeof value === 'string' ? parseInstant(value) : null) ?? Infinity
}

function compare(a: number | string, b: number | string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function listReply(
  { settings }: World,
  name: ListName,
  items: readonly WireItem[],
  truth: number,
  pageSize: number,
): ListReply {
  const total = settings.total === null ? truth : settings.total(truth, name)
  return { key: LISTS[name].key, items, total, pageSize }
}

function isListName(name: string): name is ListName {
  return Object.hasOwn(LISTS, name)
}

function refusedList(name: ListName): Reply {
  return { status: 403, body: permissionsDenied(LISTS[name].resource) }
}

interface ArgumentFault {
  readonly argument_name: string
  readonly reason: 'required' | 'format' | 'constraint'
  readonly help_message: string
}

/** Reads parameters; invalid ones are added to `faults`, and ignored otherwise. */
type Parameters = ReturnType<typeof parameters>

function parameters(query: URLSearchParams) {
  const faults: ArgumentFault[] = []
  function fault(name: string, reason: ArgumentFault['reason'], help: string): void {
    faults.push({ argument_name: name, reason, help_message: help })
  }
  return {
    faults,
    number(name: string, otherwise: number, most: number): number {
      const text = query.get(name)
      if (text === null) return otherwise
      const value = Number(text)
      if (!/^-?\d+$/.test(text)) fault(name, 'format', 'must be an integer')
      else if (value < 1 || value > most) fault(name, 'constraint', `must be from 1 to ${most}`)
      else return value
      return otherwise
    },
    order(fields: readonly string[]) {
      const text = query.get('order_by') ?? 'created_at_asc'
      const [, field = '', direction] = /^(.*)_(asc|desc)$/.exec(text) ?? []
      if (query.has('order_by') && !fields.includes(field)) {
        fault('order_by', 'format', 'is not an order of this list')
      }
      return { field, descending: direction === 'desc' }
    },
    date(name: string): Instant | null {
      const text = query.get(name)
      const instant = text === null ? null : parseInstant(text)
      if (text !== null && instant === null) fault(name, 'format', 'must be an RFC 3339 date')
      return instant
    },
    /** `null` if it is missing, or has the value that means none. */
    word(name: string, none: string): string | null {
      const text = query.get(name)
      return text === none ? null : text
    },
    required(name: string): string {
      const text = query.get(name) ?? ''
      if (text === '') fault(name, 'required', 'must be given')
      return text
    },
  }
}

/** The body of a 401. */
export function deniedAuthentication(reason: 'invalid_argument' | 'not_found' | 'expired') {
  const message = 'authentication is denied'
  return { message, method: 'api_key', reason, type: 'denied_authentication' }
}

/** The body of a 403. */
function permissionsDenied(resource: string) {
  const details = [{ action: 'read', resource }]
  return { details, message: 'insufficient permissions', type: 'permissions_denied' }
}

/** The body of a 404. */
function notFound(resource: string, id: string) {
  return { message: 'resource is not found', resource, resource_id: id, type: 'not_found' }
}

/** The body of a 400. */
function invalidArguments(details: readonly ArgumentFault[]) {
  return { details, message: 'invalid argument(s)', type: 'invalid_arguments' }
}
