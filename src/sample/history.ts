// A believable history of some Organizations, the same for the same options: no clock, no chance but the
// seed's. It is told as it runs, a day at a time, so its length costs time and no memory.

import { quoted, UserError } from '../errors.ts'
import { comparePositions, type Event } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { Organization } from '../organization.ts'
import type { DirectoryListing } from '../store.ts'
import { DAY, HOUR, lastMorningBefore } from './calendar.ts'
import { Company, type Size } from './company.ts'
import { formerListings, listings } from './directory.ts'
import { clusters, intrusion } from './machines.ts'
import { companyName } from './names.ts'
import { founding, staffing } from './people.ts'
import { random } from './random.ts'
import { rhythm } from './rhythm.ts'

const BATCH = 10_000
const MOST_ORGANIZATIONS = 1000

export interface SampleOptions {
  /** Whole; counts modulo 2^32. */
  readonly seed: number
  /** In all Organizations together; at least 1. */
  readonly events: number
  /** From 1 to 1,000. The first is the largest; with few events, the last may have none. */
  readonly organizations: number
  /** The history ends shortly before. */
  readonly until: Instant
}

export interface SampleHistory {
  /** The Organizations, known before their first event; largest first. */
  readonly organizations: readonly Organization[]
  /**
   * Batches of at most 10,000 events, oldest first over all Organizations (`comparePositions`); exactly
   * `options.events` in all, each ID once. Every call tells the same history again from its beginning.
   */
  batches(): Generator<readonly Event[]>
  /**
   * The directory as it stands after the last event: a complete listing for every Organization and kind.
   * Throws while `batches` has not run out.
   */
  directory(): readonly DirectoryListing[]
  /**
   * What was to be read of the directory while applications had other names, in its order, before `directory`:
   * single entries, not whole listings. Throws while `batches` has not run out.
   */
  formerNames(): readonly DirectoryListing[]
}

/** Refuses options that are not whole numbers in their range. */
export function sampleHistory(options: SampleOptions): SampleHistory {
  checkOptions(options)
  let told: readonly Company[] | null = null

  function* batches(): Generator<readonly Event[]> {
    told = null
    const companies = companiesOf(options)
    let waiting: Event[] = []
    const first = Math.min(...companies.map(company => company.foundedAt))
    for (let day = first; day < options.until; day += DAY) {
      const end = Math.min(day + DAY, options.until)
      const happened = companies.flatMap(company => takeUntil(company, end))
      if (companies.length > 1) happened.sort(comparePositions)
      waiting = waiting.length === 0 ? happened : waiting.concat(happened)
      while (waiting.length >= BATCH) {
        yield waiting.slice(0, BATCH)
        waiting = waiting.slice(BATCH)
      }
    }
    if (waiting.length > 0) yield waiting
    told = companies
  }

  function atTheEnd(): readonly Company[] {
    if (told === null) throw new Error('the directory is known only after the last batch')
    return told
  }

  return {
    organizations: companiesOf(options).map(company => company.organization),
    batches,
    directory: () => atTheEnd().flatMap(listings),
    formerNames: () => atTheEnd().flatMap(formerListings),
  }
}

function checkOptions({ seed, events, organizations, until }: SampleOptions): void {
  checkWhole('seed', seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
  checkWhole('events', events, 1, Number.MAX_SAFE_INTEGER)
  checkWhole('organizations', organizations, 1, MOST_ORGANIZATIONS)
  checkWhole('until', until, 0, Number.MAX_SAFE_INTEGER)
}

function checkWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return
  throw new UserError(
    'BAD_USER_INPUT',
    `${name} is ${quoted(value)}: give a whole number from ${least} to ${most}`,
  )
}

/** What happened in the company before `end` and was not taken yet. */
function takeUntil(company: Company, end: Instant): Event[] {
  if (company.recorded < company.size.events) company.runUntil(end)
  const { happened } = company
  company.happened = []
  return happened
}

function companiesOf({ seed, events, organizations, until }: SampleOptions): Company[] {
  const seeds = random(seed)
  return sharesOf(events, organizations).map((share, place) => {
    const chance = random(seeds.below(2 ** 32))
    const days = Math.min(historyDays(events), Math.max(2, share))
    const age = place === 0 ? days : Math.max(2, days * (1 - 0.35 * chance.fraction()))
    const foundedAt = lastMorningBefore(until - Math.floor(age) * DAY, chance)
    const company = new Company(companyName(place), sizeOf(share), foundedAt, until, chance)
    if (share > 0) begin(company)
    return company
  })
}

function begin(company: Company): void {
  const { random, size, until, foundedAt } = company
  company.begin(founding(company))
  company.begin(staffing(company))
  company.begin(clusters(company))
  company.begin(rhythm(company), 3 * HOUR)
  const intrusions = size.events < 1500 ? 0 : size.events < 1_000_000 ? 1 : 3
  for (let count = 0; count < intrusions; count += 1) {
    const after = (until - foundedAt) * (0.4 + 0.5 * random.fraction())
    company.begin(intrusion(company, Math.floor(after)))
  }
}

/** One Organization has most of the events, each further one fewer; together exactly `events`. */
function sharesOf(events: number, organizations: number): number[] {
  const weights = Array.from({ length: organizations }, (_, place) => 1 / (place + 1) ** 1.8)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const [, ...shares] = weights.map(weight => Math.floor((events * weight) / sum))
  return [events - shares.reduce((total, share) => total + share, 0), ...shares]
}

/** Eighteen months of a small company; three years, as long as Scaleway keeps IAM logs, of a large one. */
function historyDays(events: number): number {
  return Math.floor(Math.min(1090, 545 + 200 * Math.max(0, Math.log10(events / 20_000))))
}

/** How large a company with so many events becomes: people and applications grow slower than what they do. */
function sizeOf(events: number): Size {
  const people = Math.max(3, Math.round(0.33 * events ** 0.42))
  return {
    events,
    people,
    applications: 4 + Math.round(1.3 * people),
    groups: 5 + Math.round(people / 4),
    policies: 5 + Math.round(0.9 * people),
    run: Math.round(Math.min(24, Math.max(3, 1.7 * Math.log(Math.max(1, events / 150))))),
  }
}
