// The Node interface. IDs are Scaleway's own and unique across types, so they need no type inside.

import type { RecordedEvent } from '../event.ts'
import { canonicalId } from '../id.ts'
import type { Organization } from '../organization.ts'
import { type Application, type Principal, principalFor, type User } from '../principal.ts'
import { idsOf, LONGEST_LIST } from './arguments.ts'
import { builder } from './builder.ts'
import type { GraphContext } from './context.ts'
import { costs } from './cost.ts'

type Node = RecordedEvent | Organization | User | Application

export const NodeType = builder.interfaceRef<Node>('Node').implement({
  description: 'Anything that can be fetched again by its ID alone.',
  fields: t => ({ id: t.exposeID('id', { description: "Scaleway's own ID." }) }),
  resolveType: typeNameOf,
})

/** Of anything that is found by an ID. */
export function typeNameOf(found: Node | Principal): string {
  if ('kind' in found) return PRINCIPAL_TYPES[found.kind]
  return 'recordedAt' in found ? 'Event' : 'Organization'
}

const PRINCIPAL_TYPES = {
  user: 'User',
  application: 'Application',
  unknown: 'UnknownPrincipal',
  scaleway: 'ScalewayPrincipal',
} as const

/** The User or Application that is listed with this ID, in whichever Organization. */
export async function listedPrincipal(
  id: string,
  { load, log }: GraphContext,
): Promise<User | Application | null> {
  const entry = await load.entryById.load(id)
  const principal = entry && principalFor(entry, entry, log.scalewayIds)
  return principal?.kind === 'user' || principal?.kind === 'application' ? principal : null
}

/** Asks for each type at once, whatever the ID: what is hidden takes the same way as what is not there. */
async function fetchNode(id: string, context: GraphContext): Promise<Node | null> {
  const [event, principal, organization] = await Promise.all([
    context.load.event.load(id),
    listedPrincipal(id, context),
    context.load.organization.load(id),
  ])
  return event ?? principal ?? organization
}

builder.queryFields(t => ({
  node: t.field({
    type: NodeType,
    nullable: true,
    description: `The Event, Organization, User or Application with this ID; null where there is none or the viewer
may not see it.`,
    args: { id: t.arg.id({ required: true, description: 'The ID, as it stands in any answer.' }) },
    resolve: (_, { id }, context) => fetchNode(canonicalId(id), context),
  }),
  nodes: t.field({
    type: [NodeType],
    nullable: { list: false, items: true },
    description: 'As `node` for each ID, in the order of the IDs.',
    args: {
      ids: t.arg.idList({ required: true, description: 'The IDs, at most 100.' }),
    },
    extensions: costs({
      items: args => (args.ids as string[] | undefined)?.length ?? LONGEST_LIST,
    }),
    resolve: (_, { ids }, context) =>
      Promise.all(idsOf('ids', ids).map(id => fetchNode(id, context))),
  }),
}))
