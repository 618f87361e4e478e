// A reader for one question among many: a database that answers at once would let a long question hold the whole
// process, so after a while the next read waits until everyone else had a turn. What is read is the same, but that a
// question may neither read without end nor for ever.

import { UserError } from '../errors.ts'
import { type Queue, yieldToEventLoop } from '../event-loop.ts'
import type { Awaitable, LogReader } from '../store.ts'

export interface ReadingLimits {
  /** Milliseconds of reading after which others come first; without end, whatever can be read at once is. */
  readonly turn: number
  /** How many times one question may read; what it costs is bounded before, so this is a second wall. */
  readonly reads: number
  /** Milliseconds after which a question may not read on. */
  readonly time: number
  /** Who waits with it while others come first. */
  readonly line: Queue
}

export const READING_LIMITS: ReadingLimits = {
  turn: 15,
  reads: 1_000,
  time: 10_000,
  line: 'answers',
}

/** Of what lasts: it reads as long as it is listened to. */
export const NO_END = {
  reads: Number.POSITIVE_INFINITY,
  time: Number.POSITIVE_INFINITY,
  line: 'streams',
} as const

/** Made when its question begins to be answered. Every read is a promise, whichever database answers. `who` asks. */
export function fairReader(
  log: LogReader,
  { turn, reads, time, line }: ReadingLimits,
  who: string,
): LogReader {
  const begun = performance.now()
  let since = begun
  let done = 0

  async function fairly<T>(read: () => Awaitable<T>): Promise<T> {
    const now = performance.now()
    if (++done > reads) throw tooMuch('reads', reads.toLocaleString('en'))
    if (now - begun > time) throw tooMuch('time', `${time / 1000} s`)
    if (now - since >= turn) {
      await yieldToEventLoop(line, who)
      since = performance.now()
    }
    return read()
  }

  const inTurns = <Reads extends object>(reads: Reads): Reads =>
    new Proxy(reads, {
      get(_, name) {
        const member: unknown = Reflect.get(reads, name)
        if (typeof member !== 'function') return member
        // A wait, and no read.
        if (name === 'nextArrival') return member.bind(reads)
        const read = (...args: unknown[]) => fairly(() => member.apply(reads, args))
        return name === 'eventCounts'
          ? async (...args: unknown[]) => inTurns(await read(...args))
          : read
      },
    })
  return inTurns(log)
}

function tooMuch(limit: string, most: string): UserError {
  return new UserError('LIMIT_EXCEEDED', `${limit}: more than ${most}; ask for less at once`)
}
