// What can be said of a log that was kept: that it still is what was taken in. Each batch of an Organization's new
// events is sealed as it is written, each seal over the one before, so the last one, the head, stands for all. Who can
// write the database can write seals too: only a head that was kept elsewhere tells of that.

import type { Instant } from './instant.ts'

/** All that an Organization's log held once: the same number of events has no other hash unless one of them differs. */
export interface Head {
  readonly organizationId: string
  /** All that were ever taken in, also those that retention has dropped. */
  readonly events: number
  /** 64 hexadecimal digits of lower case. */
  readonly hash: string
}

/** What was found when the seals of an Organization were made again from its events. */
export interface Chain {
  readonly organizationId: string
  /** `null`: no seal was ever made. */
  readonly head: Head | null
  /** Events that have a seal and are no more, as retention dropped their months. */
  readonly dropped: number
  /** What is dated before has been dropped; `null`: nothing. */
  readonly droppedBefore: Instant | null
  /** The first place where events and seals differ, and each kept head that is not in the chain; in words. */
  readonly faults: readonly string[]
}
