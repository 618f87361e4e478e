// Whether the process is so busy that whoever asks now would wait long: then it is better to say so at once than to
// let everybody wait for ever longer.

import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Milliseconds that a turn may come late. */
const LATE = 500

/** For how long it is looked at, in milliseconds. */
const LOOK = 1_000

const RESOLUTION = 20

let delays: ReturnType<typeof monitorEventLoopDelay> | undefined
let high = false
let lookedAt = 0

/** Whether, lately, half of the turns came too late. Watched from the first time it is called. */
export function isOverloaded(): boolean {
  if (delays === undefined) {
    delays = monitorEventLoopDelay({ resolution: RESOLUTION })
    delays.enable()
    lookedAt = performance.now()
  }
  const now = performance.now()
  if (now - lookedAt > LOOK) {
    high = delays.count > 0 && delays.percentile(50) / 1e6 > LATE
    delays.reset()
    lookedAt = now
  }
  return high
}
