// A reader for one question among many: a database that answers at once would let a long question hold the whole
// process, so after a while the next read waits until everyone else had a turn. What is read is the same, but that a
// question may neither read without end nor for ever.

import { Refusal } from '../errors.ts'
import { type Line, othersFirst } from '../others-first.ts'
import type { Awaitable, EventCounts, LogReader } from '../store.ts'

export interface ReadingLimits {
  /** Milliseconds of reading after which others come first; without end, whatever can be read at once is. */
  readonly turn: number
  /** How many times one question may read; what it costs is bounded before, so this is a second wall. */
  readonly reads: number
  /** Milliseconds after which a question may not read on. */
  readonly time: number
  /** Who waits with it while others come first. */
  readonly line: Line
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

/** Made when its question begins to be answered. Every read is a promise, whichever database answers. */
export function fairReader(log: LogReader, { turn, reads, time, line }: ReadingLimits): LogReader {
  const begun = performance.now()
  let since = begun
  let done = 0

  async function fairly<T>(read: () => Awaitable<T>): Promise<T> {
    const now = performance.now()
    if (++done > reads) throw tooMuch('reads', reads.toLocaleString('en'))
    if (now - begun > time) throw tooMuch('time', `${time / 1000} s`)
    if (now - since >= turn) {
      await othersFirst(line)
      since = performance.now()
    }
    return read()
  }

  const fairCounts = (counts: EventCounts): EventCounts => ({
    since: counts.since,
    kinds: () => fairly(() => counts.kinds()),
    principals: first => fairly(() => counts.principals(first)),
    times: edges => fairly(() => counts.times(edges)),
    addresses: first => fairly(() => counts.addresses(first)),
    userAgents: first => fairly(() => counts.userAgents(first)),
  })

  return {
    scalewayIds: log.scalewayIds,
    // A wait, and no read.
    nextArrival: () => log.nextArrival(),
    events: query => fairly(() => log.events(query)),
    countEvents: (id, filter) => fairly(() => log.countEvents(id, filter)),
    eventCounts: async (id, filter) => fairCounts(await fairly(() => log.eventCounts(id, filter))),
    arrivals: query => fairly(() => log.arrivals(query)),
    lastArrival: id => fairly(() => log.lastArrival(id)),
    coverage: id => fairly(() => log.coverage(id)),
    eventsById: ids => fairly(() => log.eventsById(ids)),
    directory: keys => fairly(() => log.directory(keys)),
    directoryById: ids => fairly(() => log.directoryById(ids)),
    namesAt: wanted => fairly(() => log.namesAt(wanted)),
    hasActed: keys => fairly(() => log.hasActed(keys)),
    actedInById: ids => fairly(() => log.actedInById(ids)),
    principals: query => fairly(() => log.principals(query)),
    countPrincipals: (id, search) => fairly(() => log.countPrincipals(id, search)),
    organizationsById: ids => fairly(() => log.organizationsById(ids)),
    organizations: () => fairly(() => log.organizations()),
  }
}

function tooMuch(limit: string, most: string): Refusal {
  return new Refusal('LIMIT_EXCEEDED', `${limit}: more than ${most}; ask for less at once`)
}
