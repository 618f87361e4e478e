// Events and filters for tests: one event with default fields, and arbitrary ones whose values are often equal.

import fc from 'fast-check'
import {
  type AddressBlock,
  actionOf,
  categoryOf,
  type Event,
  type EventFilter,
  type EventQuery,
} from '../../src/event.ts'
import type { Instant } from '../../src/instant.ts'
import { parseInstant } from '../../src/instant.ts'

export const ORGANIZATION = '105bdce1-64c0-48ab-899d-868455867ecf'
export const OTHER_ORGANIZATION = '20000000-0000-4000-8000-000000000000'

export function at(text: string): Instant {
  const instant = parseInstant(text)
  if (instant === null) throw new Error(`not a date: ${text}`)
  return instant
}

/** A UUID that ends in this number. */
export function uuid(number: number, prefix = '10000000'): string {
  return `${prefix}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`
}

let made = 0

/** An event that differs from all others made here, with these fields. */
export function event(fields: Partial<Event> = {}): Event {
  made++
  return {
    id: uuid(made, 'e0000000'),
    organizationId: ORGANIZATION,
    createdAt: at('2026-01-01T00:00:00.000001Z') + made,
    action: 'created',
    category: 'application',
    resourceId: uuid(made, 'a0000000'),
    principalId: uuid(1),
    ipAddress: '192.0.2.1',
    userAgent: 'curl/8.0',
    ...fields,
  }
}

/** A query for the newest page of the Organization's events, with these fields. */
export function query(fields: Partial<EventQuery> = {}): EventQuery {
  return {
    organizationId: ORGANIZATION,
    filter: {},
    order: 'newest-first',
    after: null,
    before: null,
    limit: 50,
    fromEnd: false,
    ...fields,
  }
}

/** IDs of which many have the same first bits, so that their order depends on the last ones. */
const ids = fc.oneof(
  fc.uuid(),
  fc.nat(0xffff).map(number => uuid(number, 'e0000000')),
)

const START = at('2026-01-01T00:00:00Z')

/** Few dates, principals, resources, addresses and user agents, so that many are equal and match filters. */
export const arbitraryEvent: fc.Arbitrary<Event> = fc.record({
  id: ids,
  organizationId: fc.constant(ORGANIZATION),
  createdAt: fc.oneof(fc.nat(3), fc.nat(10_000_000)).map(micros => START + micros),
  action: fc.constantFrom('created', 'updated', 'deleted', 'archived'),
  category: fc.constantFrom('api_key', 'user', 'application', 'group', 'policy', 'saml'),
  resourceId: fc.oneof(
    fc.nat(5).map(number => uuid(number)),
    fc.constantFrom('SCWAAAAAAAAAAAAAAAAA', 'SCWBBBBBBBBBBBBBBBBB'),
  ),
  principalId: fc.nat(4).map(number => uuid(number)),
  ipAddress: fc.constantFrom(null, '192.0.2.1', '192.0.2.77', '198.51.100.7', '2001:db8::1'),
  userAgent: fc.constantFrom(
    null,
    'curl/8.0',
    'Mozilla/5.0 (X11)',
    'terraform/1.9 (Linux)',
    '100%',
  ),
})

const BLOCKS: readonly AddressBlock[] = [
  { first: Uint8Array.of(192, 0, 2, 0), last: Uint8Array.of(192, 0, 2, 255) },
  { first: Uint8Array.of(192, 0, 2, 1), last: Uint8Array.of(192, 0, 2, 1) },
  { first: Uint8Array.of(198, 51, 100, 0), last: Uint8Array.of(198, 51, 100, 255) },
  { first: new Uint8Array(16), last: new Uint8Array(16).fill(255) },
]

const texts = fc.constantFrom('CURL', 'linux', '%', '_', '', 'mozilla/5.0 (x')

const arbitraryExclusion: fc.Arbitrary<NonNullable<EventFilter['not']>> = fc.record(
  {
    actions: fc.subarray(['created', 'deleted', 'unknown'] as const),
    categories: fc.subarray(['api_key', 'group', 'unknown'] as const),
    principalIds: fc.array(
      fc.nat(6).map(number => uuid(number)),
      { maxLength: 2 },
    ),
    addresses: fc.subarray([...BLOCKS], { maxLength: 2 }),
    userAgents: fc.array(texts, { maxLength: 2 }),
  },
  { requiredKeys: [] },
)

const arbitraryConditions: fc.Arbitrary<EventFilter> = fc.record(
  {
    createdAfter: fc.nat(10_000_000).map(micros => START + micros),
    createdBefore: fc.nat(10_000_000).map(micros => START + micros),
    actions: fc.subarray(['created', 'updated', 'deleted', 'unknown'] as const),
    categories: fc.subarray(['api_key', 'user', 'application', 'group', 'unknown'] as const),
    principalIds: fc.array(
      fc.nat(6).map(number => uuid(number)),
      { maxLength: 3 },
    ),
    resourceIds: fc.array(fc.constantFrom(uuid(0), uuid(1), 'SCWAAAAAAAAAAAAAAAAA', 'nothing'), {
      maxLength: 3,
    }),
    addresses: fc.subarray([...BLOCKS], { maxLength: 2 }),
    userAgent: texts,
    userAgents: fc.array(texts, { maxLength: 2 }),
    not: arbitraryExclusion,
  },
  { requiredKeys: [] },
)

/** Sometimes with exclusions only. */
export const arbitraryFilter: fc.Arbitrary<EventFilter> = fc.oneof(
  { weight: 3, arbitrary: arbitraryConditions },
  { weight: 1, arbitrary: fc.record({ not: arbitraryExclusion }) },
)

/** A plain implementation of filters, to which the results of databases are compared. */
export function matches(event: Event, filter: EventFilter): boolean {
  const { createdAfter, createdBefore, actions, categories, principalIds, resourceIds } = filter
  const { addresses, userAgent, userAgents, not = {} } = filter
  const has = (text: string) => event.userAgent?.toLowerCase().includes(text.toLowerCase()) ?? false
  const from = (block: AddressBlock) => lies(event.ipAddress, block)
  return (
    (createdAfter === undefined || event.createdAt >= createdAfter) &&
    (createdBefore === undefined || event.createdAt < createdBefore) &&
    (actions === undefined || actions.includes(actionOf(event.action))) &&
    (categories === undefined || categories.includes(categoryOf(event.category))) &&
    (principalIds === undefined || principalIds.includes(event.principalId)) &&
    (resourceIds === undefined || resourceIds.includes(event.resourceId)) &&
    (addresses === undefined || addresses.some(from)) &&
    (userAgent === undefined || has(userAgent)) &&
    (userAgents === undefined || userAgents.some(has)) &&
    !not.actions?.includes(actionOf(event.action)) &&
    !not.categories?.includes(categoryOf(event.category)) &&
    !not.principalIds?.includes(event.principalId) &&
    !not.addresses?.some(from) &&
    !not.userAgents?.some(has)
  )
}

function lies(address: string | null, { first, last }: AddressBlock): boolean {
  if (address === null) return false
  const v4 = address.includes('.')
  if (v4 !== (first.length === 4)) return false
  if (!v4) return true
  const number = (bytes: Iterable<number>) => [...bytes].reduce((sum, byte) => sum * 256 + byte, 0)
  const own = number(address.split('.').map(Number))
  return own >= number(first) && own <= number(last)
}

/** The `id` of an event or a principal in the graph. */
export function idIn(kind: 'event' | 'principal', id: string, organizationId = ORGANIZATION) {
  return `${kind}:${organizationId}:${id}`
}
