// node bench/fake-scaleway.ts [--events N] [--seed S] [--port P] [--latency MS]: runs a fake of Scaleway's API in its own
// process, with one Organization (`ORGANIZATION`) and four years of events by 20 principals. Prints its URL when it is
// ready, and serves until SIGTERM. The same seed creates the same log.

import { parseArgs } from 'node:util'
import { formatInstant, type Instant, MICROSECONDS_PER_SECOND } from '../src/instant.ts'
import { addressIn, homeAddress, userAgent } from '../src/sample/clients.ts'
import { type Random, random } from '../src/sample/random.ts'
import { at, ORGANIZATION } from '../test/support/events.ts'
import {
  apiKey,
  application,
  type FakeOrganization,
  group,
  policy,
  rule,
  startFakeScaleway,
  user,
  type WireItem,
} from '../test/support/scaleway.ts'

const UNTIL = at('2026-11-01T00:00:00Z')
const DAY = 24 * 3600 * MICROSECONDS_PER_SECOND
const SPAN = 4 * 365 * DAY
const USERS = 12
const APPLICATIONS = 8
const BATCH = 10_000
/** The most resources of a type that exist at the same time, and can be updated or deleted. */
const REMEMBERED = 500

const TYPES = ['api_key', 'api_key', 'api_key', 'application', 'policy', 'policy', 'group', 'user']
const BROWSERS = ['chrome', 'firefox', 'edge'] as const
const TOOLS = ['terraform', 'cli', 'python', 'go'] as const

interface Actor {
  readonly id: string
  readonly address: string
  agentAt(instant: Instant): string
}

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    port: { type: 'string', default: '0' },
    latency: { type: 'string', default: '0' },
  },
})
const chance = random(Number(values.seed))
const fake = await startFakeScaleway({ port: Number(values.port) })
const organization = fake.organization(ORGANIZATION)
const actors = createDirectory(organization, chance)
fill(organization, actors, Number(values.events), chance)
const milliseconds = Number(values.latency)
if (milliseconds > 0) fake.faults = () => ({ kind: 'slow', milliseconds })
process.once('SIGTERM', () => fake.close())
process.stdout.write(`${fake.url}\n`)

/** Creates the directory: principals, a group of all users, a policy and API keys. Returns the principals as actors. */
function createDirectory(into: FakeOrganization, chance: Random): Actor[] {
  const since = { created_at: formatInstant(UNTIL - SPAN), organization_id: ORGANIZATION }
  into.users = Array.from({ length: USERS }, (_, number) =>
    user({ ...since, id: chance.uuid(), type: number === 0 ? 'owner' : 'member' }),
  )
  into.applications = Array.from({ length: APPLICATIONS }, () =>
    application({ ...since, id: chance.uuid() }),
  )
  const staff = group({ ...since, id: chance.uuid(), user_ids: into.users.map(({ id }) => id) })
  into.groups = [staff]
  const readers = policy({ ...since, id: chance.uuid(), group_id: staff.id })
  into.policies = [readers]
  into.rules.set(readers.id, [rule({ id: chance.uuid(), organization_id: ORGANIZATION })])
  into.apiKeys = into.applications.map(({ id }) =>
    apiKey({ created_at: since.created_at, access_key: chance.accessKey(), application_id: id }),
  )
  const people = into.users.map(({ id }, number): Actor => {
    const browser = BROWSERS[number % BROWSERS.length] ?? 'chrome'
    const agentAt = (instant: Instant) => userAgent(browser, 'linux', instant)
    return { id: String(id), address: homeAddress(chance, number % 4 === 0), agentAt }
  })
  const machines = into.applications.map(({ id }, number): Actor => {
    const tool = TOOLS[number % TOOLS.length] ?? 'cli'
    const agentAt = (instant: Instant) => userAgent(tool, 'linux', instant)
    return { id: String(id), address: addressIn('192.0.2', chance), agentAt }
  })
  return [...people, ...machines]
}

/** Events come in bursts: one principal acts a few times within seconds, then another. */
function fill(into: FakeOrganization, actors: Actor[], count: number, chance: Random): void {
  const known = new Map<string, string[]>()
  const agents = new Map<string, string>()
  let batch: WireItem[] = []
  for (let made = 0; made < count; ) {
    const actor = chance.pick(actors)
    let date = UNTIL - SPAN + Math.floor((SPAN / count) * (made + chance.fraction()))
    const agent = actor.agentAt(date)
    // Equal texts are one string in memory.
    if (!agents.has(agent)) agents.set(agent, agent)
    const burst = Math.min(chance.between(1, 12), count - made)
    for (let step = 0; step < burst; step++) {
      const type = chance.pick(TYPES)
      const { action, id } = act(known, type, chance)
      batch.push({
        id: chance.uuid(),
        created_at: flat(formatInstant(date)),
        ip: actor.address,
        user_agent: agents.get(agent),
        action,
        bearer_id: actor.id,
        organization_id: ORGANIZATION,
        resource_type: type,
        resource_id: id,
      })
      date += chance.between(20_000, 3 * MICROSECONDS_PER_SECOND)
    }
    made += burst
    if (batch.length >= BATCH || made === count) {
      into.add(...batch)
      batch = []
    }
  }
}

/** A concatenated string keeps all its parts in memory, three times its size; this copy does not. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

/** Creates a resource, or updates or deletes one that exists. */
function act(known: Map<string, string[]>, type: string, chance: Random) {
  const resources = known.get(type) ?? []
  known.set(type, resources)
  const place = chance.below(resources.length)
  const existing = resources[place]
  if (existing === undefined || (resources.length < REMEMBERED && chance.chance(0.4))) {
    const id = type === 'api_key' ? chance.accessKey() : chance.uuid()
    resources.push(id)
    return { action: 'created', id }
  }
  if (chance.chance(0.5)) return { action: 'updated', id: existing }
  resources[place] = resources.at(-1) ?? existing
  resources.pop()
  return { action: 'deleted', id: existing }
}
