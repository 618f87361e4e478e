// The hash chain that proves that a log is unchanged. Each batch of an Organization's new events is sealed when it is written,
// each seal over the one before, so the last one, the head, stands for all. Whoever can write to the database can write seals,
// too: only a head that was kept elsewhere reveals that.

import type { Instant } from './instant.ts'

/** The state of an Organization's log at one time: with as many events, another hash means that one of them differs. */
export interface Head {
  readonly organizationId: string
  /** All that were ever added, also those that retention has deleted. */
  readonly events: number
  /** 64 hexadecimal digits in lower case. */
  readonly hash: string
}

/** The result of computing the seals of an Organization again from its events. */
export interface Chain {
  readonly organizationId: string
  /** `null`: there is no seal. */
  readonly head: Head | null
  /** Events that retention has deleted. */
  readonly dropped: number
  /** Events dated before have been deleted; `null`: none. */
  readonly droppedBefore: Instant | null
  /** Messages: the first place where events and seals differ, and each kept head that is not in the chain. */
  readonly faults: readonly string[]
}
