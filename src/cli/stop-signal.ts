// Ends a process that was told to stop, within the ten seconds after which service managers kill it, whatever hangs and
// even if nobody reads its output.

import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds after the signal. */
const STOP_TIMEOUT = 9_900

/** Milliseconds to wait until the last output is read. */
const OUTPUT_TIMEOUT = 500

let stopping = false

/** Aborts at the first SIGINT or SIGTERM, or when the parent process is gone. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  const abort = () => {
    if (stop.signal.aborted) return
    stopping = true
    setTimeout(() => process.exit(1), STOP_TIMEOUT).unref()
    stop.abort()
  }
  process.once('SIGINT', abort)
  process.once('SIGTERM', abort)
  process.once('disconnect', abort)
  return stop.signal
}

export function untilStopped(signal = stopSignal()): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/**
 * Call it last. A process that was told to stop does not wait long for readers of its output, as Node would. Any other
 * does, as for a pager.
 */
export async function exit(): Promise<void> {
  if (!stopping) return
  const streams = [process.stdout, process.stderr]
  const read = streams.map(stream => new Promise(resolve => stream.write('', resolve)))
  await Promise.race([Promise.all(read), delay(OUTPUT_TIMEOUT, undefined, { ref: false })])
  if (streams.some(({ writableLength }) => writableLength > 0)) process.exit()
}
