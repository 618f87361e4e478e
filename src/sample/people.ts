// People's activity in a sample Organization: its founding, invitations and their outcomes, removed members, and work
// sessions. Removed people no longer have a name in the directory, only events.

import { parseInstant } from '../instant.ts'
import { atWork, DAY, HOUR, localTime, MINUTE, SECOND } from './calendar.ts'
import { homeAddress, userAgent } from './clients.ts'
import {
  type Application,
  type Company,
  type Person,
  type Resource,
  SCALEWAY,
  type Session,
  type Story,
} from './company.ts'

const SUBJECTS = ['api_key', 'group', 'policy', 'application'] as const
export type Subject = (typeof SUBJECTS)[number]

/** The roles of applications that people create. */
const ROLES = ['service', 'service', 'service', 'service', 'terraform', 'pipeline'] as const

const INVITATION_LIFE = 7 * DAY
/** Since then, guests are members, and members can be created without an invitation. */
const MEMBERS_SINCE = parseInstant('2025-07-17T00:00:00Z') ?? 0

/** How a person acts now: from the office or from home, in the console or with a tool. */
export function sessionOf(company: Company, actor: Person, consoleOnly = true): Session {
  const { random, now, offices } = company
  const { hour, isWorkday } = localTime(now)
  if (random.chance(0.01)) actor.address = homeAddress(random, actor.address.includes(':'))
  const isAtOffice = isWorkday && hour > 7 && hour < 20 && random.chance(0.62)
  const usesTool = !consoleOnly && random.chance(0.35)
  const program = (usesTool && actor.tool) || actor.browser
  if (program === actor.browser) actor.lastLoginAt = now
  return {
    actor,
    ipAddress: isAtOffice ? random.pick(offices) : actor.address,
    userAgent: userAgent(program, actor.platform, now - actor.lag),
  }
}

/** Scaleway creates the three default groups, then the Owner sets up the Organization and invites others. */
export function* founding(company: Company): Story {
  const { random, owner, lists } = company
  for (const group of company.defaultGroups) {
    company.create(SCALEWAY, group, lists.group)
    yield random.between(4_000, 60_000)
  }
  yield random.between(12 * MINUTE, 50 * MINUTE)
  const session = sessionOf(company, owner)
  company.createKey(session, owner)
  yield pause(company)
  const policy = company.newResource('policy', company.names.policy())
  company.create(session, policy, lists.policy)
  const terraform = company.newApplication('terraform', 'terraform-production')
  const pipeline = company.newApplication('pipeline', 'github-actions')
  for (const application of [terraform, pipeline]) {
    yield pause(company)
    company.create(session, application, lists.application)
    yield pause(company)
    company.createKey(session, application)
  }
  company.update(session, policy)
  for (let invited = 0; invited < 2; invited += 1) {
    yield pause(company)
    company.begin(joining(company, owner))
  }
  yield Math.floor((company.until - company.now) * 0.55)
  yield* renaming(company, pipeline)
}

/** So that the sample contains former names, too. */
function* renaming(company: Company, application: Application): Story {
  yield toWork(company, HOUR)
  if (!company.update(sessionOf(company, company.owner), application)) return
  company.renamed = { application, formerName: application.name, at: company.now }
  application.name = 'release-pipeline'
}

/** Every day, without end: new members up to the size the company should have by then, and departures. */
export function* staffing(company: Company): Story {
  const { random, size } = company
  const people = company.lists.user
  let departures = 0
  for (;;) {
    yield DAY
    if (!localTime(company.now).isWorkday) continue
    const wanted = 2 + (size.user - 2) * Math.sqrt(company.progress)
    for (let hires = (wanted - people.length) / 8; random.fraction() < hires; hires -= 1) {
      company.begin(joining(company, company.administrator()), toWork(company, HOUR))
    }
    // Even the smallest company has lost somebody by the end: a log without Unknown would show too little.
    const overdue = departures === 0 && company.progress > 0.6
    if (people.length > 2 && (overdue || random.chance((people.length * 0.3) / 365))) {
      const member = people[overdue ? 1 : random.between(1, people.length - 1)] as Person
      company.begin(leaving(company, member), toWork(company, HOUR))
      departures += 1
    }
  }
}

/** An invitation and its outcome. */
function* joining(company: Company, inviter: Person): Story {
  const { random, lists } = company
  const invited = company.newPerson(random.chance(0.3))
  company.create(sessionOf(company, inviter), invited)
  if (company.now <= MEMBERS_SINCE || random.chance(0.7)) {
    const fate = random.fraction()
    if (fate < 0.27) {
      yield fate < 0.13 ? answer(company, random.between(4, 60) * HOUR) : INVITATION_LIFE
      return company.remove(SCALEWAY, invited)
    }
    yield answer(company, Math.floor(random.fraction() ** 3 * 60 * HOUR) + 5 * MINUTE)
    // The user exists since the invitation, pending; accepting makes it a user of the Organization, so Scaleway's event
    // is an update and not a second creation.
    if (!company.update(SCALEWAY, invited)) return
  }
  company.share(invited, lists.user)
  yield random.between(MINUTE, 40 * MINUTE)
  company.update(
    sessionOf(company, inviter),
    company.defaultGroups[invited.isAdministrator ? 0 : 1],
  )
  yield toWork(company, HOUR + random.below(6 * HOUR))
  company.createKey(sessionOf(company, invited), invited)
}

/** An administrator removes a member from a group, then from the Organization with all API keys. */
function* leaving(company: Company, member: Person): Story {
  const session = sessionOf(company, company.administrator(member))
  if (company.random.chance(0.5)) {
    company.update(session, company.random.pick(company.lists.group))
    yield pause(company)
  }
  company.remove(session, member)
}

/** One work session of a person. Only a person's own keys can be managed without an administrator. */
export function* sitting(company: Company): Story {
  const { random, lists, size } = company
  const isAtOwnKeys = random.chance(0.16)
  const actor = isAtOwnKeys ? random.pick(lists.user) : company.administrator()
  const session = sessionOf(company, actor, false)
  const gap = () => pause(company)
  if (isAtOwnKeys) return yield* newKey(company, session, actor, gap)
  if (random.chance(0.13)) company.update(session, random.pick(lists.user))
  else yield* change(company, session, random.pick(SUBJECTS), gap)
  if (lists.application.length > size.application) {
    yield gap()
    // The applications that run Terraform and pipelines are not removed.
    company.remove(session, company.anyApplication('service'))
  }
}

/**
 * Changes one resource, or creates one if the company has fewer than it needs. `gap` is the wait between two actions.
 */
export function* change(
  company: Company,
  session: Session,
  subject: Subject,
  gap: () => number,
): Story {
  const { random, size, lists, names } = company
  if (subject === 'api_key') return yield* newKey(company, session, company.anyApplication(), gap)
  const list = lists[subject]
  const isMissing = list.length < size[subject] && random.chance(0.4)
  if (subject === 'application') {
    if (!isMissing) return void company.update(session, company.anyApplication())
    const role = random.pick(ROLES)
    const application = company.newApplication(role, names.application(role))
    company.create(session, application, lists.application)
    yield gap()
    company.createKey(session, application)
  } else {
    let resource = random.pick(list)
    if (list.length > 8 && random.chance(0.05)) company.remove(session, resource)
    if (isMissing || !resource.exists) {
      yield gap()
      resource = company.create(session, company.newResource(subject, names[subject]()), list)
    }
    for (let changes = random.between(1, 3); changes > 0; changes -= 1) {
      yield gap()
      company.update(session, resource)
    }
  }
}

/** A person keeps two keys, an application one. */
function* newKey(company: Company, session: Session, holder: Resource, gap: () => number): Story {
  const key = company.createKey(session, holder)
  yield gap()
  if (company.random.chance(0.2)) company.update(session, key)
  if (holder.keys.length <= (holder.category === 'user' ? 2 : 1)) return
  yield gap()
  company.remove(session, holder.keys[0])
}

/** The time until somebody is at work, no sooner than after a wait. */
function toWork({ now, random }: Company, wait: number): number {
  return atWork(now + wait + random.below(wait), random) - now
}

/** The same until an invitation is answered, before it expires. */
function answer(company: Company, wait: number): number {
  return Math.min(toWork(company, wait), INVITATION_LIFE - HOUR)
}

/** The wait between two clicks. */
function pause({ random }: Company): number {
  return random.between(4 * SECOND, 70 * SECOND)
}
