// What acts without people in a sample Organization: Terraform and pipelines in continuous integration, preview
// environments, rotation of keys, Scaleway's Kapsule, and one intruder for a reader to find.

import type { Story } from './agenda.ts'
import { atWork, DAY, HOUR, isNight, MINUTE, SECOND } from './calendar.ts'
import { strangeAddress, toolAgent } from './clients.ts'
import { type Application, type Company, SCALEWAY, type Session } from './company.ts'
import { sessionOf } from './people.ts'

/** One of the stories of machines, as fits the hour. */
export function machineStory(company: Company): Story {
  const lot = company.random.fraction()
  if (lot < (isNight(company.now) ? 0.3 : 0.06)) return rotation(company)
  if (lot < 0.33) return pipelineJob(company)
  return lot < 0.71 ? previewEnvironment(company) : terraformRun(company)
}

/** As continuous integration acts: from whichever runner is free. Versions are pinned for a while. */
function fromRunner({ random, runners, now }: Company, actor: Application): Session {
  const userAgent = toolAgent(actor.tool, 'linux', now - (actor.createdAt % (60 * DAY)))
  const ipAddress = actor.role === 'service' ? actor.address : random.pick(runners)
  return { actor, ipAddress, userAgent }
}

/** A plan's worth of changes within seconds, some in the same microsecond. */
function* terraformRun(company: Company): Story {
  const { random, size, groups, policies, applications, names } = company
  const session = fromRunner(company, company.anyApplication('terraform'))
  const longest = random.chance(0.05) ? 4 * size.run : 2 * size.run
  for (let changes = random.between(2, longest); changes > 0; changes -= 1) {
    const lot = random.fraction()
    if (lot < 0.22) {
      const group = apply(company, session, 'group', groups.length < size.groups ? 0.3 : 0)
      // Members are set in the very call that creates the group, so all of it bears one date.
      const members = random.chance(0.3) ? random.between(2, 4) : 1
      for (let member = 0; member < members; member += 1) company.update(session, group)
    } else if (lot < 0.5) {
      const policy = apply(company, session, 'policy', policies.length < size.policies ? 0.4 : 0)
      company.update(session, policy)
    } else if (lot < 0.9 && applications.length < size.applications && random.chance(0.15)) {
      const made = company.application('service', names.application('service'))
      company.create(session, made, applications)
      company.createKey(session, made)
    } else if (lot < 0.9) {
      company.update(session, company.anyApplication())
    } else {
      rotateKey(company, session)
    }
    yield random.chance(0.4) ? random.between(900, 90_000) : random.between(90_000, 2 * SECOND)
  }
}

/** A group or a policy of the plan: a new one, one that is replaced, or one as it is. */
function apply(company: Company, session: Session, category: 'group' | 'policy', chance: number) {
  const { random, names } = company
  const list = category === 'group' ? company.groups : company.policies
  const make = (name: string) => company.create(session, company.unborn(category, name), list)
  const old = list[random.below(list.length)]
  if (old === undefined || random.chance(chance)) return make(names[category]())
  if (random.chance(0.95)) return old
  company.remove(session, old)
  return old.alive ? old : make(old.name)
}

/** A new API key for some application, and its oldest deleted. */
function rotateKey(company: Company, session: Session): void {
  const holder = company.anyApplication()
  company.createKey(session, holder)
  if (holder.keys.length > 1) company.remove(session, holder.keys[0])
}

/** A key that lives as long as a pipeline's job. */
function* pipelineJob(company: Company): Story {
  const actor = company.anyApplication('pipeline')
  const session = fromRunner(company, actor)
  const key = company.createKey(session, actor)
  company.promised += 1
  yield company.random.between(MINUTE, 25 * MINUTE)
  company.promised -= 1
  company.remove(session, key)
}

/** An environment for a branch: an application with a key and a policy, destroyed when the branch is merged. */
function* previewEnvironment(company: Company): Story {
  const { random, names } = company
  const actor = company.anyApplication(random.chance(0.5) ? 'terraform' : 'pipeline')
  const session = fromRunner(company, actor)
  const made = company.create(session, company.application('preview', names.preview()))
  yield random.between(50_000, SECOND)
  const policy = company.create(session, company.unborn('policy', `${made.name}-access`))
  const group = random.pick(company.groups)
  company.update(session, group)
  yield random.between(50_000, SECOND)
  company.createKey(session, made)
  if (random.chance(0.6)) {
    yield random.between(MINUTE, HOUR)
    company.update(session, policy)
    company.update(session, made)
  }
  company.promised += 4
  yield random.between(HOUR, 30 * HOUR)
  company.promised -= 4
  const destroying = fromRunner(company, actor)
  company.update(destroying, group)
  yield random.between(50_000, SECOND)
  company.remove(destroying, policy)
  company.remove(destroying, made)
}

/** A service gives some applications new keys, one after another. */
function* rotation(company: Company): Story {
  const { random, size } = company
  const session = fromRunner(company, company.anyApplication('service'))
  for (let rounds = random.between(1, size.run); rounds > 0; rounds -= 1) {
    rotateKey(company, session)
    yield random.between(SECOND, 8 * SECOND)
  }
}

/** Kapsule clusters, one after another, for ever; the larger the company, the more often. */
export function* clusters(company: Company): Story {
  const interval = (200 * DAY) / (company.size.events / 1000) ** 0.35
  for (;;) {
    yield Math.floor(interval * (0.4 + 1.2 * company.random.fraction()))
    company.begin(cluster(company))
  }
}

/** Scaleway makes a group, a policy and an application for every node, and takes them away with the cluster. */
function* cluster(company: Company): Story {
  const { random } = company
  const name = `kapsule-${random.uuid().slice(0, 8)}`
  const group = company.create(SCALEWAY, company.unborn('group', name))
  yield random.between(20_000, 200_000)
  const policy = company.create(SCALEWAY, company.unborn('policy', name))
  const nodes: Application[] = []
  for (let scalings = random.between(2, 5); scalings > 0; scalings -= 1) {
    for (let added = random.between(1, 3); added > 0; added -= 1) {
      yield random.between(MINUTE, 3 * MINUTE)
      const node = company.create(SCALEWAY, company.application('node', `${name}-node`))
      company.createKey(SCALEWAY, node)
      company.update(SCALEWAY, group)
      nodes.push(node)
    }
    yield random.between(2 * DAY, 20 * DAY)
    if (nodes.length > 1) company.remove(SCALEWAY, nodes.shift())
  }
  for (const gone of [...nodes, policy, group]) {
    company.remove(SCALEWAY, gone)
    yield random.between(SECOND, MINUTE)
  }
}

/**
 * The one thing that should not have happened: someone holds a leaked API key, acts at night from an address nobody
 * knows, and is shut out in the morning.
 */
export function* intrusion(company: Company, after: number): Story {
  const { random } = company
  yield after
  while (!isNight(company.now)) yield HOUR
  yield random.below(40 * MINUTE)

  const actor = company.anyApplication('service')
  const userAgent = toolAgent('curl', 'linux', company.now)
  const stranger = { actor, ipAddress: strangeAddress(random), userAgent }
  const foothold = company.createKey(stranger, actor)
  yield random.between(20 * SECOND, 90 * SECOND)
  company.update(stranger, company.policies[random.below(company.policies.length)])
  for (let deletions = random.between(6, 14); deletions > 0; deletions -= 1) {
    yield random.between(SECOND, 4 * SECOND)
    const victim = company.anyApplication()
    if (victim !== actor) company.remove(stranger, victim.keys[0])
  }

  yield atWork(company.now + HOUR, random) - company.now
  const rescue = sessionOf(company, company.administrator(), 'console')
  for (const key of [foothold, ...actor.keys]) {
    company.remove(rescue, key)
    yield random.between(5 * SECOND, 30 * SECOND)
  }
  company.createKey(rescue, actor)
}
