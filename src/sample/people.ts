// What people do in a sample Organization: its founding, invitations and what becomes of them, members removed, and
// one sitting at work after another. Whoever was removed has no name in the directory any more, only its events.

import { parseInstant } from '../instant.ts'
import type { Story } from './agenda.ts'
import { atWork, DAY, HOUR, isOfficeTime, isWorkday, MINUTE, SECOND } from './calendar.ts'
import { browserAgent, homeAddress, toolAgent } from './clients.ts'
import { type Company, type Holder, type Person, SCALEWAY, type Session } from './company.ts'

const INVITATION_LIFE = 7 * DAY
/** Guests became members, and members could be created without being asked. */
const MEMBERS_SINCE = parseInstant('2025-07-17T00:00:00Z') ?? 0

/** How a person acts now: from the office or from home, in the console or with a tool of their own. */
export function sessionOf(company: Company, actor: Person, place?: 'console'): Session {
  const { random, now } = company
  if (random.chance(0.01)) actor.address = homeAddress(random, actor.address.includes(':'))
  const atOffice = isOfficeTime(now) && random.chance(0.62)
  const ipAddress = atOffice ? random.pick(company.offices) : actor.address
  const { tool, browser, platform } = actor
  const seen = now - actor.lag
  if (tool !== null && place !== 'console' && random.chance(0.35)) {
    return { actor, ipAddress, userAgent: toolAgent(tool, platform, seen) }
  }
  actor.lastLoginAt = now
  return { actor, ipAddress, userAgent: browserAgent(browser, platform, seen) }
}

/** Scaleway makes the three default groups, then the Owner sets the Organization up and asks others in. */
export function* founding(company: Company): Story {
  const { random, owner, names } = company
  for (const group of company.defaultGroups) {
    company.create(SCALEWAY, group, company.groups)
    yield random.between(4_000, 60_000)
  }
  yield random.between(12 * MINUTE, 50 * MINUTE)
  const session = sessionOf(company, owner, 'console')
  company.createKey(session, owner)
  yield pause(company)
  const policy = company.unborn('policy', names.policy())
  company.create(session, policy, company.policies)
  for (const [role, name] of [
    ['terraform', 'terraform-production'],
    ['pipeline', 'github-actions'],
  ] as const) {
    yield pause(company)
    const made = company.application(role, name)
    company.create(session, made, company.applications)
    yield pause(company)
    company.createKey(session, made)
    if (role === 'pipeline') company.renaming = { application: made, to: 'release-pipeline' }
  }
  company.update(session, policy)
  for (let invited = 0; invited < 2; invited += 1) {
    yield pause(company)
    company.begin(joining(company, owner))
  }
}

/** Day by day, for ever: hires towards the size the company should have by now, and departures. */
export function* staffing(company: Company): Story {
  const { random, people, size } = company
  let departures = 0
  for (;;) {
    yield DAY
    if (!isWorkday(company.now)) continue
    const wanted = 2 + (size.people - 2) * Math.sqrt(company.progress)
    for (let hires = (wanted - people.length) / 8; random.fraction() < hires; hires -= 1) {
      company.begin(joining(company, company.administrator()), toWork(company, HOUR))
    }
    // Even the smallest company has lost someone by the end: a log without Unknown shows too little.
    const overdue = departures === 0 && company.progress > 0.6
    if (people.length > 2 && (overdue || random.chance((people.length * 0.3) / 365))) {
      const member = people[overdue ? 1 : random.between(1, people.length - 1)] as Person
      company.begin(leaving(company, member), toWork(company, HOUR))
      departures += 1
    }
  }
}

/** An invitation, and what becomes of it. */
function* joining(company: Company, inviter: Person): Story {
  const { random, people } = company
  const inviting = sessionOf(company, inviter, 'console')
  const invited = company.create(inviting, company.person(random.chance(0.3)))
  const fate = random.fraction()
  if (company.now <= MEMBERS_SINCE || random.chance(0.7)) {
    if (fate < 0.27) {
      yield fate < 0.13 ? answer(company, random.between(4, 60) * HOUR) : INVITATION_LIFE
      company.remove(SCALEWAY, invited)
      return
    }
    yield answer(company, Math.floor(random.fraction() ** 3 * 60 * HOUR) + 5 * MINUTE)
    // The user has been there since the invitation, pending; accepting makes it a user of the Organization, which is
    // why Scaleway's part is an update and not a second creation.
    if (!company.update(SCALEWAY, invited)) return
  }
  if (invited.alive) {
    Object.assign(invited, { listed: true, home: people })
    people.push(invited)
  }
  yield random.between(MINUTE, 40 * MINUTE)
  const group = company.defaultGroups[invited.administrator ? 0 : 1]
  company.update(sessionOf(company, inviter, 'console'), group)
  yield toWork(company, HOUR + random.below(6 * HOUR))
  company.createKey(sessionOf(company, invited, 'console'), invited)
}

/** An administrator takes a member out of a group, then out of the Organization with all API keys. */
function* leaving(company: Company, member: Person): Story {
  const by = sessionOf(company, company.administrator(member), 'console')
  if (company.random.chance(0.5)) {
    company.update(by, company.random.pick(company.groups))
    yield pause(company)
  }
  company.remove(by, member)
}

/** One sitting of someone at work. Only keys of their own need no administrator. */
export function* sitting(company: Company): Story {
  const { random, people, applications } = company
  const lot = random.fraction()
  if (lot < 0.16) {
    const self = random.pick(people)
    return yield* newKey(company, sessionOf(company, self), self, 2)
  }
  const session = sessionOf(company, company.administrator())
  if (lot < 0.31) yield* newKey(company, session, company.anyApplication(), 1)
  else if (lot < 0.5) yield* editing(company, session, 'group')
  else if (lot < 0.69) yield* editing(company, session, 'policy')
  else if (lot < 0.89) yield* applicationChange(company, session)
  else company.update(session, random.pick(people))
  if (applications.length > company.size.applications) {
    yield pause(company)
    // The applications that run Terraform and pipelines stay.
    company.remove(session, company.anyApplication('service'))
  }
}

/** The oldest is deleted where there are more than `most`. */
function* newKey(company: Company, session: Session, holder: Holder, most: number): Story {
  const key = company.createKey(session, holder)
  yield pause(company)
  if (company.random.chance(0.35)) company.update(session, key)
  if (holder.keys.length <= most) return
  yield pause(company)
  company.remove(session, holder.keys[0])
}

function* editing(company: Company, session: Session, category: 'group' | 'policy'): Story {
  const { random, names, size } = company
  const [list, wanted] =
    category === 'group' ? [company.groups, size.groups] : [company.policies, size.policies]
  if (list.length < wanted && random.chance(0.5)) {
    const made = company.create(session, company.unborn(category, names[category]()), list)
    yield pause(company)
    company.update(session, made)
  } else if (list.length > 8 && random.chance(0.08)) {
    company.remove(session, random.pick(list))
    yield pause(company)
  }
  const edited = random.pick(list)
  for (let changes = random.between(1, 3); changes > 0; changes -= 1) {
    company.update(session, edited)
    yield pause(company)
  }
}

function* applicationChange(company: Company, session: Session): Story {
  const { random, applications, groups, names, size } = company
  if (applications.length >= size.applications || random.chance(0.4)) {
    company.update(session, company.anyApplication())
    return
  }
  const role = random.pick([
    'service',
    'service',
    'service',
    'service',
    'terraform',
    'pipeline',
  ] as const)
  const made = company.application(role, names.application(role))
  company.create(session, made, applications)
  yield pause(company)
  company.createKey(session, made)
  yield pause(company)
  company.update(session, groups.at(-1))
}

/** The time until someone is at work, no sooner than after a wait. */
function toWork({ now, random }: Company, wait: number): number {
  return atWork(now + wait + random.below(wait), random) - now
}

/** The same until an invitation is answered, before it expires. */
function answer(company: Company, wait: number): number {
  return Math.min(toWork(company, wait), INVITATION_LIFE - HOUR)
}

/** Between two clicks. */
function pause({ random }: Company): number {
  return random.between(4 * SECOND, 70 * SECOND)
}
