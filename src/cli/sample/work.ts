// What people do at work in a sample Organization, one sitting after another: keys of their own and of
// applications, groups, policies, applications. Only the first needs no administrator.

import type { Story } from './agenda.ts'
import {
  type Application,
  type Company,
  createApplication,
  createKey,
  createListed,
  type Person,
  type Resource,
  type Role,
  remove,
  removeHolder,
  removeKey,
  type Session,
  update,
} from './company.ts'
import { anyApplication, application, GONE, oldestKey } from './machines.ts'
import { groupName, policyName } from './names.ts'
import { administrator, pause, sessionOf } from './people.ts'

/** One sitting of someone at work. */
export function* sitting(company: Company): Story {
  const { random, people, applications } = company
  const lot = random.fraction()
  if (lot < 0.16) {
    const self = people[random.below(people.length)] as Person
    return yield* ownKeys(company, self, sessionOf(company, self))
  }
  const session = sessionOf(company, administrator(company))
  if (lot < 0.31) yield* applicationKeys(company, session)
  else if (lot < 0.5) yield* editing(company, session, 'group')
  else if (lot < 0.69) yield* editing(company, session, 'policy')
  else if (lot < 0.89) yield* applicationChange(company, session)
  else {
    update(company, session, random.pick(people))
    yield pause(company)
    if (random.chance(0.4)) update(company, session, random.pick(people))
  }
  if (applications.length > company.size.applications) {
    yield pause(company)
    removeHolder(company, session, retired(company))
  }
}

function* ownKeys(company: Company, self: Person, session: Session): Story {
  const key = createKey(company, session, self)
  yield pause(company)
  if (company.random.chance(0.3)) update(company, session, key)
  if (self.keys.length < 3) return
  yield pause(company)
  removeKey(company, session, self, oldestKey(self))
}

function* applicationKeys(company: Company, session: Session): Story {
  const holder = anyApplication(company)
  const key = createKey(company, session, holder)
  yield pause(company)
  if (company.random.chance(0.4)) update(company, session, key)
  if (holder.keys.length < 2) return
  yield pause(company) * 4
  removeKey(company, session, holder, oldestKey(holder))
}

function* editing(company: Company, session: Session, category: 'group' | 'policy'): Story {
  const { random, taken, size } = company
  const list = category === 'group' ? company.groups : company.policies
  const wanted = category === 'group' ? size.groups : size.policies
  if (list.length < wanted && random.chance(0.5)) {
    const name = category === 'group' ? groupName(random, taken) : policyName(random, taken)
    const made = createListed(company, session, category, name)
    yield pause(company)
    update(company, session, made)
  } else if (list.length > 8 && random.chance(0.08)) {
    remove(company, session, random.pick(list))
    yield pause(company)
  }
  const edited = random.pick(list)
  for (let changes = random.between(1, 3); changes > 0; changes -= 1) {
    if (edited !== undefined) update(company, session, edited)
    yield pause(company)
  }
}

function* applicationChange(company: Company, session: Session): Story {
  const { random, applications, size } = company
  if (applications.length >= size.applications || random.chance(0.4)) {
    update(company, session, anyApplication(company))
    return
  }
  const role = random.chance(0.67) ? 'service' : random.pick<Role>(['terraform', 'pipeline'])
  const made = createApplication(company, session, application(company, role))
  yield pause(company)
  createKey(company, session, made)
  yield pause(company)
  update(company, session, company.groups.at(-1) as Resource)
}

/** A service that has had its day; the applications that run Terraform and pipelines stay. */
function retired(company: Company): Application {
  const found = anyApplication(company)
  return found.role === 'service' ? found : GONE
}
