// Events, each one recorded action on an IAM resource, and queries for them.
//
// Terminology, as Scaleway uses it:
// - Event: one recorded action. Never changes once recorded; identified by its ID.
// - Action: created, updated or deleted. Category: the type of the resource acted on.
// - Resource: what was acted on. An API key's ID is its access key (`SCW…`), the others' are UUIDs.
// - Principal: who acted (principal.ts). Organization: the tenant, where it was done.
// - Created: when it happened. Recorded: when it was added to this archive. Arrival: the order of recording.

import type { Instant } from './instant.ts'

/** One event, with Scaleway's own values: those that this version does not know are kept unchanged. */
export interface Event {
  /** UUID in lower case; unique within an Organization. */
  readonly id: string
  readonly organizationId: string
  readonly createdAt: Instant
  /** Scaleway's word, such as `created`; see `actionOf`. */
  readonly action: string
  /** Scaleway's `resource_type`, such as `api_key`; see `categoryOf`. */
  readonly category: string
  readonly resourceId: string
  /** Scaleway's `bearer_id`; `NIL_ID` if Scaleway gave none. */
  readonly principalId: string
  /** In canonical form (RFC 5952 for IPv6), or unchanged if it is not an IP address. */
  readonly ipAddress: string | null
  readonly userAgent: string | null
}

/** An event in this archive. */
export interface RecordedEvent extends Event {
  /** When it was added to this archive; whole milliseconds. */
  readonly recordedAt: Instant
}

/** The principal ID of an event without one. */
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

/** All conditions must hold; within a list, any one. An absent condition always holds; an empty list never does. */
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
  /** Like `userAgent`, any of these. */
  readonly userAgents?: readonly string[]
  readonly not?: EventExclusion
}

/**
 * None of these may hold. An absent or empty list excludes nothing, and a field that an event lacks never excludes
 * it.
 */
export interface EventExclusion {
  readonly actions?: readonly Action[]
  readonly categories?: readonly Category[]
  readonly principalIds?: readonly string[]
  readonly addresses?: readonly AddressBlock[]
  /** Each like `EventFilter.userAgent`. */
  readonly userAgents?: readonly string[]
}

/** A query for events in the order of arrival. */
export interface FeedQuery {
  readonly organizationId: string
  readonly filter: EventFilter
  /** Only events that arrived after this one; `FEED_START`: from the first. */
  readonly after: FeedCursor
  readonly limit: number
}

/**
 * A cursor in an Organization's order of arrival: the ID of the last event before it, whether or not that matches.
 */
export type FeedCursor = string

/** Before the first event. */
export const FEED_START: FeedCursor = NIL_ID

export interface FeedPage {
  /** In order of arrival. */
  readonly events: readonly RecordedEvent[]
  /** The cursor after the last event that was examined; the next page begins there. */
  readonly cursor: FeedCursor
  /** Whether there are events after `cursor`, which need not match. */
  readonly hasMore: boolean
}

/** First and last address of a block, both included, as 4 bytes (IPv4) or 16 bytes (IPv6). */
export interface AddressBlock {
  readonly first: Uint8Array
  readonly last: Uint8Array
}

/**
 * An event's position in the order by date. Events of the same date are ordered by ID, so the order is total, the
 * same in every database, and does not change when other events arrive.
 */
export interface Position {
  readonly createdAt: Instant
  readonly id: string
}

/** Negative if `a` comes before `b`, oldest first; zero only for the same position. */
export function comparePositions(a: Position, b: Position): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

export type EventOrder = 'oldest-first' | 'newest-first'

/**
 * A page of one Organization's events. Without `fromEnd`, the first `limit` events of the order that lie
 * strictly between `after` and `before`; with it, the last `limit` of them. The result is always in `order`.
 */
export interface EventQuery {
  readonly organizationId: string
  readonly filter: EventFilter
  readonly order: EventOrder
  readonly after?: Position | null
  readonly before?: Position | null
  readonly limit: number
  readonly fromEnd?: boolean
  /**
   * Only events that arrived up to this one, itself included: new arrivals do not change the result. No events if it
   * is not an event of the Organization. Absent: all events.
   */
  readonly arrivedBy?: FeedCursor
}

export interface EventPage {
  readonly events: readonly RecordedEvent[]
  /** Whether more events match after this page, in the direction of reading: with `fromEnd`, before it. */
  readonly hasMore: boolean
}
