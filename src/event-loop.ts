// Runs one waiting task per queue in each turn of the event loop. Callbacks that are scheduled together run in the
// same turn, and would block I/O as long as one long task does.

/** `answers`: requests whose client waits for the response; `streams`: subscriptions and other long transfers. */
export type Queue = 'answers' | 'streams'

/** By caller (`who`). */
const waiting: Record<Queue, Map<string, (() => void)[]>> = {
  answers: new Map(),
  streams: new Map(),
}
let isScheduled = false

/**
 * Resolves in a later turn of the event loop, after new input was read; each turn runs one task of each queue. Callers
 * (`who`) take turns, so one with many tasks delays another no longer than one with a single task.
 */
export function yieldToEventLoop(queue: Queue, who = ''): Promise<void> {
  return new Promise(resolve => {
    const own = waiting[queue].get(who)
    if (own === undefined) waiting[queue].set(who, [resolve])
    else own.push(resolve)
    if (isScheduled) return
    isScheduled = true
    setImmediate(goOn)
  })
}

function goOn(): void {
  oneOf(waiting.answers)
  oneOf(waiting.streams)
  isScheduled = waiting.answers.size > 0 || waiting.streams.size > 0
  if (isScheduled) setImmediate(goOn)
}

function oneOf(queue: Map<string, (() => void)[]>): void {
  const [first] = queue
  if (first === undefined) return
  const [who, own] = first
  own.shift()?.()
  // To the end of the queue.
  queue.delete(who)
  if (own.length > 0) queue.set(who, own)
}
