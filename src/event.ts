// What happened: one recorded action on an IAM resource, and how to ask for such events.
//
// Terminology, as Scaleway uses it:
// - Event: one recorded action. Never changes once recorded; known by its ID.
// - Action: created, updated or deleted. Category: the type of the resource acted on.
// - Resource: what was acted on. An API key's ID is its access key (`SCW…`), the others' are UUIDs.
// - Principal: who acted (principal.ts). Organization: where (organization.ts).
// - Created: when it happened. Recorded: when this archive took it in. Arrival: the order of recording.

import type { Instant } from './instant.ts'

/** One event, in Scaleway's own words: values this version does not know are kept as they came. */
export interface Event {
  /** UUID in lower case; one per Organization. */
  readonly id: string
  readonly organizationId: string
  readonly createdAt: Instant
  /** Scaleway's word, such as `created`; see `actionOf`. */
  readonly action: string
  /** Scaleway's `resource_type`, such as `api_key`; see `categoryOf`. */
  readonly category: string
  readonly resourceId: string
  /** Scaleway's `bearer_id`; `NIL_ID` where Scaleway gave none. */
  readonly principalId: string
  /** Canonical text (RFC 5952 for IPv6), or as it came where it is no address. */
  readonly ipAddress: string | null
  readonly userAgent: string | null
}

/** An event as this archive holds it. */
export interface RecordedEvent extends Event {
  /** When this archive took it in; whole milliseconds. */
  readonly recordedAt: Instant
}

/** The principal ID of an event that names none. */
export const NIL_ID = '00000000-0000-0000-0000-000000000000'

export const ACTIONS = ['created', 'updated', 'deleted', 'unknown'] as const
export type Action = (typeof ACTIONS)[number]

export const CATEGORIES = ['api_key', 'user', 'application', 'group', 'policy', 'unknown'] as const
export type Category = (typeof CATEGORIES)[number]

/** `unknown` for every word this version does not know. */
export function actionOf(word: string): Action {
  return (ACTIONS as readonly string[]).includes(word) ? (word as Action) : 'unknown'
}

/** `unknown` for every word this version does not know. */
export function categoryOf(word: string): Category {
  return (CATEGORIES as readonly string[]).includes(word) ? (word as Category) : 'unknown'
}

/** All conditions hold together; within a list, any one. An absent condition holds always; an empty list never. */
export interface EventFilter {
  /** From this instant, included. */
  readonly createdAfter?: Instant
  /** Up to this instant, excluded. */
  readonly createdBefore?: Instant
  readonly actions?: readonly Action[]
  readonly categories?: readonly Category[]
  readonly principalIds?: readonly string[]
  readonly resourceIds?: readonly string[]
  /** The address lies in one of these blocks; a single address is a block of one. */
  readonly addresses?: readonly AddressBlock[]
  /** The user agent contains this text, ignoring the case of ASCII letters. */
  readonly userAgent?: string
  /** As `userAgent`, any of these. */
  readonly userAgents?: readonly string[]
  readonly not?: EventExclusion
}

/** None of these holds; an absent or empty list excludes nothing. What an event does not have cannot exclude it. */
export interface EventExclusion {
  readonly actions?: readonly Action[]
  readonly categories?: readonly Category[]
  readonly principalIds?: readonly string[]
  readonly addresses?: readonly AddressBlock[]
  /** As `EventFilter.userAgent`, each. */
  readonly userAgents?: readonly string[]
}

/** Which events in the order of arrival. */
export interface FeedQuery {
  readonly organizationId: string
  readonly filter: EventFilter
  /** Only what arrived after this; `FEED_START`: from the first on. */
  readonly after: FeedMark
  readonly limit: number
}

/** A place in an Organization's order of arrival: the ID of the last event before it, whether or not a filter takes it. */
export type FeedMark = string

/** Before the first event. */
export const FEED_START: FeedMark = NIL_ID

export interface FeedPage {
  /** In order of arrival. */
  readonly events: readonly RecordedEvent[]
  /** How far was looked: where the next page begins. */
  readonly mark: FeedMark
  /** Whether anything lies behind `mark`; it may be that nothing there matches. */
  readonly hasMore: boolean
}

/** First and last address of a block, both included, as 4 bytes (IPv4) or 16 bytes (IPv6). */
export interface AddressBlock {
  readonly first: Uint8Array
  readonly last: Uint8Array
}

/**
 * An event's place in the order by date. Equal dates are ordered by ID, so the order is total, the same
 * in every database, and does not change when other events arrive.
 */
export interface Position {
  readonly createdAt: Instant
  readonly id: string
}

/** Negative where `a` is older than `b`; zero only for the same place. */
export function comparePositions(a: Position, b: Position): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

export type EventOrder = 'oldest-first' | 'newest-first'

/**
 * A page of one Organization's events. Without `fromEnd`, the first `limit` events of the order that lie
 * strictly between `after` and `before`; with it, the last `limit` of them. Always answered in `order`.
 */
export interface EventQuery {
  readonly organizationId: string
  readonly filter: EventFilter
  readonly order: EventOrder
  readonly after: Position | null
  readonly before: Position | null
  readonly limit: number
  readonly fromEnd: boolean
  /**
   * Only what had arrived when this event had, itself included: a list that no arrival changes. Nothing at all
   * where the mark names no event of the Organization. Absent: whatever is there.
   */
  readonly arrivedBy?: FeedMark
}

export interface EventPage {
  readonly events: readonly RecordedEvent[]
  /** Whether more events match beyond this page, in the direction it was read. */
  readonly hasMore: boolean
}
