// What a federated graph may ask of this one: which types other subgraphs can refer to by an ID, and who is
// found by it. A representation is only a claim: of it nothing but type and ID is read, and what it finds is
// what the viewer of this request may see.

import type { RecordedEvent } from '../event.ts'
import { canonicalId } from '../id.ts'
import type { Organization } from '../organization.ts'
import { type Principal, principalFor } from '../principal.ts'
import { listOf } from './arguments.ts'
import { builder } from './builder.ts'
import type { GraphContext } from './context.ts'
import { costs } from './cost.ts'
import { EventType } from './event.ts'
import { listedPrincipal, typeNameOf } from './node.ts'
import { OrganizationType } from './organization.ts'
import {
  ApplicationType,
  ScalewayPrincipalType,
  UnknownPrincipalType,
  UserType,
} from './principal.ts'
import { printedSubgraph } from './subgraph.ts'

/** The most representations in one request. */
const MOST_REPRESENTATIONS = 1000

type Entity = RecordedEvent | Organization | Principal
type Find<Found> = (id: string, context: GraphContext) => Promise<Found | null>

/** By the type a representation names; each has its ID as its key. */
const ENTITIES: ReadonlyMap<unknown, Find<Entity>> = new Map<unknown, Find<Entity>>([
  ['Event', (id, { load }) => load.event.load(id)],
  ['Organization', (id, { load }) => load.organization.load(id)],
  ['User', only('user', listedPrincipal)],
  ['Application', only('application', listedPrincipal)],
  ['Principal', anyone],
  ['UnknownPrincipal', only('unknown', anyone)],
  ['ScalewayPrincipal', only('scaleway', anyone)],
])

export const ENTITY_NAMES: readonly string[] = [...ENTITIES.keys()].map(String)

/** What is found, if it is of this kind. */
function only(kind: Principal['kind'], find: Find<Principal>): Find<Principal> {
  return async (id, context) => {
    const principal = await find(id, context)
    return principal?.kind === kind ? principal : null
  }
}

/** As `Organization.principal`, of the first Organization it is listed in, or else acted in. */
async function anyone(id: string, { load, log }: GraphContext): Promise<Principal | null> {
  const [entry, actedIn] = await Promise.all([load.entryById.load(id), load.actedIn.load(id)])
  const found = entry && principalFor(entry, entry, log.scalewayIds)
  if (found !== null && found === entry) return found
  if (actedIn === null) return null
  const key = { organizationId: actedIn, id }
  const elsewhere = entry !== null && entry.organizationId !== actedIn
  return principalFor(key, elsewhere ? await load.entry.load(key) : entry, log.scalewayIds)
}

/** `null` for what is no representation, as for what it does not find. */
async function find(representation: unknown, context: GraphContext): Promise<Entity | null> {
  if (typeof representation !== 'object' || representation === null) return null
  const { __typename: name, id } = representation as Readonly<Record<string, unknown>>
  const entity = ENTITIES.get(name)
  return entity === undefined || typeof id !== 'string' ? null : entity(canonicalId(id), context)
}

builder.scalarType('_Any', {
  description:
    'A representation of an entity: an object with the name of its type as `__typename`, and its `id`.',
  serialize: () => {
    throw new TypeError('_Any is not for answers')
  },
})

const EntityType = builder.unionType('_Entity', {
  description: 'What other subgraphs of a federated graph can refer to by its ID.',
  types: [
    EventType,
    OrganizationType,
    UserType,
    ApplicationType,
    UnknownPrincipalType,
    ScalewayPrincipalType,
  ],
  resolveType: typeNameOf,
})

const ServiceType = builder.objectRef<{ readonly sdl: string }>('_Service').implement({
  description: 'This graph as a part of a federated one.',
  fields: t => ({
    sdl: t.exposeString('sdl', {
      description: 'Its schema as a Federation 2 subgraph: what stands in `schema.graphql`.',
    }),
  }),
})

builder.queryFields(t => ({
  _entities: t.field({
    type: [EntityType],
    nullable: { list: false, items: true },
    description: `For the gateway of a federated graph: what each representation refers to, in their order. Null for what
is not there or the viewer may not see, and for what is no representation.`,
    args: {
      representations: t.arg({
        type: ['_Any'],
        required: true,
        description: `The representations, at most ${MOST_REPRESENTATIONS}. Only \`__typename\` and \`id\` are read.`,
      }),
    },
    extensions: costs({
      items: args =>
        (args.representations as unknown[] | undefined)?.length ?? MOST_REPRESENTATIONS,
    }),
    resolve: (_, { representations }, context) =>
      listOf('representations', representations, MOST_REPRESENTATIONS).map(one =>
        find(one, context),
      ),
  }),
  _service: t.field({
    type: ServiceType,
    description: 'For the composition of a federated graph: the schema of this part of it.',
    resolve: (_, __, ___, { schema }) => ({ sdl: printedSubgraph(schema, ENTITY_NAMES) }),
  }),
}))
