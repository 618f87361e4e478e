// The end of a process that was told to stop. It comes within ten seconds, after which service managers kill, whatever
// hangs and whoever takes no more of what is written.

import { setTimeout as delay } from 'node:timers/promises'

/** After the signal, in milliseconds. */
const STOPPED_WITHIN = 9_900

/** So long what was written last may take to be read, in milliseconds. */
const LAST_WORDS = 500

let stopping = false

/** Aborts at the first signal to end, from whoever has the right to send one. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController()
  const end = () => {
    if (stop.signal.aborted) return
    stopping = true
    setTimeout(() => process.exit(1), STOPPED_WITHIN).unref()
    stop.abort()
  }
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  // Who was begun by another process ends with it.
  process.once('disconnect', end)
  return stop.signal
}

/** Resolves when the signal aborts. */
export function untilStopped(signal = stopSignal()): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/**
 * To be called last. Who was told to stop does not wait for those who do not read its output: Node itself would, for
 * ever. Any other process does, as for a pager.
 */
export async function exit(): Promise<void> {
  if (!stopping) return
  const streams = [process.stdout, process.stderr]
  const read = streams.map(stream => new Promise(resolve => stream.write('', resolve)))
  await Promise.race([Promise.all(read), delay(LAST_WORDS, undefined, { ref: false })])
  if (streams.some(({ writableLength }) => writableLength > 0)) process.exit()
}
