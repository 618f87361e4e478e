// The filter input for events, and how it becomes an `EventFilter`.

import ipaddr from 'ipaddr.js'
import { InputError, quoted } from '../errors.ts'
import type { AddressBlock, EventExclusion, EventFilter } from '../event.ts'
import { idsOf, listOf, textOf } from './arguments.ts'
import { builder } from './builder.ts'

export const EventActionType = builder.enumType('EventAction', {
  description: 'What was done.',
  values: {
    CREATED: { value: 'created', description: 'The resource was made.' },
    UPDATED: { value: 'updated', description: 'The resource was changed.' },
    DELETED: { value: 'deleted', description: 'The resource was removed.' },
    UNKNOWN: {
      value: 'unknown',
      description: 'An action this version does not know; `rawAction` has its name.',
    },
  } as const,
})

export const EventCategoryType = builder.enumType('EventCategory', {
  description: "The type of resource it was done to; Scaleway's console calls it category.",
  values: {
    API_KEY: { value: 'api_key', description: 'An API key, whose ID is its access key.' },
    USER: { value: 'user', description: 'A User.' },
    APPLICATION: { value: 'application', description: 'An Application.' },
    GROUP: { value: 'group', description: 'A group of Users and Applications.' },
    POLICY: { value: 'policy', description: 'A policy, which grants permission sets.' },
    UNKNOWN: {
      value: 'unknown',
      description: 'A type this version does not know; `rawCategory` has its name.',
    },
  } as const,
})

/** As each is compared with every user agent. */
const MOST_TEXTS = 10

const EventExclusionType = builder.inputType('EventExclusion', {
  description: `Which events to leave out: those of which any of this holds. What is left out, null or an empty list
leaves out nothing; nor does an address or a user agent leave out events that have none.`,
  fields: t => ({
    actions: t.field({ type: [EventActionType], description: 'None of these actions.' }),
    categories: t.field({ type: [EventCategoryType], description: 'None of these categories.' }),
    principalIds: t.idList({ description: 'By none of these principals, at most 100.' }),
    ipAddresses: t.stringList({
      description: 'From none of these addresses and CIDR blocks, at most 100.',
    }),
    userAgents: t.stringList({
      description: `By no user agent that contains any of these texts, at most ${MOST_TEXTS}, each as \`EventFilter.userAgent\`.`,
    }),
  }),
})

export const EventFilterType = builder.inputType('EventFilter', {
  description: `Which events. All conditions hold together; within a list, any one. A condition that is left out or
null holds always; an empty list never.`,
  fields: t => ({
    createdAfter: t.field({ type: 'DateTime', description: 'From this date, included.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Up to this date, excluded.' }),
    actions: t.field({ type: [EventActionType], description: 'Any of these actions.' }),
    categories: t.field({ type: [EventCategoryType], description: 'Any of these categories.' }),
    principalIds: t.idList({
      description:
        'By any of these principals, at most 100, whether or not the viewer may know who they are.',
    }),
    resourceIds: t.idList({
      description: "To any of these resources, at most 100; an API key's ID is its access key.",
    }),
    ipAddresses: t.stringList({
      description:
        'From any of these addresses and CIDR blocks, IPv4 or IPv6, such as `203.0.113.0/24`; at most 100.',
    }),
    userAgent: t.string({
      description: `By a user agent that contains this text of at most 256 characters; the case of the letters A to Z
does not matter, and no character stands for others.`,
    }),
    userAgents: t.stringList({
      description: `By a user agent that contains any of these texts, at most ${MOST_TEXTS}, each as \`userAgent\`.`,
    }),
    not: t.field({ type: EventExclusionType, description: 'But none of these.' }),
  }),
})

export type FilterInput = typeof EventFilterType.$inferInput

/** Refuses values that no event can have. */
export function eventFilter(input: FilterInput | null | undefined): EventFilter {
  const { createdAfter, createdBefore, actions, categories, principalIds } = input ?? {}
  const { resourceIds, ipAddresses, userAgent, userAgents, not } = input ?? {}
  if (createdAfter != null && createdBefore != null && createdAfter > createdBefore) {
    throw new InputError(
      'createdAfter is later than createdBefore, so nothing lies between; exchange them',
    )
  }
  return {
    ...(createdAfter != null && { createdAfter }),
    ...(createdBefore != null && { createdBefore }),
    ...(actions != null && { actions: listOf('actions', actions) }),
    ...(categories != null && { categories: listOf('categories', categories) }),
    ...(principalIds != null && { principalIds: idsOf('principalIds', principalIds) }),
    ...(resourceIds != null && { resourceIds: idsOf('resourceIds', resourceIds) }),
    ...(ipAddresses != null && { addresses: blocksOf('ipAddresses', ipAddresses) }),
    ...(userAgent != null && { userAgent: textOf('userAgent', userAgent) }),
    ...(userAgents != null && { userAgents: textsOf('userAgents', userAgents) }),
    ...exclusion(not ?? {}),
  }
}

/** Empty where nothing is excluded, so that it equals a filter without it. */
function exclusion(input: typeof EventExclusionType.$inferInput): Pick<EventFilter, 'not'> {
  const { actions, categories, principalIds, ipAddresses, userAgents } = input
  const not: EventExclusion = {
    ...(actions?.length && { actions: listOf('not.actions', actions) }),
    ...(categories?.length && { categories: listOf('not.categories', categories) }),
    ...(principalIds?.length && { principalIds: idsOf('not.principalIds', principalIds) }),
    ...(ipAddresses?.length && { addresses: blocksOf('not.ipAddresses', ipAddresses) }),
    ...(userAgents?.length && {
      userAgents: textsOf('not.userAgents', userAgents),
    }),
  }
  return Object.keys(not).length === 0 ? {} : { not }
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
