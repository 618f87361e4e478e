// Whether the process is so busy that whoever asks now would wait long: then it is better to say so at once than to
// let everybody wait for ever longer.

import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Milliseconds that a turn may come late. */
const LATE = 500

/** For how long it is looked at, in milliseconds. */
const LOOK = 1_000

const RESOLUTION = 20

export interface Pressure {
  /** Whether, lately, half of the turns came too late. */
  isHigh(): boolean
  stop(): void
}

export function watchPressure(): Pressure {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION })
  delays.enable()
  let high = false
  let lookedAt = performance.now()
  return {
    isHigh() {
      const now = performance.now()
      if (now - lookedAt > LOOK) {
        high = delays.count > 0 && delays.percentile(50) / 1e6 > LATE
        delays.reset()
        lookedAt = now
      }
      return high
    },
    stop: () => void delays.disable(),
  }
}
