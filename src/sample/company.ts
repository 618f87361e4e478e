// One Organization of a sample history during the simulation: its content, and the only functions that change it. An
// impossible action (by a removed principal, on a removed resource, after the last event) does nothing: it creates no
// event, so no story has to check first.

import { type Category, type Event, NIL_ID } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { Organization } from '../log-reader.ts'
import { DAY } from './calendar.ts'
import { addressIn, homeAddress, type Platform, type Program, runnerAddresses } from './clients.ts'
import { namesOf } from './names.ts'
import type { Random } from './random.ts'

/** A sequence of actions over time. It yields the wait before its next action, in microseconds. */
export type Story = Generator<number, void>

export interface Resource {
  readonly category: Category
  readonly id: string
  name: string
  createdAt: Instant
  updatedAt: Instant
  exists: boolean
  /** The list in which all stories find it; `null`: only the story that created it knows it. */
  list: Resource[] | null
  /** The API keys of a person or an application, oldest first. */
  readonly keys: Resource[]
}

export interface Person extends Resource {
  readonly firstName: string
  readonly lastName: string
  /** Whether this person may act on others' resources. */
  readonly isAdministrator: boolean
  readonly platform: Platform
  readonly browser: Program
  /** The tool that this person uses besides the console, if any. */
  readonly tool: Program | null
  /** How late this person installs every update. */
  readonly lag: Instant
  address: string
  lastLoginAt: Instant | null
}

export interface Application extends Resource {
  readonly role: Role
  readonly tool: Program
  /** For a service; other applications run on any free runner. */
  readonly address: string
}

export type Size = ReturnType<typeof sizeOf>

/** The actor, address and user agent; `null` as the actor is Scaleway itself. */
export interface Session {
  readonly actor: Resource | null
  readonly ipAddress: string | null
  readonly userAgent: string | null
}

/** Scaleway acts from within: no address, no user agent. */
export const SCALEWAY: Session = { actor: null, ipAddress: null, userAgent: null }

const DEFAULT_GROUPS = ['Administrators', 'Editors', 'Billing Administrators']

const PLATFORMS = ['linux', 'linux', 'darwin', 'darwin', 'darwin', 'windows'] as const

const BROWSERS: Readonly<Record<Platform, readonly Program[]>> = {
  linux: ['firefox', 'firefox', 'chrome'],
  darwin: ['chrome', 'chrome', 'safari', 'firefox'],
  windows: ['chrome', 'edge', 'edge', 'firefox'],
}

const OWN_TOOLS = ['cli', 'cli', 'terraform', 'opentofu', 'python', 'curl', null, null] as const

const TOOLS = {
  terraform: ['terraform', 'terraform', 'terraform', 'opentofu'],
  pipeline: ['cli', 'python', 'javascript', 'go'],
  service: ['go', 'python', 'javascript', 'curl'],
  preview: ['go'],
  node: ['go'],
} as const satisfies Record<string, readonly Program[]>

export type Role = keyof typeof TOOLS

/**
 * How many of each a mature company with this many events has: more events come from more activity rather than more
 * people.
 */
export function sizeOf(events: number) {
  const user = Math.max(3, Math.round(0.33 * events ** 0.42))
  return {
    events,
    user,
    application: 4 + Math.round(1.3 * user),
    group: 5 + Math.round(user / 4),
    policy: 5 + Math.round(0.9 * user),
    /** Changes in a typical run of Terraform. */
    run: Math.round(Math.min(24, Math.max(3, 1.7 * Math.log(Math.max(1, events / 150))))),
  }
}

type Draft = { -readonly [Field in keyof Event]: Event[Field] }

export class Company {
  readonly organization: Organization
  readonly size: Size
  readonly foundedAt: Instant
  readonly until: Instant
  readonly random: Random
  readonly names: ReturnType<typeof namesOf>
  /** The addresses of the offices, shared by everybody there. */
  readonly offices: readonly string[]
  readonly runners: readonly string[]
  readonly owner: Person
  readonly defaultGroups: readonly Resource[]
  /** The resources that all stories can find, oldest first. A person is among them once the invitation is accepted. */
  readonly lists = {
    user: [] as Person[],
    application: [] as Application[],
    group: [] as Resource[],
    policy: [] as Resource[],
  }
  /** All existing resources except API keys, oldest first. */
  readonly existing = new Set<Resource>()
  /** The application that was renamed. */
  renamed: { application: Application; formerName: string; at: Instant } | null = null
  now: Instant
  recorded = 0
  /** The events that `runUntil` has not returned yet, oldest first by (createdAt, id). */
  #events: Draft[] = []
  /** By the time at which they continue, the soonest last. */
  readonly #stories: { at: Instant; story: Story }[] = []
  readonly #takenNames = new Set<string>()

  constructor(name: string, size: Size, foundedAt: Instant, until: Instant, random: Random) {
    this.size = size
    this.foundedAt = foundedAt
    this.now = foundedAt
    this.until = until
    this.random = random
    this.names = namesOf(random, this.#takenNames)
    this.organization = { id: random.uuid(), name }
    const offices = { length: 1 + Math.floor(size.user / 60) }
    this.offices = Array.from(offices, () => addressIn('198.51.100', random))
    this.runners = runnerAddresses(random, 16 + Math.floor(Math.sqrt(size.events)))
    this.owner = this.newPerson(true)
    this.#add(this.owner, this.lists.user)
    this.defaultGroups = DEFAULT_GROUPS.map(name => this.newResource('group', name))
  }

  /** The simulated part of the company's time, from 0 to 1. */
  get progress(): number {
    return (this.now - this.foundedAt) / (this.until - this.foundedAt)
  }

  /** Stories that are due at the same instant continue in the order in which they began to wait. */
  begin(story: Story, wait = 0): void {
    const at = this.now + Math.max(0, wait)
    const place = this.#stories.findLastIndex(other => other.at > at) + 1
    this.#stories.splice(place, 0, { at, story })
  }

  /** Continues all stories up to `end`, and returns their events. */
  runUntil(end: Instant): Event[] {
    for (let next = this.#stories.pop(); next !== undefined; next = this.#stories.pop()) {
      if (next.at >= end || this.recorded === this.size.events) {
        this.#stories.push(next)
        break
      }
      this.now = next.at
      const { done, value } = next.story.next()
      if (!done) this.begin(next.story, value)
    }
    this.now = end
    const events = this.#events
    this.#events = []
    return events
  }

  /** A resource that does not exist yet. */
  newResource(category: Category, name = ''): Resource {
    const id = category === 'api_key' ? this.random.accessKey() : this.random.uuid()
    const dates = { createdAt: this.now, updatedAt: this.now }
    return { category, id, name, ...dates, exists: false, list: null, keys: [] }
  }

  newPerson(isAdministrator: boolean): Person {
    const { random } = this
    const { username, ...names } = this.names.person()
    const platform = random.pick(PLATFORMS)
    return {
      ...this.newResource('user', username),
      ...names,
      isAdministrator,
      platform,
      browser: random.pick(BROWSERS[platform]),
      tool: random.pick(OWN_TOOLS),
      lag: random.below(45 * DAY),
      address: homeAddress(random, random.chance(0.4)),
      lastLoginAt: null,
    }
  }

  newApplication(role: Role, name: string): Application {
    this.#takenNames.add(name)
    const resource = this.newResource('application', name)
    const tool = this.random.pick<Program>(TOOLS[role])
    return { ...resource, role, tool, address: addressIn('192.0.2', this.random) }
  }

  create<T extends Resource>(session: Session, resource: T, list: T[] | null = null): T {
    if (this.#record(session, 'created', resource)) this.#add(resource, list)
    return resource
  }

  createKey(session: Session, holder: Resource): Resource {
    const key = this.newResource('api_key')
    return holder.exists ? this.create(session, key, holder.keys) : key
  }

  /** Returns whether the update happened. */
  update(session: Session, resource: Resource | undefined): boolean {
    if (!resource?.exists || !this.#record(session, 'updated', resource)) return false
    resource.updatedAt = this.now
    return true
  }

  /**
   * The API keys of a person or an application are removed first, at the same instant. The default groups and the Owner
   * cannot be removed.
   */
  remove(session: Session, resource: Resource | undefined): void {
    if (!resource?.exists || [this.owner, ...this.defaultGroups].includes(resource)) return
    for (const key of [...resource.keys]) this.remove(session, key)
    if (!this.#record(session, 'deleted', resource)) return
    resource.exists = false
    this.#takenNames.delete(resource.name)
    this.existing.delete(resource)
    resource.list?.splice(resource.list.indexOf(resource), 1)
  }

  /** Makes an existing resource available to all stories. */
  share<T extends Resource>(resource: T, list: T[]): void {
    if (!resource.exists) return
    resource.list = list
    list.push(resource)
  }

  /** A person who may act on others' resources. Never `other`, a member. */
  administrator(other?: Person): Person {
    return this.random.pick(
      this.lists.user.filter(person => person.isAdministrator && person !== other),
    )
  }

  /** If there is none, returns one that never existed: actions on it do nothing. */
  anyApplication(role?: Role): Application {
    const found = this.lists.application.filter(one => role === undefined || one.role === role)
    return found.length > 0 ? this.random.pick(found) : this.newApplication('service', '')
  }

  #add(resource: Resource, list: Resource[] | null): void {
    Object.assign(resource, { exists: true, createdAt: this.now, updatedAt: this.now })
    if (list !== null) this.share(resource, list)
    if (resource.category !== 'api_key') this.existing.add(resource)
  }

  #record({ actor, ...client }: Session, action: string, resource: Resource): boolean {
    if (this.recorded === this.size.events || actor?.exists === false) return false
    const events = this.#events
    events.push({
      id: this.random.uuid(),
      organizationId: this.organization.id,
      createdAt: this.now,
      action,
      category: resource.category,
      resourceId: resource.id,
      principalId: actor?.id ?? NIL_ID,
      ...client,
    })
    // Events of one microsecond are ordered by their IDs, which must not reverse the story: the new ID moves up to its
    // place, and the others down by one.
    for (let place = events.length - 1; place > 0; place -= 1) {
      const [former, event] = [events[place - 1] as Draft, events[place] as Draft]
      if (former.createdAt !== event.createdAt || former.id < event.id) break
      ;[former.id, event.id] = [event.id, former.id]
    }
    this.recorded += 1
    return true
  }
}
