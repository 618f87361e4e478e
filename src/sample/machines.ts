// Automated activity in a sample Organization: Terraform and pipelines in continuous integration, preview environments,
// rotation of keys, Scaleway's Kapsule, and one intruder for a reader to find.

import { atWork, DAY, HOUR, localTime, MINUTE, SECOND } from './calendar.ts'
import { addressIn, userAgent } from './clients.ts'
import { type Application, type Company, SCALEWAY, type Session, type Story } from './company.ts'
import { change, type Subject, sessionOf } from './people.ts'

const TERRAFORM_SUBJECTS: readonly Subject[] = [
  ...(['group', 'group', 'policy', 'policy', 'policy'] as const),
  ...(['application', 'application', 'application', 'application', 'api_key'] as const),
]

/** One of the machines' stories, suitable for the hour. */
export function machineStory(company: Company): Story {
  const lot = company.random.fraction()
  if (lot < (localTime(company.now).isNight ? 0.3 : 0.06)) return rotation(company)
  if (lot < 0.33) return pipelineJob(company)
  return lot < 0.71 ? previewEnvironment(company) : terraformRun(company)
}

/** Continuous integration acts from any free runner. Versions are pinned for a while. */
function fromRunner({ random, runners, now }: Company, actor: Application): Session {
  return {
    actor,
    ipAddress: actor.role === 'service' ? actor.address : random.pick(runners),
    userAgent: userAgent(actor.tool, 'linux', now - (actor.createdAt % (60 * DAY))),
  }
}

/** The changes of one plan within seconds, some in the same microsecond. */
function* terraformRun(company: Company): Story {
  const { random, size } = company
  const session = fromRunner(company, company.anyApplication('terraform'))
  for (let changes = random.between(1, size.run); changes > 0; changes -= 1) {
    const subject = random.pick(TERRAFORM_SUBJECTS)
    // Changes by one Terraform call, such as a group with its members, have the same date.
    yield* change(company, session, subject, () => (random.chance(0.6) ? 0 : random.below(SECOND)))
    yield random.between(900, 2 * SECOND)
  }
}

/** A service gives some applications new keys, one after another. */
function* rotation(company: Company): Story {
  const { random, size } = company
  const session = fromRunner(company, company.anyApplication('service'))
  for (let keys = random.between(1, size.run); keys > 0; keys -= 1) {
    yield* change(company, session, 'api_key', () => random.between(SECOND, 8 * SECOND))
  }
}

/** A key that exists as long as a pipeline's job. */
function* pipelineJob(company: Company): Story {
  const actor = company.anyApplication('pipeline')
  const session = fromRunner(company, actor)
  const key = company.createKey(session, actor)
  yield company.random.between(MINUTE, 25 * MINUTE)
  company.remove(session, key)
}

/** An environment for a branch: an application with a key and a policy, destroyed when the branch is merged. */
function* previewEnvironment(company: Company): Story {
  const { random, names, lists } = company
  const actor = company.anyApplication(random.chance(0.5) ? 'terraform' : 'pipeline')
  const session = fromRunner(company, actor)
  const preview = company.create(session, company.newApplication('preview', names.preview()))
  yield random.between(50_000, SECOND)
  const policy = company.create(session, company.newResource('policy', `${preview.name}-access`))
  const group = random.pick(lists.group)
  company.update(session, group)
  yield random.between(50_000, SECOND)
  company.createKey(session, preview)
  if (random.chance(0.6)) {
    yield random.between(MINUTE, HOUR)
    company.update(session, policy)
    company.update(session, preview)
  }
  yield random.between(HOUR, 30 * HOUR)
  const destroying = fromRunner(company, actor)
  company.update(destroying, group)
  yield random.between(50_000, SECOND)
  company.remove(destroying, policy)
  company.remove(destroying, preview)
}

/** Kapsule clusters, one after another, without end; more often in a larger company. */
export function* clusters(company: Company): Story {
  const interval = (200 * DAY) / (company.size.events / 1000) ** 0.35
  for (;;) {
    yield Math.floor(interval * (0.4 + 1.2 * company.random.fraction()))
    company.begin(cluster(company))
  }
}

/** Scaleway creates a group, a policy and an application for every node, and removes them with the cluster. */
function* cluster(company: Company): Story {
  const { random } = company
  const name = `kapsule-${random.uuid().slice(0, 8)}`
  const group = company.create(SCALEWAY, company.newResource('group', name))
  yield random.between(20_000, 200_000)
  const policy = company.create(SCALEWAY, company.newResource('policy', name))
  const nodes: Application[] = []
  for (let scalings = random.between(2, 5); scalings > 0; scalings -= 1) {
    for (let added = random.between(1, 3); added > 0; added -= 1) {
      yield random.between(MINUTE, 3 * MINUTE)
      const node = company.create(SCALEWAY, company.newApplication('node', `${name}-node`))
      company.createKey(SCALEWAY, node)
      company.update(SCALEWAY, group)
      nodes.push(node)
    }
    yield random.between(2 * DAY, 20 * DAY)
    if (nodes.length > 1) company.remove(SCALEWAY, nodes.shift())
  }
  for (const resource of [...nodes, policy, group]) {
    company.remove(SCALEWAY, resource)
    yield random.between(SECOND, MINUTE)
  }
}

/**
 * The only incident: somebody has a leaked API key, acts at night from an unknown address, and is removed in the
 * morning.
 */
export function* intrusion(company: Company): Story {
  const { random, lists } = company
  yield Math.floor((company.until - company.now) * (0.4 + 0.5 * random.fraction()))
  while (!localTime(company.now).isNight) yield HOUR
  yield random.below(40 * MINUTE)

  const actor = company.anyApplication('service')
  const curl = userAgent('curl', 'linux', company.now)
  const stranger = { actor, ipAddress: addressIn('203.0.113', random), userAgent: curl }
  const foothold = company.createKey(stranger, actor)
  yield random.between(20 * SECOND, 90 * SECOND)
  company.update(stranger, random.pick(lists.policy))
  for (let deletions = random.between(6, 14); deletions > 0; deletions -= 1) {
    yield random.between(SECOND, 4 * SECOND)
    const victim = company.anyApplication()
    if (victim !== actor) company.remove(stranger, victim.keys[0])
  }

  yield atWork(company.now + HOUR, random) - company.now
  const rescue = sessionOf(company, company.administrator())
  for (const key of [foothold, ...actor.keys]) {
    company.remove(rescue, key)
    yield random.between(5 * SECOND, 30 * SECOND)
  }
  company.createKey(rescue, actor)
}
