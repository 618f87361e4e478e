// One Organization while its sample history runs: who and what is in it, and the only door by which
// anything happens. An act that could not happen (by someone gone, on something gone, after the last
// event) does not: it leaves no event and changes nothing, so no story needs to check before it acts.

import { type Category, type Event, NIL_ID } from '../../event.ts'
import type { Instant } from '../../instant.ts'
import type { Organization } from '../../organization.ts'
import type { Agenda } from './agenda.ts'
import type { Browser, Platform, Tool } from './clients.ts'
import type { PersonName } from './names.ts'
import type { Random } from './random.ts'

export interface Resource {
  readonly category: Category
  readonly id: string
  name: string
  createdAt: Instant
  updatedAt: Instant
  alive: boolean
}

/** Who may act: a person or an application, with the IDs of its API keys, oldest first. */
export interface Holder extends Resource {
  readonly keys: Resource[]
}

export interface Person extends Holder {
  readonly category: 'user'
  readonly profile: PersonName
  readonly owner: boolean
  /** Whether this person may act on others' resources. */
  readonly administrator: boolean
  readonly mfa: boolean
  readonly browser: Browser
  readonly platform: Platform
  /** What this person uses beside the console, if anything. */
  readonly tool: Tool | null
  /** How long this person puts off every update. */
  readonly lag: Instant
  home: string
  lastLoginAt: Instant | null
}

/** What an application is for. A node belongs to Kapsule: Scaleway lists it to nobody. */
export type Role = 'terraform' | 'pipeline' | 'service' | 'preview' | 'node'

export interface Application extends Holder {
  readonly category: 'application'
  readonly role: Role
  readonly tool: Tool
  readonly description: string
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

/** What the directory lists beside the people, oldest first; all of it is alive. */
export interface Listed {
  readonly applications: Application[]
  readonly groups: Resource[]
  readonly policies: Resource[]
}

export interface Company extends Listed {
  readonly organization: Organization
  readonly domain: string
  readonly size: Size
  readonly foundedAt: Instant
  readonly until: Instant
  readonly random: Random
  readonly agenda: Agenda
  /** Names in use. */
  readonly taken: Set<string>
  readonly offices: readonly string[]
  readonly runners: readonly string[]
  readonly owner: Person
  /** All that are there, oldest first; who was invited and has not accepted is not among them. */
  readonly people: Person[]
  /** What only the story that made it touches: previews and Kapsule's. */
  readonly apart: Listed
  /** Administrators, Editors, Billing Administrators. */
  readonly defaultGroups: Resource[]
  /** An application that one of its later updates gives another name; `null` until it is there. */
  renaming: { readonly application: Application; readonly to: string } | null
  /** What applications were called before, and until when. */
  readonly formerNames: FormerName[]
  /** Events that happened and were not taken away yet, oldest first by (createdAt, id). */
  happened: Event[]
  recorded: number
  /** Events that stories under way will surely add. */
  promised: number
}

export interface FormerName {
  readonly application: Application
  readonly name: string
  readonly until: Instant
}

/** Who acts, from where, with what; `null` as the actor is Scaleway itself. */
export interface Session {
  readonly actor: Holder | null
  readonly ipAddress: string | null
  readonly userAgent: string | null
}

/** Scaleway acts from within: no address, no user agent. */
export const SCALEWAY: Session = { actor: null, ipAddress: null, userAgent: null }

type Action = 'created' | 'updated' | 'deleted'

/** A resource that is not there yet. */
export function unborn(company: Company, category: Category, name: string): Resource {
  const id = category === 'api_key' ? company.random.accessKey() : company.random.uuid()
  const now = company.agenda.now
  return { category, id, name, createdAt: now, updatedAt: now, alive: false }
}

/** Creates a resource; where that could not happen, it stays dead and whatever is done to it does not happen. */
export function create<T extends Resource>(company: Company, session: Session, resource: T): T {
  if (record(company, session, 'created', resource)) {
    resource.alive = true
    resource.createdAt = company.agenda.now
    resource.updatedAt = company.agenda.now
  }
  return resource
}

/** Creates an API key for a holder that is still there. */
export function createKey(company: Company, session: Session, holder: Holder): Resource {
  const key = unborn(company, 'api_key', '')
  if (!holder.alive) return key
  create(company, session, key)
  if (key.alive) holder.keys.push(key)
  return key
}

/** Creates a group or a policy, and lists it among the company's or those apart. */
export function createListed(
  company: Company,
  session: Session,
  category: 'group' | 'policy',
  name: string,
  among: Listed = company,
): Resource {
  const resource = create(company, session, unborn(company, category, name))
  if (resource.alive) {
    company.taken.add(name)
    const list = category === 'group' ? among.groups : among.policies
    list.push(resource)
  }
  return resource
}

export function createApplication(
  company: Company,
  session: Session,
  application: Application,
  among: Listed = company,
): Application {
  create(company, session, application)
  if (application.alive) {
    company.taken.add(application.name)
    among.applications.push(application)
  }
  return application
}

/** Whether it happened. */
export function update(company: Company, session: Session, resource: Resource): boolean {
  if (!resource.alive || !record(company, session, 'updated', resource)) return false
  resource.updatedAt = company.agenda.now
  if (resource === company.renaming?.application && progress(company) > 0.55) rename(company)
  return true
}

/** Once: a change of name is an update like any other. */
function rename(company: Company): void {
  const { renaming, formerNames, agenda } = company
  if (renaming === null) return
  const { application, to } = renaming
  formerNames.push({ application, name: application.name, until: agenda.now })
  application.name = to
  company.renaming = null
}

/** Deletes anything that has no API keys. The default groups and the Owner stay. */
export function remove(company: Company, session: Session, resource: Resource): void {
  if (!resource.alive || company.defaultGroups.includes(resource)) return
  if (resource === company.owner) return
  if (!record(company, session, 'deleted', resource)) return
  resource.alive = false
  company.taken.delete(resource.name)
  for (const list of listsOf(company, resource.category)) drop(list, resource)
}

export function removeKey(company: Company, session: Session, holder: Holder, key: Resource): void {
  remove(company, session, key)
  if (!key.alive) drop(holder.keys, key)
}

/** Deletes a person or an application, its API keys first, at one instant. The Owner stays. */
export function removeHolder(company: Company, session: Session, holder: Holder): void {
  if (holder === company.owner || !holder.alive) return
  for (const key of holder.keys.slice()) removeKey(company, session, holder, key)
  remove(company, session, holder)
}

/** How much of the company's time has passed, from 0 to 1. */
export function progress(company: Company): number {
  return (company.agenda.now - company.foundedAt) / (company.until - company.foundedAt)
}

function listsOf(company: Company, category: Category): readonly Resource[][] {
  switch (category) {
    case 'user':
      return [company.people]
    case 'application':
      return [company.applications, company.apart.applications]
    case 'group':
      return [company.groups, company.apart.groups]
    case 'policy':
      return [company.policies, company.apart.policies]
    default:
      return []
  }
}

function drop(list: Resource[], resource: Resource): void {
  const place = list.indexOf(resource)
  if (place >= 0) list.splice(place, 1)
}

type Draft = { -readonly [Field in keyof Event]: Event[Field] }

function record(company: Company, session: Session, action: Action, on: Resource): boolean {
  const { actor } = session
  if (company.recorded === company.size.events || actor?.alive === false) return false
  const draft: Draft = {
    id: company.random.uuid(),
    organizationId: company.organization.id,
    createdAt: company.agenda.now,
    action,
    category: on.category,
    resourceId: on.id,
    principalId: actor === null ? NIL_ID : actor.id,
    ipAddress: session.ipAddress,
    userAgent: session.userAgent,
  }
  // Events of one microsecond are ordered by their IDs, which must not tell the story backwards: the
  // new ID moves up to its place, and the others down by one.
  const happened = company.happened as Draft[]
  happened.push(draft)
  for (let place = happened.length - 1; place > 0; place -= 1) {
    const event = happened[place] as Draft
    const former = happened[place - 1] as Draft
    if (former.createdAt !== event.createdAt || former.id < event.id) break
    ;[former.id, event.id] = [event.id, former.id]
  }
  company.recorded += 1
  return true
}
