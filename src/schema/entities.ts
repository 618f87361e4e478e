// Entities of a federated graph: the types that other subgraphs can reference, their keys, and how they are found. Of a
// representation only its type and key are used, and it finds only what the viewer may see.

import type { RecordedEvent } from '../event.ts'
import { canonicalId } from '../id.ts'
import type { Organization } from '../log-reader.ts'
import { type Principal, principalFor } from '../principal.ts'
import { listOf } from './arguments.ts'
import { builder } from './builder.ts'
import type { GraphContext } from './context.ts'
import { costs } from './cost.ts'
import { EventType } from './event-type.ts'
import { keyFrom, typeNameOf } from './node.ts'
import { OrganizationType } from './organization-type.ts'
import {
  ApplicationType,
  PrincipalType,
  ScalewayPrincipalType,
  UnknownPrincipalType,
  UserType,
} from './principal-types.ts'
import { printedSubgraph } from './subgraph.ts'

const MOST_REPRESENTATIONS = 1000

type Entity = RecordedEvent | Organization | Principal
type Find = (id: string, context: GraphContext) => Promise<Entity | null>
/** By the field of the key. */
type Finds = Readonly<Record<string, Find>>

/** Finds a principal by its `id`. */
async function principalById(id: string, { load }: GraphContext): Promise<Principal | null> {
  const key = keyFrom('principal', id)
  return key && load.knownPrincipal(key)
}

/** By Scaleway's ID: in the first Organization that lists the principal, or otherwise has events of it. */
async function anyone(id: string, { load, log }: GraphContext): Promise<Principal | null> {
  const [entry, actedIn] = await Promise.all([load.entryById.load(id), load.actedIn.load(id)])
  const found = entry && principalFor(entry, entry, log.scalewayIds)
  if (found !== null && found === entry) return found
  if (actedIn === null) return null
  const key = { organizationId: actedIn, id }
  const elsewhere = entry !== null && entry.organizationId !== actedIn
  return principalFor(key, elsewhere ? await load.entry.load(key) : entry, log.scalewayIds)
}

/** By Scaleway's ID: the User or Application of the first Organization that lists it. */
async function listed(id: string, { load, log }: GraphContext): Promise<Principal | null> {
  const entry = await load.entryById.load(id)
  return entry && principalFor(entry, entry, log.scalewayIds)
}

const LISTED: Finds = { id: principalById, principalId: listed }
const ANYONE: Finds = { id: principalById, principalId: anyone }

/** How to find each type, by its keys. */
const ENTITIES: ReadonlyMap<unknown, Finds> = new Map<unknown, Finds>([
  [
    'Event',
    {
      async id(id, { load }) {
        const key = keyFrom('event', id)
        return key && load.event.load(key)
      },
      eventId: (id, { load }) => load.eventById.load(id),
    },
  ],
  ['Organization', { id: (id, { load }) => load.organization.load(id) }],
  ['User', LISTED],
  ['Application', LISTED],
  [PrincipalType.name, ANYONE],
  ['UnknownPrincipal', ANYONE],
  ['ScalewayPrincipal', ANYONE],
])

/** The keys of each type. */
export const ENTITY_KEYS: ReadonlyMap<unknown, readonly string[]> = new Map(
  Array.from(ENTITIES, ([name, finds]) => [name, Object.keys(finds)]),
)

/** `null` for an invalid representation, as for one that finds nothing or a thing of another type. */
async function find(representation: unknown, context: GraphContext): Promise<Entity | null> {
  if (typeof representation !== 'object' || representation === null) return null
  const given = representation as Readonly<Record<string, unknown>>
  for (const [field, entity] of Object.entries(ENTITIES.get(given.__typename) ?? {})) {
    const id = given[field]
    if (typeof id !== 'string') continue
    const found = await entity(canonicalId(id), context)
    const isAny = given.__typename === PrincipalType.name
    return found !== null && (isAny || typeNameOf(found) === given.__typename) ? found : null
  }
  return null
}

builder.scalarType('_Any', {
  description:
    'A representation of an entity: an object with its type in `__typename`, and a key field.',
  serialize: () => {
    throw new TypeError('_Any is only for arguments')
  },
})

const EntityType = builder.unionType('_Entity', {
  description: 'The types that other subgraphs of a federated graph can reference by a key.',
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
  description: 'This graph as a subgraph of a federated graph.',
  fields: t => ({
    sdl: t.exposeString('sdl', {
      description: 'The schema as a Federation 2 subgraph, as in the file `schema.graphql`.',
    }),
  }),
})

builder.queryFields(t => ({
  _entities: t.field({
    type: [EntityType],
    nullable: { list: false, items: true },
    description: `For the gateway of a federated graph: the entities of the representations, in their order. Null if
an entity does not exist, the viewer may not see it, or the representation is invalid.`,
    args: {
      representations: t.arg({
        type: ['_Any'],
        required: true,
        description: `The representations, at most ${MOST_REPRESENTATIONS}. Only \`__typename\` and the key are read.`,
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
    description: 'For the composition of a federated graph: the schema of this subgraph.',
    resolve: (_, __, ___, { schema }) => ({ sdl: printedSubgraph(schema, ENTITY_KEYS) }),
  }),
}))
