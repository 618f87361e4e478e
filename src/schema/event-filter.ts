// The filter input for events, and how it becomes an `EventFilter`.

import ipaddr from 'ipaddr.js'
import { InputError, quoted } from '../errors.ts'
import type { Action, AddressBlock, Category, EventExclusion, EventFilter } from '../event.ts'
import { idsOf, LONGEST_LIST, LONGEST_TEXT, listOf, textOf } from './arguments.ts'
import { builder, wordsType } from './builder.ts'

export const EventActionType = wordsType<Action>('EventAction', 'What was done to the resource.', {
  created: 'The resource was created.',
  updated: 'The resource was updated.',
  deleted: 'The resource was deleted.',
  unknown: 'An action that this version does not know; `rawAction` has its name.',
})

export const EventCategoryType = wordsType<Category>(
  'EventCategory',
  "The type of a resource. Scaleway's console calls it category.",
  {
    api_key: 'An API key. Its ID is the access key.',
    user: 'A User.',
    application: 'An Application.',
    group: 'A group of Users and Applications.',
    policy: 'A policy, which grants permission sets.',
    unknown: 'A type that this version does not know; `rawCategory` has its name.',
  },
)

/** Limited because each is compared with every user agent. */
const MOST_TEXTS = 10

const EventExclusionType = builder.inputType('EventExclusion', {
  description: `Which events to exclude: those that match any of these conditions. A condition that is omitted, null
or an empty list excludes nothing. Conditions on addresses or user agents do not exclude events without one.`,
  fields: t => ({
    actions: t.field({ type: [EventActionType], description: 'Exclude these actions.' }),
    categories: t.field({ type: [EventCategoryType], description: 'Exclude these categories.' }),
    principalIds: t.idList({
      description: `Exclude events of these principals, at most ${LONGEST_LIST}.`,
    }),
    ipAddresses: t.stringList({
      description: `Exclude these IP addresses and CIDR blocks, at most ${LONGEST_LIST}.`,
    }),
    userAgents: t.stringList({
      description: `Exclude user agents that contain any of these texts, at most ${MOST_TEXTS}; see
\`EventFilter.userAgent\`.`,
    }),
  }),
})

const EventFilterType = builder.inputType('EventFilter', {
  description: `A filter for events. Events must match all conditions; for a list, any of its values. A condition that
is omitted or null matches every event; an empty list matches none.`,
  fields: t => ({
    createdAfter: t.field({ type: 'DateTime', description: 'Dated at or after this time.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Dated before this time.' }),
    actions: t.field({ type: [EventActionType], description: 'With any of these actions.' }),
    categories: t.field({
      type: [EventCategoryType],
      description: 'With any of these categories.',
    }),
    principalIds: t.idList({
      description: `By any of these principals, at most ${LONGEST_LIST}, also ones that are Unknown to the viewer.`,
    }),
    resourceIds: t.idList({
      description: `About any of these resources, at most ${LONGEST_LIST}. The ID of an API key is its access key.`,
    }),
    ipAddresses: t.stringList({
      description: `From any of these IP addresses and CIDR blocks, IPv4 or IPv6, such as \`203.0.113.0/24\`; at most ${LONGEST_LIST}.`,
    }),
    userAgent: t.string({
      description: `With a user agent that contains this text, of at most ${LONGEST_TEXT} characters. The case of the letters A to
Z is ignored; there are no wildcards.`,
    }),
    userAgents: t.stringList({
      description: `With a user agent that contains any of these texts, at most ${MOST_TEXTS}; see \`userAgent\`.`,
    }),
    not: t.field({ type: EventExclusionType, description: 'Excluded events.' }),
  }),
})

/** `verb`: what the field does with the events. */
export function filterArgument(verb = 'return') {
  const description = `Which events to ${verb}; all by default.`
  return builder.args(t => ({ filter: t.field({ type: EventFilterType, description }) }))
}

export type FilterInput = typeof EventFilterType.$inferInput

/** Refuses values that no event can have. */
export function eventFilter(input: FilterInput | null | undefined): EventFilter {
  const { createdAfter, createdBefore, resourceIds, userAgent } = input ?? {}
  if (createdAfter != null && createdBefore != null && createdAfter > createdBefore) {
    throw new InputError(
      'createdAfter is later than createdBefore, so no event can match; exchange them',
    )
  }
  // Without empty lists, which exclude nothing: the filter then equals one without `not`.
  const excluded = Object.entries(input?.not ?? {}).filter(([, list]) => list?.length)
  return {
    ...(createdAfter != null && { createdAfter }),
    ...(createdBefore != null && { createdBefore }),
    ...conditions(input ?? {}, ''),
    ...(resourceIds != null && { resourceIds: idsOf('resourceIds', resourceIds) }),
    ...(userAgent != null && { userAgent: textOf('userAgent', userAgent) }),
    ...(excluded.length > 0 && { not: conditions(Object.fromEntries(excluded), 'not.') }),
  }
}

/** `prefix`: of the names in messages. */
function conditions(
  input: typeof EventExclusionType.$inferInput,
  prefix: '' | 'not.',
): EventExclusion {
  const { actions, categories, principalIds, ipAddresses, userAgents } = input
  return {
    ...(actions && { actions: listOf(`${prefix}actions`, actions) }),
    ...(categories && { categories: listOf(`${prefix}categories`, categories) }),
    ...(principalIds && { principalIds: idsOf(`${prefix}principalIds`, principalIds) }),
    ...(ipAddresses && { addresses: blocksOf(`${prefix}ipAddresses`, ipAddresses) }),
    ...(userAgents && { userAgents: textsOf(`${prefix}userAgents`, userAgents) }),
  }
}

function textsOf(name: string, texts: readonly string[]): string[] {
  return listOf(name, texts, MOST_TEXTS).map(text => textOf(name, text))
}

function blocksOf(name: string, texts: readonly string[]): AddressBlock[] {
  return listOf(name, texts).map(text => addressBlock(name, text))
}

/** An address is a block of one; a block may be given by any address in it. */
function addressBlock(name: string, text: string): AddressBlock {
  const [address = ''] = text.split('/')
  const isIPv6 = address.includes(':')
  const family = isIPv6 ? ipaddr.IPv6 : ipaddr.IPv4
  const block = text === address ? `${text}/${isIPv6 ? 128 : 32}` : text
  // IPv4 only in four decimal parts: `010.1` and the like mean different things to different programs.
  const isAddress = isIPv6 || ipaddr.IPv4.isValidFourPartDecimal(address)
  if (!isAddress || !family.isValidCIDR(block)) {
    throw new InputError(
      `${name}: ${quoted(text)} is neither an address nor a CIDR block; write it like "203.0.113.7" or "2001:db8::/32"`,
    )
  }
  const ends = [family.networkAddressFromCIDR(block), family.broadcastAddressFromCIDR(block)]
  const [first = [], last = []] = ends.map(end => end.toByteArray())
  // IPv4-mapped addresses (::ffff:192.0.2.1) are stored as IPv4.
  const mapped = first.slice(0, 12).join() === MAPPED && last.slice(0, 12).join() === MAPPED
  const from = mapped ? 12 : 0
  return { first: Uint8Array.from(first.slice(from)), last: Uint8Array.from(last.slice(from)) }
}

const MAPPED = '0,0,0,0,0,0,0,0,0,0,255,255'
