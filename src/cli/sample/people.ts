// The people of a sample Organization: who they are, how and from where they act, and when. Their stories
// are told in sample-staff.ts (who comes and goes) and sample-work.ts (what they do meanwhile).

import { atWork, DAY, localTime, SECOND } from './calendar.ts'
import { type Browser, browserAgent, homeAddress, type Platform, toolAgent } from './clients.ts'
import type { Company, Person, Session } from './company.ts'
import { personName } from './names.ts'
import type { Random } from './random.ts'

const PLATFORMS: readonly Platform[] = ['linux', 'linux', 'darwin', 'darwin', 'darwin', 'windows']

const BROWSERS: Readonly<Record<Platform, readonly Browser[]>> = {
  linux: ['firefox', 'firefox', 'chrome'],
  darwin: ['chrome', 'chrome', 'safari', 'firefox'],
  windows: ['chrome', 'edge', 'edge', 'firefox'],
}

/** Someone who is not there yet: invited, or about to be created. */
export function person(
  random: Random,
  taken: Set<string>,
  now: number,
  rank: 'owner' | 'administrator' | 'member',
): Person {
  const profile = personName(random, taken)
  const platform = random.pick(PLATFORMS)
  return {
    category: 'user',
    id: random.uuid(),
    name: profile.username,
    createdAt: now,
    updatedAt: now,
    alive: false,
    keys: [],
    profile,
    owner: rank === 'owner',
    administrator: rank !== 'member',
    mfa: random.chance(0.7),
    platform,
    browser: random.pick(BROWSERS[platform]),
    tool: random.pick(['cli', 'cli', 'terraform', 'opentofu', 'python', 'curl', null, null]),
    lag: random.below(45) * DAY,
    home: homeAddress(random, random.chance(0.4)),
    lastLoginAt: null,
  }
}

/** How a person acts now: from the office or from home, in the console or with a tool of their own. */
export function sessionOf(company: Company, actor: Person, place?: 'console'): Session {
  const { random, agenda } = company
  const { hour, workday } = localTime(agenda.now)
  if (random.chance(0.01)) actor.home = homeAddress(random, actor.home.includes(':'))
  const office = workday && hour > 7 && hour < 20 && random.chance(0.62)
  const ipAddress = office ? random.pick(company.offices) : actor.home
  const { tool, platform, browser } = actor
  const seen = agenda.now - actor.lag
  if (place === undefined && tool !== null && random.chance(0.4)) {
    return { actor, ipAddress, userAgent: toolAgent(tool, platform, seen) }
  }
  actor.lastLoginAt = agenda.now
  return { actor, ipAddress, userAgent: browserAgent(browser, platform, seen) }
}

/** Someone who may act on others' resources; the longer there, the likelier. Never `other`, a member. */
export function administrator(company: Company, other: Person | null = null): Person {
  const { people, random } = company
  for (let tries = 0; tries < 6; tries += 1) {
    const found = people[Math.floor(random.fraction() ** 1.6 * people.length)] as Person
    if (found.administrator && found !== other) return found
  }
  return company.owner
}

/** The time until someone is at work, no sooner than after a wait. */
export function toWork(company: Company, wait: number): number {
  const { agenda, random } = company
  return atWork(agenda.now + wait + random.below(wait), random) - agenda.now
}

/** The time between two clicks. */
export function pause(company: Company): number {
  return company.random.between(4 * SECOND, 70 * SECOND)
}
