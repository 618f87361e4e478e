// A believable history of some Organizations, the same for the same options: no clock, no chance but the
// seed's. It is told as it runs, a day at a time, so its length costs time and no memory.

import { quoted, Refusal } from '../../errors.ts'
import { comparePositions, type Event } from '../../event.ts'
import type { Instant } from '../../instant.ts'
import type { Organization } from '../../organization.ts'
import type { DirectoryListing } from '../../store.ts'
import { agenda } from './agenda.ts'
import { DAY, HOUR, lastMorningBefore } from './calendar.ts'
import { officeAddresses, runnerAddresses } from './clients.ts'
import { type Company, type Size, unborn } from './company.ts'
import { formerListings, listings } from './directory.ts'
import { intrusion } from './intrusion.ts'
import { clusters } from './kapsule.ts'
import { companyName } from './names.ts'
import { person } from './people.ts'
import { type Random, random } from './random.ts'
import { rhythm } from './rhythm.ts'
import { historyDays, sharesOf, sizeOf } from './scale.ts'
import { founding, staffing } from './staff.ts'

const BATCH = 10_000
const MOST_ORGANIZATIONS = 1000
const DEFAULT_GROUPS = ['Administrators', 'Editors', 'Billing Administrators']

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
  throw new Refusal(
    'BAD_USER_INPUT',
    `${name} is ${quoted(value)}: give a whole number from ${least} to ${most}`,
  )
}

/** What happened in the company before `end` and was not taken yet. */
function takeUntil(company: Company, end: Instant): Event[] {
  if (company.recorded < company.size.events) company.agenda.runUntil(end)
  const { happened } = company
  company.happened = []
  return happened
}

function companiesOf(options: SampleOptions): Company[] {
  const seeds = random(options.seed)
  const shares = sharesOf(options.events, options.organizations)
  return shares.map((share, place) => {
    const chance = random(seeds.below(2 ** 32))
    const days = Math.min(historyDays(options.events), Math.max(2, share))
    const age = place === 0 ? days : Math.max(2, days * (1 - 0.35 * chance.fraction()))
    const foundedAt = lastMorningBefore(options.until - Math.floor(age) * DAY, chance)
    return company(chance, place, sizeOf(share), foundedAt, options.until)
  })
}

function company(
  chance: Random,
  place: number,
  size: Size,
  foundedAt: Instant,
  until: Instant,
): Company {
  const { name, domain } = companyName(place)
  const taken = new Set<string>()
  const owner = { ...person(chance, taken, foundedAt, 'owner'), alive: true }
  const founded: Company = {
    organization: { id: chance.uuid(), name },
    domain,
    size,
    foundedAt,
    until,
    random: chance,
    agenda: agenda(foundedAt),
    taken,
    offices: officeAddresses(chance, 1 + Math.floor(size.people / 60)),
    runners: runnerAddresses(chance, 16 + Math.floor(Math.sqrt(size.events))),
    owner,
    people: [owner],
    applications: [],
    groups: [],
    policies: [],
    apart: { applications: [], groups: [], policies: [] },
    defaultGroups: [],
    renaming: null,
    formerNames: [],
    happened: [],
    recorded: 0,
    promised: 0,
  }
  founded.defaultGroups.push(...DEFAULT_GROUPS.map(group => unborn(founded, 'group', group)))
  if (size.events === 0) return founded
  const stories = founded.agenda
  stories.begin(founding(founded), 0)
  stories.begin(staffing(founded), 0)
  stories.begin(clusters(founded), 0)
  stories.begin(rhythm(founded), 3 * HOUR)
  const intrusions = size.events < 1500 ? 0 : size.events < 1_000_000 ? 1 : 3
  for (let count = 0; count < intrusions; count += 1) {
    const after = (until - foundedAt) * (0.4 + 0.5 * chance.fraction())
    stories.begin(intrusion(founded, Math.floor(after)), 0)
  }
  return founded
}
