// Who comes to a sample Organization and goes: its founding, invitations and what becomes of them, members
// removed. Whoever was removed has no name in the directory any more, only its events.

import { parseInstant } from '../../instant.ts'
import type { Story } from './agenda.ts'
import { DAY, HOUR, localTime, MINUTE } from './calendar.ts'
import {
  type Company,
  create,
  createApplication,
  createKey,
  createListed,
  type Person,
  progress,
  type Resource,
  remove,
  removeHolder,
  SCALEWAY,
  update,
} from './company.ts'
import { application } from './machines.ts'
import { policyName } from './names.ts'
import { administrator, pause, person, sessionOf, toWork } from './people.ts'

const INVITATION_LIFE = 7 * DAY
/** Guests became members, and members could be created without being asked. */
const MEMBERS_SINCE = parseInstant('2025-07-17T00:00:00Z') ?? 0

/** Scaleway makes the three default groups, then the Owner sets the Organization up and asks others in. */
export function* founding(company: Company): Story {
  const { random } = company
  for (const group of company.defaultGroups) {
    create(company, SCALEWAY, group)
    if (group.alive) company.groups.push(group)
    yield random.between(4_000, 60_000)
  }
  yield random.between(12, 50) * MINUTE + random.below(MINUTE)
  const owner = sessionOf(company, company.owner, 'console')
  createKey(company, owner, company.owner)
  yield pause(company)
  const policy = createListed(company, owner, 'policy', policyName(random, company.taken))
  yield pause(company)
  const terraform = createApplication(
    company,
    owner,
    application(company, 'terraform', 'terraform-production'),
  )
  yield pause(company)
  createKey(company, owner, terraform)
  yield pause(company)
  update(company, owner, policy)
  yield pause(company)
  const pipeline = application(company, 'pipeline', 'github-actions')
  createApplication(company, owner, pipeline)
  company.renaming = { application: pipeline, to: 'release-pipeline' }
  yield pause(company)
  createKey(company, owner, pipeline)
  for (let invited = 0; invited < 2; invited += 1) {
    yield pause(company)
    company.agenda.begin(joining(company, company.owner), 0)
  }
}

/** Day by day, for ever: hires towards the size the company should have by now, and departures. */
export function* staffing(company: Company): Story {
  const { random, agenda, people, size } = company
  let departures = 0
  for (;;) {
    yield DAY
    if (!localTime(agenda.now).workday) continue
    const wanted = 2 + (size.people - 2) * Math.sqrt(progress(company))
    for (let hires = (wanted - people.length) / 8; random.fraction() < hires; hires -= 1) {
      agenda.begin(joining(company, administrator(company)), toWork(company, HOUR))
    }
    // Even the smallest company has lost someone by the end: a log without Unknown shows too little.
    const overdue = departures === 0 && progress(company) > 0.6
    if (people.length > 2 && (overdue || random.chance((people.length * 0.3) / 365))) {
      const member = people[overdue ? 1 : random.between(1, people.length - 1)] as Person
      agenda.begin(leaving(company, member), toWork(company, HOUR))
      departures += 1
    }
  }
}

/** An invitation, and what becomes of it. */
function* joining(company: Company, inviter: Person): Story {
  const { random, agenda, taken } = company
  const rank = random.chance(0.3) ? 'administrator' : 'member'
  const invited = create(
    company,
    sessionOf(company, inviter, 'console'),
    person(random, taken, agenda.now, rank),
  )
  const fate = random.fraction()
  if (agenda.now > MEMBERS_SINCE && random.chance(0.3)) {
    if (invited.alive) company.people.push(invited)
  } else if (fate < 0.13) {
    yield answered(company, random.between(4, 60) * HOUR)
    remove(company, SCALEWAY, invited)
    return
  } else if (fate < 0.27) {
    yield INVITATION_LIFE
    remove(company, SCALEWAY, invited)
    return
  } else {
    yield answered(company, Math.floor(random.fraction() ** 3 * 60 * HOUR) + 5 * MINUTE)
    // The user has been there since the invitation, pending; accepting makes it a user of the
    // Organization, which is why Scaleway's part is an update and not a second creation.
    if (update(company, SCALEWAY, invited)) company.people.push(invited)
  }
  yield random.between(1, 40) * MINUTE + random.below(MINUTE)
  const group = company.defaultGroups[invited.administrator ? 0 : 1] as Resource
  update(company, sessionOf(company, inviter, 'console'), group)
  yield toWork(company, HOUR + random.below(6 * HOUR))
  createKey(company, sessionOf(company, invited, 'console'), invited)
}

/** An administrator takes a member out of a group, then out of the Organization with all API keys. */
function* leaving(company: Company, member: Person): Story {
  const by = sessionOf(company, administrator(company, member), 'console')
  if (company.random.chance(0.5)) {
    update(company, by, company.random.pick(company.groups))
    yield pause(company)
  }
  removeHolder(company, by, member)
}

/** The time until an invitation is answered: at work, and before it expires. */
function answered(company: Company, wait: number): number {
  return Math.min(toWork(company, wait), INVITATION_LIFE - HOUR)
}
