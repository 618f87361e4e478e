// Ends a process after a stop signal, within the ten seconds after which service managers kill it, even if something
// hangs or the output is not read; and ends child processes.

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds after the signal. */
const STOP_TIMEOUT = 9_900
/** The same for child processes; longer than it takes to abort their requests. */
const CHILD_TIMEOUT = 9_700

/** Milliseconds to wait until the last output is read. */
const OUTPUT_TIMEOUT = 500

let stopping = false

/** Aborts at the first SIGINT or SIGTERM, or when the parent process has ended. */
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

/** Asks a child process to stop; if it does not end in time, calls `late` and kills it. Resolves when it has ended. */
export async function stopChild(child: ChildProcess, late = () => {}): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => {
    late()
    child.kill('SIGKILL')
  }, CHILD_TIMEOUT)
  await ended
  clearTimeout(timer)
}

export function untilStopped(signal = stopSignal()): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/**
 * Must be called last. After a stop signal, it does not wait long for readers of the output, as Node would. Otherwise
 * it does wait, for example for a pager.
 */
export async function exit(): Promise<void> {
  if (!stopping) return
  const streams = [process.stdout, process.stderr]
  const read = streams.map(stream => new Promise(resolve => stream.write('', resolve)))
  await Promise.race([Promise.all(read), delay(OUTPUT_TIMEOUT, undefined, { ref: false })])
  if (streams.some(({ writableLength }) => writableLength > 0)) process.exit()
}
