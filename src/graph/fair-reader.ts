// A reader for one question among many: a database that answers at once would let a long question hold the whole
// process, so after a while the next read waits until everyone else had a turn. What is read is the same, but that a
// question may neither read without end nor for ever.

import { Refusal } from '../errors.ts'
import type {
  ArrivalPage,
  ArrivalQuery,
  EventFilter,
  EventPage,
  EventQuery,
  RecordedEvent,
} from '../event.ts'
import { type Line, othersFirst } from '../others-first.ts'
import type { DirectoryKey, DirectoryMoment, ScalewayIds } from '../principal.ts'
import type { Awaitable, EventCounts, LogReader, PrincipalQuery } from '../store.ts'

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

/** Made when its question begins to be answered. */
export class FairReader implements LogReader {
  readonly #log: LogReader
  readonly #limits: ReadingLimits
  readonly #begun = performance.now()
  #since = this.#begun
  #reads = 0

  constructor(log: LogReader, limits: ReadingLimits) {
    this.#log = log
    this.#limits = limits
  }

  /** The quick way makes no promise. */
  #fairly<T>(read: () => Awaitable<T>): Awaitable<T> {
    const { turn, reads, time } = this.#limits
    const now = performance.now()
    if (++this.#reads > reads) throw tooMuch('reads', `${reads.toLocaleString('en')}`)
    if (now - this.#begun > time) throw tooMuch('time', `${time / 1000} s`)
    if (now - this.#since < turn) return read()
    return othersFirst(this.#limits.line).then(() => {
      this.#since = performance.now()
      return read()
    })
  }

  get scalewayIds(): ScalewayIds {
    return this.#log.scalewayIds
  }
  events(query: EventQuery): Awaitable<EventPage> {
    return this.#fairly(() => this.#log.events(query))
  }
  countEvents(organizationId: string, filter: EventFilter): Awaitable<number> {
    return this.#fairly(() => this.#log.countEvents(organizationId, filter))
  }
  eventCounts(organizationId: string, filter: EventFilter): Awaitable<EventCounts> {
    const read = (): Awaitable<EventCounts> => this.#log.eventCounts(organizationId, filter)
    const fairly = <T>(figure: () => Awaitable<T>) => this.#fairly(figure)
    const fair = (counts: EventCounts): EventCounts => ({
      since: counts.since,
      kinds: () => fairly(() => counts.kinds()),
      principals: first => fairly(() => counts.principals(first)),
      times: edges => fairly(() => counts.times(edges)),
      addresses: first => fairly(() => counts.addresses(first)),
      userAgents: first => fairly(() => counts.userAgents(first)),
    })
    const counts = this.#fairly(read)
    return counts instanceof Promise ? counts.then(fair) : fair(counts)
  }
  arrivals(query: ArrivalQuery): Awaitable<ArrivalPage | null> {
    return this.#fairly(() => this.#log.arrivals(query))
  }
  lastArrival(organizationId: string) {
    return this.#fairly(() => this.#log.lastArrival(organizationId))
  }
  nextArrival(): Promise<void> {
    return this.#log.nextArrival()
  }
  coverage(organizationId: string) {
    return this.#fairly(() => this.#log.coverage(organizationId))
  }
  eventsById(ids: readonly string[]): Awaitable<(RecordedEvent | null)[]> {
    return this.#fairly(() => this.#log.eventsById(ids))
  }
  directory(keys: readonly DirectoryKey[]) {
    return this.#fairly(() => this.#log.directory(keys))
  }
  directoryById(ids: readonly string[]) {
    return this.#fairly(() => this.#log.directoryById(ids))
  }
  namesAt(wanted: readonly DirectoryMoment[]) {
    return this.#fairly(() => this.#log.namesAt(wanted))
  }
  hasActed(keys: readonly DirectoryKey[]): Awaitable<boolean[]> {
    return this.#fairly(() => this.#log.hasActed(keys))
  }
  actedInById(ids: readonly string[]) {
    return this.#fairly(() => this.#log.actedInById(ids))
  }
  principals(query: PrincipalQuery) {
    return this.#fairly(() => this.#log.principals(query))
  }
  countPrincipals(organizationId: string, search: string | null): Awaitable<number> {
    return this.#fairly(() => this.#log.countPrincipals(organizationId, search))
  }
  organizationsById(ids: readonly string[]) {
    return this.#fairly(() => this.#log.organizationsById(ids))
  }
  organizations() {
    return this.#fairly(() => this.#log.organizations())
  }
}

function tooMuch(limit: string, most: string): Refusal {
  return new Refusal('LIMIT_EXCEEDED', `${limit}: more than ${most}; ask for less at once`)
}
