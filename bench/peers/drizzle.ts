// Data access of the peers: the same database, read with Drizzle as in its documentation, and DataLoader for names of
// principals and resources. The types of the domain and the permissions are this program's own.

import DataLoader from 'dataloader'
import { and, desc, eq, inArray } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/better-sqlite3'
import { hashSecret } from '../../src/auth/tokens.ts'
import { actionOf, categoryOf } from '../../src/event.ts'
import { formatInstant, now } from '../../src/instant.ts'
import {
  type DirectoryEntry,
  type Principal,
  principalFor,
  resourceName,
  scalewayIds,
} from '../../src/principal.ts'
import type { Builder } from '../../src/storage/database.ts'
import * as tables from '../../src/storage/sqlite/sqlite-tables.ts'
import { shows, type Visibility, visibilityOf } from '../../src/visibility.ts'
import { database } from '../page.ts'

const {
  addresses,
  directory,
  events,
  kinds,
  organizations,
  principals,
  resources,
  series,
  tokens,
  userAgents,
} = tables
// The tables are declared with PostgreSQL's types, so the query builder needs them, too.
const db = drizzle(database()) as unknown as Builder
const scaleway = scalewayIds()

export interface Organization {
  readonly key: number | string
  readonly id: string
  readonly name: string | null
}

export type Event = Awaited<ReturnType<typeof eventsOf>>[number]

export interface Context {
  readonly visibility: Visibility
  readonly organization: DataLoader<string, Organization | null>
  readonly entry: DataLoader<EntryKey, DirectoryEntry | null, string>
}

export interface EntryKey {
  readonly organization: Organization
  readonly id: string
}

/** Throws if there is no valid token. */
export async function contextOf(secret: unknown): Promise<Context> {
  const [token] = await db
    .select()
    .from(tokens)
    .where(eq(tokens.hash, Buffer.from(hashSecret(String(secret)))))
  if (token === undefined || (token.expiresAt !== null && token.expiresAt <= now())) {
    throw new Error('the access token is not valid')
  }
  const visibility = visibilityOf({
    id: token.id,
    name: token.name,
    memberships: JSON.parse(token.grants),
  })
  return {
    visibility,
    organization: new DataLoader(ids => organizationsById(ids, visibility)),
    entry: new DataLoader(keys => entriesOf(keys, visibility), {
      cacheKeyFn: ({ organization, id }) => `${organization.id} ${id}`,
    }),
  }
}

async function organizationsById(
  ids: readonly string[],
  visibility: Visibility,
): Promise<(Organization | null)[]> {
  const visible = ids.filter(id => visibility.organizations.has(id))
  if (visible.length === 0) return ids.map(() => null)
  const rows = await db
    .select({ key: organizations.key, id: organizations.id, name: organizations.name })
    .from(organizations)
    .where(inArray(organizations.id, visible))
  const byId = new Map(rows.map(row => [row.id, row]))
  return ids.map(id => {
    const row = byId.get(id)
    return row === undefined ? null : { ...row, id }
  })
}

/** The newest events, and one more than `limit`, which shows that there are more. */
export async function eventsOf(organization: Organization, limit: number) {
  const rows = await db
    .select({
      createdAt: events.createdAt,
      id: events.id,
      action: kinds.action,
      category: kinds.category,
      principalId: principals.id,
      resourceId: resources.id,
      ipAddress: addresses.text,
      userAgent: userAgents.text,
    })
    .from(events)
    .innerJoin(series, named(series, events.series))
    .innerJoin(kinds, named(kinds, series.kind))
    .innerJoin(principals, named(principals, series.principal))
    .innerJoin(resources, named(resources, events.resource))
    .leftJoin(addresses, named(addresses, events.address))
    .leftJoin(userAgents, named(userAgents, series.userAgent))
    .where(eq(events.organization, String(organization.key)))
    .orderBy(desc(events.createdAt), desc(events.id))
    .limit(limit + 1)
  return rows.map(row => ({ organization, ...row }))
}

/** Joins a value of the event's Organization by its number. */
function named(
  table: typeof series | typeof kinds | typeof principals | typeof resources,
  number: typeof events.series,
) {
  return and(eq(table.organization, events.organization), eq(table.number, number))
}

async function entriesOf(
  keys: readonly EntryKey[],
  { organizations: inSight }: Visibility,
): Promise<(DirectoryEntry | null)[]> {
  const within = new Map(keys.map(({ organization }) => [organization.key, organization]))
  const rows = await db
    .select()
    .from(directory)
    .where(
      and(
        inArray(directory.organization, [...within.keys()]),
        inArray(
          directory.id,
          keys.map(({ id }) => id),
        ),
      ),
    )
  const found = new Map<string, DirectoryEntry>()
  for (const row of rows) {
    const organization = within.get(row.organization)
    const sight = inSight.get(organization?.id ?? '')
    if (organization === undefined || sight === undefined) continue
    const { createdAt, kind, name } = row
    const entry = {
      ...JSON.parse(row.details),
      kind,
      id: row.id,
      organizationId: organization.id,
      name,
      createdAt,
    } as DirectoryEntry
    if (shows(sight, entry)) found.set(`${organization.id} ${entry.id}`, entry)
  }
  return keys.map(({ organization, id }) => found.get(`${organization.id} ${id}`) ?? null)
}

const RESOURCES: readonly string[] = ['user', 'application', 'group', 'policy', 'api_key']

export async function principalOf(event: Event, { entry }: Context): Promise<Principal> {
  const { organization, principalId: id } = event
  const found = scaleway.always.has(id) ? null : await entry.load({ organization, id })
  return principalFor({ organizationId: organization.id, id }, found, scaleway)
}

export async function resourceNameOf(event: Event, { entry }: Context): Promise<string | null> {
  if (!RESOURCES.includes(event.category)) return null
  const { organization, resourceId: id } = event
  const found = await entry.load({ organization, id })
  return resourceName({ ...event, organizationId: organization.id }, found)
}

export const actionName = (event: Event) => actionOf(event.action).toUpperCase()
export const categoryName = (event: Event) => categoryOf(event.category).toUpperCase()
export const dateOf = (event: Event) => formatInstant(event.createdAt)
export const cursorOf = (event: Event) =>
  Buffer.from(`${event.createdAt} ${event.id}`).toString('base64url')
