// node bench/fake-scaleway.ts [--events N] [--seed S] [--port P] [--latency MS]: a fake Scaleway as a process of its
// own, with one Organization (`ORGANIZATION`) that 20 principals worked on for four years. Prints its URL when it is
// ready, and serves until SIGTERM. The same seed gives the same log.

import { parseArgs } from 'node:util'
import { formatInstant, type Instant, MICROSECONDS_PER_SECOND } from '../src/instant.ts'
import { homeAddress, serverAddress, userAgent } from '../src/sample/clients.ts'
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
/** How many resources of a type are remembered, to be updated or deleted. */
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
const actors = describe(organization, chance)
fill(organization, actors, Number(values.events), chance)
const milliseconds = Number(values.latency)
if (milliseconds > 0) fake.faults = () => ({ kind: 'slow', milliseconds })
process.once('SIGTERM', () => fake.close())
process.stdout.write(`${fake.url}\n`)

/** Lists the principals, a group of the users, policies and keys; and tells how each principal acts. */
function describe(into: FakeOrganization, chance: Random): Actor[] {
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
    return { id: String(id), address: serverAddress(chance), agentAt }
  })
  return [...people, ...machines]
}

/** Events come in sittings: one principal does a few things within seconds, then somebody else. */
function fill(into: FakeOrganization, actors: Actor[], count: number, chance: Random): void {
  const known = new Map<string, string[]>()
  const agents = new Map<string, string>()
  let batch: WireItem[] = []
  for (let made = 0; made < count; ) {
    const actor = chance.pick(actors)
    let date = UNTIL - SPAN + Math.floor((SPAN / count) * (made + chance.fraction()))
    const agent = actor.agentAt(date)
    // One text for all who say the same.
    if (!agents.has(agent)) agents.set(agent, agent)
    const sitting = Math.min(chance.between(1, 12), count - made)
    for (let step = 0; step < sitting; step++) {
      const type = chance.pick(TYPES)
      const { action, id } = deed(known, type, chance)
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
    made += sitting
    if (batch.length >= BATCH || made === count) {
      into.add(...batch)
      batch = []
    }
  }
}

/** The same text in one piece: one put together of pieces keeps them all, three times its size. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

/** Something is created, or what was created before is updated or deleted. */
function deed(known: Map<string, string[]>, type: string, chance: Random) {
  const resources = known.get(type) ?? []
  known.set(type, resources)
  const place = chance.below(resources.length)
  const there = resources[place]
  if (there === undefined || (resources.length < REMEMBERED && chance.chance(0.4))) {
    const id = type === 'api_key' ? chance.accessKey() : chance.uuid()
    resources.push(id)
    return { action: 'created', id }
  }
  if (chance.chance(0.5)) return { action: 'updated', id: there }
  resources[place] = resources.at(-1) ?? there
  resources.pop()
  return { action: 'deleted', id: there }
}
