// The applications of a sample Organization: what they are, how and from where they act. What they do is
// told in sample-automation.ts, and for Kapsule's nodes in sample-kapsule.ts.

import { DAY } from './calendar.ts'
import { serverAddress, type Tool, toolAgent } from './clients.ts'
import {
  type Application,
  type Company,
  type Holder,
  type Resource,
  type Role,
  type Session,
  unborn,
} from './company.ts'
import { applicationName } from './names.ts'

const TOOLS: Readonly<Record<Role, readonly Tool[]>> = {
  terraform: ['terraform', 'terraform', 'terraform', 'opentofu'],
  pipeline: ['cli', 'python', 'javascript', 'go'],
  service: ['go', 'python', 'javascript', 'curl'],
  preview: ['go'],
  node: ['go'],
}

const DESCRIPTIONS: Readonly<Record<Role, string>> = {
  terraform: 'Applies the infrastructure repository',
  pipeline: 'Builds and deploys from continuous integration',
  service: '',
  preview: 'Preview environment, removed with its branch',
  node: 'Kapsule node',
}

/** An application that is not there: whatever is done to it, or by it, does not happen. */
export const GONE: Application = {
  category: 'application',
  id: '',
  name: '',
  createdAt: 0,
  updatedAt: 0,
  alive: false,
  keys: [],
  role: 'service',
  tool: 'curl',
  description: '',
  address: '',
}

/** An application that is about to be created. */
export function application(company: Company, role: Role, name?: string): Application {
  const { random, taken } = company
  const called = name ?? applicationName(random, taken, role === 'node' ? 'service' : role)
  return {
    ...unborn(company, 'application', called),
    category: 'application',
    keys: [],
    role,
    tool: random.pick(TOOLS[role]),
    description: DESCRIPTIONS[role],
    address: serverAddress(random),
  }
}

/** One of the company's own applications; `GONE` where none was found. */
export function anyApplication(company: Company, role: Role | null = null): Application {
  const { applications, random } = company
  for (let tries = 0; tries < 24 && applications.length > 0; tries += 1) {
    const found = random.pick(applications)
    if (role === null || found.role === role) return found
  }
  return GONE
}

/** A holder's oldest API key; where it has none, one that never was. */
export function oldestKey(holder: Holder): Resource {
  return holder.keys[0] ?? GONE
}

/** As continuous integration acts: from whichever runner is free. */
export function fromRunner(company: Company, actor: Application): Session {
  return {
    actor,
    ipAddress: company.random.pick(company.runners),
    userAgent: agentOf(company, actor),
  }
}

/** As a service acts: from the server it runs on. */
export function fromServer(company: Company, actor: Application): Session {
  return { actor, ipAddress: actor.address, userAgent: agentOf(company, actor) }
}

/** Versions are pinned for a while, each application's for its own. */
function agentOf(company: Company, actor: Application): string {
  return toolAgent(actor.tool, 'linux', company.agenda.now - (actor.createdAt % (60 * DAY)))
}
