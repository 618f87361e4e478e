// Whether the process is so busy that further requests would wait long. Refusing some at once is better than a growing
// delay for all.

import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Milliseconds of delay of the event loop. */
const MAX_DELAY = 500

/** The length of a measurement in milliseconds. */
const PERIOD = 1_000

const RESOLUTION = 20

let delays: ReturnType<typeof monitorEventLoopDelay> | undefined
let high = false
let measuredAt = 0

/** Whether half of the event loop's turns in the last period were late. Measures from the first call. */
export function isOverloaded(): boolean {
  if (delays === undefined) {
    delays = monitorEventLoopDelay({ resolution: RESOLUTION })
    delays.enable()
    measuredAt = performance.now()
  }
  const now = performance.now()
  if (now - measuredAt > PERIOD) {
    high = delays.count > 0 && delays.percentile(50) / 1e6 > MAX_DELAY
    delays.reset()
    measuredAt = now
  }
  return high
}
