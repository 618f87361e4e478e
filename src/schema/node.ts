// Global IDs and the Node interface. Clients cache objects by `id`, some by `id` alone. Scaleway's own IDs are not
// unique: two Organizations may have the same one, a user is also a resource, and Scaleway acts in every Organization.

import type { RecordedEvent } from '../event.ts'
import { canonicalId } from '../id.ts'
import type { Organization } from '../log-reader.ts'
import {
  type Application,
  type DirectoryKey,
  type Principal,
  principalFor,
  type User,
} from '../principal.ts'
import type { SavedView } from '../saved-view.ts'
import { LONGEST_LIST, listOf } from './arguments.ts'
import { builder } from './builder.ts'
import type { GraphContext } from './context.ts'
import { costs } from './cost.ts'

type Node = RecordedEvent | Organization | User | Application | SavedView

/** An Organization's is Scaleway's ID. A principal's does not depend on what the viewer may know of it. */
export function idOf(one: Node | Principal): string {
  if ('kind' in one) return `principal:${one.organizationId}:${one.id}`
  if ('pageQuery' in one) return `view:${one.organizationId}:${one.id}`
  return 'recordedAt' in one ? `event:${one.organizationId}:${one.id}` : one.id
}

/** Scaleway's IDs in an `id` of this kind; `null` for any other. */
export function keyFrom(kind: 'event' | 'principal' | 'view', id: string): DirectoryKey | null {
  const [, found, organizationId, own] = /^(\w+):([\da-f-]{36}):(.*)$/is.exec(id) ?? []
  if (found !== kind || organizationId === undefined || own === undefined) return null
  return { organizationId: canonicalId(organizationId), id: canonicalId(own) }
}

export const NodeType = builder.interfaceRef<Node>('Node').implement({
  description: 'An object that can be fetched by its global ID.',
  fields: t => ({
    id: t.id({
      description: 'The global ID: unique in the whole graph, opaque and permanent.',
      resolve: idOf,
    }),
  }),
  resolveType: typeNameOf,
})

export function typeNameOf(found: Node | Principal): string {
  if ('kind' in found) return PRINCIPAL_TYPES[found.kind]
  if ('pageQuery' in found) return 'SavedView'
  return 'recordedAt' in found ? 'Event' : 'Organization'
}

const PRINCIPAL_TYPES = {
  user: 'User',
  application: 'Application',
  unknown: 'UnknownPrincipal',
  scaleway: 'ScalewayPrincipal',
} as const

/** By the kind in the `id`: hidden and missing things take the same path. */
async function fetchNode(
  id: string,
  { load, log, savedViews }: GraphContext,
): Promise<Node | null> {
  const event = keyFrom('event', id)
  if (event !== null) return load.event.load(event)
  const view = keyFrom('view', id)
  if (view !== null) return savedViews.find(view)
  const key = keyFrom('principal', id)
  if (key === null) return load.organization.load(canonicalId(id))
  const principal = principalFor(key, await load.entry.load(key), log.scalewayIds)
  return principal.kind === 'user' || principal.kind === 'application' ? principal : null
}

builder.queryFields(t => ({
  node: t.field({
    type: NodeType,
    nullable: true,
    description: `The Event, Organization, User, Application or SavedView with this global ID; null if it does not
exist or the viewer may not see it.`,
    args: {
      id: t.arg.id({ required: true, description: 'A global ID, as returned in the `id` field.' }),
    },
    resolve: (_, { id }, context) => fetchNode(id, context),
  }),
  nodes: t.field({
    type: [NodeType],
    nullable: { list: false, items: true },
    description: 'The same as `node` for several IDs, in the order of the IDs.',
    args: {
      ids: t.arg.idList({ required: true, description: `Global IDs, at most ${LONGEST_LIST}.` }),
    },
    extensions: costs({
      items: args => (args.ids as string[] | undefined)?.length ?? LONGEST_LIST,
    }),
    resolve: (_, { ids }, context) =>
      Promise.all(listOf('ids', ids).map(id => fetchNode(id, context))),
  }),
}))
