// One Organization while its sample history runs: who and what is in it, and the only way by which anything happens.
// An act that could not happen (by someone gone, on something gone, after the last event) does not: it leaves no
// event and changes nothing, so no story needs to check before it acts.

import { type Category, type Event, NIL_ID } from '../event.ts'
import type { Instant } from '../instant.ts'
import type { Organization } from '../organization.ts'
import { Agenda } from './agenda.ts'
import {
  type Browser,
  browserAgent,
  homeAddress,
  officeAddresses,
  type Platform,
  runnerAddresses,
  serverAddress,
  type Tool,
} from './clients.ts'
import { namesOf } from './names.ts'
import type { Random } from './random.ts'

export interface Resource {
  readonly category: Category
  readonly id: string
  name: string
  createdAt: Instant
  updatedAt: Instant
  alive: boolean
  /** Not so are invitations that nobody accepted, and Kapsule's nodes. */
  listed: boolean
  /** Where stories find it; `null`: only the one that made it knows of it. */
  home: Resource[] | null
}

/** Who may act: a person or an application, with its API keys, oldest first. */
export interface Holder extends Resource {
  readonly keys: Resource[]
}

export interface Person extends Holder {
  readonly profile: { firstName: string; lastName: string; username: string }
  /** Whether this person may act on others' resources. */
  readonly administrator: boolean
  readonly mfa: boolean
  readonly browser: Browser
  readonly platform: Platform
  /** What this person uses beside the console, if anything. */
  readonly tool: Tool | null
  /** How long this person puts off every update. */
  readonly lag: Instant
  address: string
  lastLoginAt: Instant | null
}

export type Role = 'terraform' | 'pipeline' | 'service' | 'preview' | 'node'

export interface Application extends Holder {
  readonly role: Role
  readonly tool: Tool
  /** Where it runs, unless it runs wherever a runner is free. */
  readonly address: string
}

/** How large a company becomes, by the number of its events. */
export interface Size {
  readonly events: number
  readonly people: number
  readonly applications: number
  readonly groups: number
  readonly policies: number
  /** Changes in a typical run of Terraform. */
  readonly run: number
}

/** Who acts, from where, with what; `null` as the actor is Scaleway itself. */
export interface Session {
  readonly actor: Holder | null
  readonly ipAddress: string | null
  readonly userAgent: string | null
}

/** Scaleway acts from within: no address, no user agent. */
export const SCALEWAY: Session = { actor: null, ipAddress: null, userAgent: null }

export const DEFAULT_GROUPS = ['Administrators', 'Editors', 'Billing Administrators']

const PLATFORMS: readonly Platform[] = ['linux', 'linux', 'darwin', 'darwin', 'darwin', 'windows']

const BROWSERS: Readonly<Record<Platform, readonly Browser[]>> = {
  linux: ['firefox', 'firefox', 'chrome'],
  darwin: ['chrome', 'chrome', 'safari', 'firefox'],
  windows: ['chrome', 'edge', 'edge', 'firefox'],
}

const TOOLS: Readonly<Record<Role, readonly Tool[]>> = {
  terraform: ['terraform', 'terraform', 'terraform', 'opentofu'],
  pipeline: ['cli', 'python', 'javascript', 'go'],
  service: ['go', 'python', 'javascript', 'curl'],
  preview: ['go'],
  node: ['go'],
}

type Draft = { -readonly [Field in keyof Event]: Event[Field] }

export class Company extends Agenda {
  readonly organization: Organization
  readonly size: Size
  readonly foundedAt: Instant
  readonly until: Instant
  readonly random: Random
  readonly names: ReturnType<typeof namesOf>
  readonly offices: readonly string[]
  readonly runners: readonly string[]
  readonly owner: Person
  /** All that are there, oldest first; who was invited and has not accepted is not among them. */
  readonly people: Person[] = []
  readonly applications: Application[] = []
  readonly groups: Resource[] = []
  readonly policies: Resource[] = []
  readonly defaultGroups: readonly Resource[]
  /** Without API keys, oldest first. */
  readonly alive = new Set<Resource>()
  /** An application that one of its later updates gives another name. */
  renaming: { readonly application: Application; readonly to: string } | null = null
  /** What it was called before, and until when. */
  readonly formerNames: { application: Application; name: string; until: Instant }[] = []
  /** Events that were not taken away yet, oldest first by (createdAt, id). */
  happened: Event[] = []
  recorded = 0
  /** Events that stories under way will surely add. */
  promised = 0
  readonly #taken = new Set<string>()

  constructor(name: string, size: Size, foundedAt: Instant, until: Instant, random: Random) {
    super(foundedAt)
    this.size = size
    this.foundedAt = foundedAt
    this.until = until
    this.random = random
    this.names = namesOf(random, this.#taken)
    this.owner = this.person(true)
    this.organization = { id: random.uuid(), name }
    this.offices = officeAddresses(random, 1 + Math.floor(size.people / 60))
    this.runners = runnerAddresses(random, 16 + Math.floor(Math.sqrt(size.events)))
    Object.assign(this.owner, { alive: true, listed: true, home: this.people })
    this.people.push(this.owner)
    this.alive.add(this.owner)
    this.defaultGroups = DEFAULT_GROUPS.map(name => this.unborn('group', name))
  }

  /** How much of the company's time has passed, from 0 to 1. */
  get progress(): number {
    return (this.now - this.foundedAt) / (this.until - this.foundedAt)
  }

  /** A resource that is not there yet. */
  unborn(category: Category, name = ''): Resource {
    const id = category === 'api_key' ? this.random.accessKey() : this.random.uuid()
    const dates = { createdAt: this.now, updatedAt: this.now }
    return { category, id, name, ...dates, alive: false, listed: true, home: null }
  }

  /** Someone to invite. */
  person(administrator: boolean): Person {
    const { random } = this
    const profile = this.names.person()
    const platform = random.pick(PLATFORMS)
    return {
      ...this.unborn('user', profile.username),
      listed: false,
      keys: [],
      profile,
      administrator,
      mfa: random.chance(0.7),
      platform,
      browser: random.pick(BROWSERS[platform]),
      tool: random.pick(['cli', 'cli', 'terraform', 'opentofu', 'python', 'curl', null, null]),
      lag: random.below(45 * 86_400) * 1_000_000,
      address: homeAddress(random, random.chance(0.4)),
      lastLoginAt: null,
    }
  }

  /** An application to create. */
  application(role: Role, name: string): Application {
    const { random } = this
    this.#taken.add(name)
    const resource = { ...this.unborn('application', name), listed: role !== 'node' }
    return {
      ...resource,
      keys: [],
      role,
      tool: random.pick(TOOLS[role]),
      address: serverAddress(random),
    }
  }

  create<T extends Resource>(session: Session, resource: T, home: T[] | null = null): T {
    if (!this.#record(session, 'created', resource)) return resource
    Object.assign(resource, { alive: true, createdAt: this.now, updatedAt: this.now, home })
    home?.push(resource)
    if (resource.category !== 'api_key') this.alive.add(resource)
    return resource
  }

  createKey(session: Session, holder: Holder): Resource {
    const key = this.unborn('api_key')
    return holder.alive ? this.create(session, key, holder.keys) : key
  }

  /** Whether it happened. */
  update(session: Session, resource: Resource | undefined): boolean {
    if (!resource?.alive || !this.#record(session, 'updated', resource)) return false
    resource.updatedAt = this.now
    if (this.renaming !== null && resource === this.renaming.application && this.progress > 0.55) {
      const { application, to } = this.renaming
      this.formerNames.push({ application, name: application.name, until: this.now })
      application.name = to
      this.renaming = null
    }
    return true
  }

  /** Of a person or an application its API keys go first, at one instant. The default groups and the Owner stay. */
  remove(session: Session, resource: Resource | undefined): void {
    if (!resource?.alive || resource === this.owner || this.defaultGroups.includes(resource)) return
    if ('keys' in resource)
      for (const key of [...(resource as Holder).keys]) this.remove(session, key)
    if (!this.#record(session, 'deleted', resource)) return
    resource.alive = false
    this.#taken.delete(resource.name)
    this.alive.delete(resource)
    const { home } = resource
    home?.splice(home.indexOf(resource), 1)
  }

  /** Someone who may act on others' resources; the longer there, the likelier. Never `other`, a member. */
  administrator(other: Person | null = null): Person {
    for (let tries = 0; tries < 6; tries += 1) {
      const place = Math.floor(this.random.fraction() ** 1.6 * this.people.length)
      const found = this.people[place]
      if (found?.administrator && found !== other) return found
    }
    return this.owner
  }

  /** One of the company's own applications; where none is found, one that never was: nothing happens to it. */
  anyApplication(role: Role | null = null): Application {
    for (let tries = 0; tries < 24 && this.applications.length > 0; tries += 1) {
      const found = this.random.pick(this.applications)
      if (role === null || found.role === role) return found
    }
    return this.application('service', '')
  }

  /** Works as the Owner does at the very end. */
  get ownerAtHome(): Session {
    const { browser, platform, lag, address } = this.owner
    const userAgent = browserAgent(browser, platform, this.now - lag)
    return { actor: this.owner, ipAddress: address, userAgent }
  }

  #record({ actor, ...client }: Session, action: string, on: Resource): boolean {
    if (this.recorded === this.size.events || actor?.alive === false) return false
    const happened = this.happened as Draft[]
    happened.push({
      id: this.random.uuid(),
      organizationId: this.organization.id,
      createdAt: this.now,
      action,
      category: on.category,
      resourceId: on.id,
      principalId: actor?.id ?? NIL_ID,
      ...client,
    })
    // Events of one microsecond are ordered by their IDs, which must not tell the story backwards: the new ID moves
    // up to its place, and the others down by one.
    for (let place = happened.length - 1; place > 0; place -= 1) {
      const [former, event] = [happened[place - 1] as Draft, happened[place] as Draft]
      if (former.createdAt !== event.createdAt || former.id < event.id) break
      ;[former.id, event.id] = [event.id, former.id]
    }
    this.recorded += 1
    return true
  }
}
