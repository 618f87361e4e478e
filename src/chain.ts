// The hash chain that proves that a log is unchanged. Each batch of an Organization's new events is sealed when it is
// written. Each seal includes the one before, so the last one, the head, covers all. An attacker who can write to the
// database can also write new seals: only comparing with a head that was stored elsewhere detects that.

import type { Instant } from './instant.ts'

/**
 * The state of an Organization's log at one time. Heads with equal `events` but different hashes mean different
 * events.
 */
export interface Head {
  readonly organizationId: string
  /** The number of events ever added, including those that retention has deleted. */
  readonly events: number
  /** 64 hexadecimal digits in lower case. */
  readonly hash: string
}

/** The result of computing the seals of an Organization again from its events. */
export interface Chain {
  readonly organizationId: string
  /** `null`: there is no seal. */
  readonly head: Head | null
  /** The number of events that retention has deleted. */
  readonly dropped: number
  /** Events dated before this have been deleted; `null`: none. */
  readonly droppedBefore: Instant | null
  /** Messages: the first place where events and seals differ, and each kept head that is not in the chain. */
  readonly faults: readonly string[]
}
