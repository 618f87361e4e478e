// A reader that shares the event loop with other requests: SQLite answers synchronously, so a request with many reads
// would block the process. After a while of reading, the next read waits for a turn. It also limits the number of reads
// of a request and their time.

import { UserError } from '../errors.ts'
import { type Queue, yieldToEventLoop } from '../event-loop.ts'
import type { Awaitable, LogReader } from '../log-reader.ts'

export type ReadingLimits = Readonly<typeof READING_LIMITS>

export const READING_LIMITS = {
  /** Milliseconds of reading after which other requests get a turn. */
  turn: 15,
  /** Reads per request: a second limit besides its cost. */
  reads: 1_000,
  /** Milliseconds after which a request may not read any more. */
  time: 10_000,
  /** The queue in which it waits for its turn. */
  line: 'answers' as Queue,
}

/** For subscriptions, which read until their client leaves. */
export const NO_END = {
  reads: Number.POSITIVE_INFINITY,
  time: Number.POSITIVE_INFINITY,
  line: 'streams',
} as const

/** Created when a request begins. Every read returns a promise, with any database. `who`: the viewer's ID. */
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
        // Waits only; reads nothing.
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
