// A realistic history of some Organizations, the same for the same options: it depends on no clock and on no randomness
// except the seed. It is simulated one day at a time, so a longer history takes more time but no more memory.

import { InputError, quoted } from '../errors.ts'
import { comparePositions, type Event } from '../event.ts'
import type { Instant } from '../instant.ts'
import { DAY, HOUR, nearestMorning } from './calendar.ts'
import { Company, sizeOf } from './company.ts'
import { formerListings, listings } from './listings.ts'
import { clusters, intrusion } from './machines.ts'
import { companyName } from './names.ts'
import { founding, staffing } from './people.ts'
import { random } from './random.ts'
import { rhythm } from './rhythm.ts'

const BATCH = 10_000

const LIMITS = {
  seed: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  events: [1, Number.MAX_SAFE_INTEGER],
  organizations: [1, 1000],
  until: [0, Number.MAX_SAFE_INTEGER],
} as const

export interface SampleOptions {
  /** An integer; counts modulo 2^32. */
  readonly seed: number
  /** In all Organizations together; at least 1. */
  readonly events: number
  /** From 1 to 1,000. The first is the largest; with few events, the last may have none. */
  readonly organizations: number
  /** The history ends shortly before this instant. */
  readonly until: Instant
}

/** Refuses options that are not integers in their range. The directory is known only after the last batch. */
export function sampleHistory(options: SampleOptions) {
  checkOptions(options)
  let ended: readonly Company[] | null = null

  /**
   * At most 10,000 events each, oldest first over all Organizations (`comparePositions`); exactly `options.events` in
   * total. Every call starts the same history from its beginning.
   */
  function* batches(): Generator<readonly Event[]> {
    ended = null
    const companies = companiesOf(options)
    const first = Math.min(...companies.map(company => company.foundedAt))
    let waiting: Event[] = []
    for (let day = first; day < options.until; day += DAY) {
      const end = Math.min(day + DAY, options.until)
      const events = companies.flatMap(company => company.runUntil(end))
      waiting = waiting.concat(events.sort(comparePositions))
      while (waiting.length >= BATCH) {
        yield waiting.slice(0, BATCH)
        waiting = waiting.slice(BATCH)
      }
    }
    if (waiting.length > 0) yield waiting
    ended = companies
  }

  function atTheEnd(): readonly Company[] {
    if (ended === null) throw new Error('the directory is known only after the last batch')
    return ended
  }

  return {
    /** Known before their first event; largest first. */
    organizations: companiesOf(options).map(company => company.organization),
    batches,
    /** A complete listing of the directory after the last event for every Organization and kind. */
    directory: () => atTheEnd().flatMap(listings),
    /**
     * Applications with their former names, to be stored in this order and before `directory`: single entries, not
     * complete listings.
     */
    formerNames: () => atTheEnd().flatMap(formerListings),
  }
}

function checkOptions(options: SampleOptions): void {
  for (const [name, [least, most]] of Object.entries(LIMITS)) {
    const value = options[name as keyof SampleOptions]
    if (Number.isSafeInteger(value) && value >= least && value <= most) continue
    const reason = `${name} is ${quoted(value)}: give a whole number from ${least} to ${most}`
    throw new InputError(reason)
  }
}

function companiesOf({ seed, events, organizations, until }: SampleOptions): Company[] {
  const seeds = random(seed)
  return sharesOf(events, organizations).map((share, place) => {
    const chance = random(seeds.below(2 ** 32))
    const days = Math.min(historyDays(events), Math.max(2, share))
    const age = place === 0 ? days : Math.max(2, days * (1 - 0.35 * chance.fraction()))
    const lastDayBefore = until - Math.floor(age + 1) * DAY
    const foundedAt = nearestMorning(lastDayBefore, -HOUR) + chance.below(2 * HOUR)
    const company = new Company(companyName(place), sizeOf(share), foundedAt, until, chance)
    if (share > 0) begin(company)
    return company
  })
}

function begin(company: Company): void {
  company.begin(founding(company))
  company.begin(staffing(company))
  company.begin(clusters(company))
  company.begin(rhythm(company), 3 * HOUR)
  const { events } = company.size
  const intrusions = events < 1500 ? 0 : events < 1_000_000 ? 1 : 3
  for (let count = 0; count < intrusions; count += 1) company.begin(intrusion(company))
}

/** One Organization has most of the events, each further one fewer; together exactly `events`. */
function sharesOf(events: number, organizations: number): number[] {
  const weights = Array.from({ length: organizations }, (_, place) => 1 / (place + 1) ** 1.8)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const [, ...shares] = weights.map(weight => Math.floor((events * weight) / sum))
  return [events - shares.reduce((total, share) => total + share, 0), ...shares]
}

/** Eighteen months for a small company; three years, as long as Scaleway keeps IAM logs, for a large one. */
function historyDays(events: number): number {
  return Math.floor(Math.min(1090, 545 + 200 * Math.max(0, Math.log10(events / 20_000))))
}
