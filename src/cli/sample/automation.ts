// What applications do in a sample Organization: Terraform from continuous integration, pipelines, preview
// environments, rotation of keys. They act at any hour, and several times in one microsecond.

import type { Story } from './agenda.ts'
import { HOUR, MINUTE, SECOND } from './calendar.ts'
import {
  type Company,
  createApplication,
  createKey,
  createListed,
  type Holder,
  remove,
  removeHolder,
  removeKey,
  type Session,
  update,
} from './company.ts'
import { anyApplication, application, fromRunner, fromServer, GONE, oldestKey } from './machines.ts'
import { groupName, policyName } from './names.ts'

/** A run of Terraform: a plan's worth of changes within seconds, some in the same microsecond. */
export function* terraformRun(company: Company): Story {
  const { random, size } = company
  const session = fromRunner(company, anyApplication(company, 'terraform'))
  const longest = random.chance(0.05) ? 4 * size.run : 2 * size.run
  for (let changes = random.between(2, longest); changes > 0; changes -= 1) {
    const lot = random.fraction()
    if (lot < 0.22) applyGroup(company, session)
    else if (lot < 0.5) applyPolicy(company, session)
    else if (lot < 0.9) applyApplication(company, session)
    else rotateKey(company, session, anyApplication(company))
    yield random.chance(0.4) ? random.between(900, 90_000) : random.between(90_000, 2 * SECOND)
  }
}

/** Members are set in the very call that creates the group, so all of it bears one date. */
function applyGroup(company: Company, session: Session): void {
  const { random, groups, taken } = company
  const old = random.pick(groups)
  let group = old
  if (groups.length < company.size.groups && random.chance(0.3)) {
    group = createListed(company, session, 'group', groupName(random, taken))
  } else if (random.chance(0.04)) {
    remove(company, session, old)
    if (!old.alive) group = createListed(company, session, 'group', old.name)
  }
  for (let members = random.chance(0.3) ? random.between(2, 4) : 1; members > 0; members -= 1) {
    update(company, session, group)
  }
}

function applyPolicy(company: Company, session: Session): void {
  const { random, policies, taken } = company
  if (policies.length < company.size.policies && random.chance(0.4)) {
    createListed(company, session, 'policy', policyName(random, taken))
    return
  }
  const old = policies.length > 0 ? random.pick(policies) : GONE
  if (random.chance(0.05)) {
    remove(company, session, old)
    if (!old.alive) createListed(company, session, 'policy', old.name || policyName(random, taken))
  } else {
    update(company, session, old)
  }
}

function applyApplication(company: Company, session: Session): void {
  const { random, applications, size } = company
  if (applications.length < size.applications && random.chance(0.15)) {
    const made = createApplication(company, session, application(company, 'service'))
    createKey(company, session, made)
  } else {
    update(company, session, anyApplication(company))
  }
}

/** A new API key, and the oldest deleted. */
function rotateKey(company: Company, session: Session, holder: Holder): void {
  createKey(company, session, holder)
  if (holder.keys.length > 1) removeKey(company, session, holder, oldestKey(holder))
}

/** A key that lives as long as a pipeline's job. */
export function* pipelineJob(company: Company): Story {
  const { random } = company
  const actor = anyApplication(company, 'pipeline')
  const session = fromRunner(company, actor)
  const key = createKey(company, session, actor)
  company.promised += 1
  yield random.between(MINUTE, 25 * MINUTE)
  company.promised -= 1
  removeKey(company, session, actor, key)
}

/** An environment for a branch: an application with a key and a policy, destroyed when the branch is merged. */
export function* previewEnvironment(company: Company): Story {
  const { random } = company
  const actor = anyApplication(company, random.chance(0.5) ? 'terraform' : 'pipeline')
  let session = fromRunner(company, actor)
  const made = createApplication(company, session, application(company, 'preview'), company.apart)
  yield random.between(50_000, SECOND)
  const policy = createListed(company, session, 'policy', `${made.name}-access`, company.apart)
  const group = random.pick(company.groups)
  update(company, session, group)
  yield random.between(50_000, SECOND)
  createKey(company, session, made)
  if (random.chance(0.6)) {
    yield random.between(MINUTE, HOUR)
    update(company, session, policy)
    update(company, session, made)
  }
  company.promised += 4
  yield random.between(HOUR, 30 * HOUR)
  company.promised -= 4
  session = fromRunner(company, actor)
  update(company, session, group)
  yield random.between(50_000, SECOND)
  remove(company, session, policy)
  removeHolder(company, session, made)
}

/** A service goes through some applications and gives each a new key; the old ones are deleted a little later. */
export function* rotation(company: Company): Story {
  const { random, size } = company
  const actor = anyApplication(company, 'service')
  const session = fromServer(company, actor)
  for (let rounds = random.between(1, size.run); rounds > 0; rounds -= 1) {
    const holder = anyApplication(company)
    createKey(company, session, holder)
    yield random.between(200_000, 3 * SECOND)
    if (holder.keys.length > 1) removeKey(company, session, holder, oldestKey(holder))
    yield random.between(SECOND, 5 * SECOND)
  }
}
