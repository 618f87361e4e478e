// A realistic history of some Organizations, the same for the same options: it depends on no clock and on no randomness
// except the seed. It is simulated one day at a time, so a longer history takes more time but no more memory.

import { comparePositions, type Event } from '../event.ts'
import type { Instant } from '../instant.ts'
import { DAY, HOUR, MINUTE, machineWeight, nearestMorning, peopleWeight, WEEK } from './calendar.ts'
import { Company, type Story, sizeOf } from './company.ts'
import { formerListings, listings } from './listings.ts'
import { clusters, intrusion, machineStory } from './machines.ts'
import { companyName } from './names.ts'
import { founding, sessionOf, sitting, staffing } from './people.ts'
import { random } from './random.ts'

const BATCH = 10_000
const EVENTS_PER_SITTING = 2.6
const CLOSING = 12 * MINUTE

export interface SampleOptions {
  /** An integer; counts modulo 2^32. */
  readonly seed: number
  /** In all Organizations together; at least 1. */
  readonly events: number
  /** At least 1. The first is the largest; with few events, the last may have none. */
  readonly organizations: number
  /** The history ends shortly before this instant. */
  readonly until: Instant
}

/** The batches can be read once; the directory is that of the last event that was read. */
export function sampleHistory(options: SampleOptions) {
  const companies = companiesOf(options)
  return {
    /** Largest first. */
    organizations: companies.map(company => company.organization),
    /**
     * At most 10,000 events each, oldest first over all Organizations (`comparePositions`); exactly `options.events` in
     * total.
     */
    batches: () => batchesOf(companies, options.until),
    /** A complete listing of the directory for every Organization and kind. */
    directory: () => companies.flatMap(listings),
    /**
     * Applications with their former names, to be stored in this order and before `directory`: single entries, not
     * complete listings.
     */
    formerNames: () => companies.flatMap(formerListings),
  }
}

function* batchesOf(companies: readonly Company[], until: Instant): Generator<readonly Event[]> {
  let waiting: Event[] = []
  for (
    let day = Math.min(...companies.map(({ foundedAt }) => foundedAt));
    day < until;
    day += DAY
  ) {
    const end = Math.min(day + DAY, until)
    const events = companies.flatMap(company => company.runUntil(end))
    waiting = waiting.concat(events.sort(comparePositions))
    while (waiting.length >= BATCH) {
      yield waiting.slice(0, BATCH)
      waiting = waiting.slice(BATCH)
    }
  }
  if (waiting.length > 0) yield waiting
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

/**
 * Begins people's and machines' stories from the founding to the end: each hour as many as needed to reach the
 * Organization's number of events just before the end. The number of events of a story is not known when it begins, so
 * each hour corrects the deviation of earlier ones.
 */
function* rhythm(company: Company): Story {
  const { random, size, foundedAt, until } = company
  const shareOfPeople = Math.min(0.6, Math.max(0.25, 0.9 - 0.1 * Math.log10(size.events)))
  const eventsPerMachine = 2 + 0.75 * size.run
  while (until - CLOSING - company.now > HOUR) {
    // A surplus or deficit of events is corrected within a week, so that no night becomes unrealistically busy.
    const horizon = Math.min(until, company.now + WEEK)
    const passed = (horizon - foundedAt) / (until - foundedAt)
    // The company grows, and so does its activity.
    const wanted = size.events * (0.4 * passed + 0.6 * passed ** 2) - company.recorded
    const perHour = (wanted * HOUR) / (horizon - company.now)
    const sittings = (perHour * shareOfPeople * peopleWeight(company.now)) / EVENTS_PER_SITTING
    const runs = (perHour * (1 - shareOfPeople) * machineWeight(company.now)) / eventsPerMachine
    for (let due = sittings; random.fraction() < due; due -= 1) {
      company.begin(sitting(company), random.below(HOUR))
    }
    for (let due = runs; random.fraction() < due; due -= 1) {
      company.begin(machineStory(company), random.below(HOUR))
    }
    yield HOUR
  }
  yield until - CLOSING - company.now
  yield* closing(company)
}

/** Adds the remaining events near the end, evenly over the remaining time. */
function* closing(company: Company): Story {
  const { random, size, lists, owner } = company
  while (company.recorded < size.events) {
    const missing = size.events - company.recorded
    const gap = ((company.until - company.now) / (missing + 1)) * (0.3 + 0.7 * random.fraction())
    yield Math.max(1, Math.floor(gap))
    company.update(sessionOf(company, owner), random.pick([...lists.group, ...lists.application]))
  }
}
