// Clients with a normalising cache, which store objects by `id`, show exactly what the server answered, also after other
// answers. To test this, two Organizations use the same Scaleway IDs for different people, events and resources.
// `npm run test:long` sends many more queries.

import { readFileSync } from 'node:fs'
import {
  buildSchema,
  isAbstractType,
  isObjectType,
  Kind,
  parse,
  print,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import relay from 'relay-runtime'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { newToken } from '../src/auth/tokens.ts'
import { NIL_ID } from '../src/event.ts'
import {
  type CachingClient,
  cachingClients,
  documented,
  relayEnvironment,
  type Send,
} from './clients/caches.ts'
import { openApp, type TestApp } from './support/app.ts'
import { at, event, idIn, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { operationFrom, type Values } from './support/operations.ts'
import { application, user } from './support/people.ts'
import { apiKey } from './support/sync-contract.ts'

/** The number of generated queries. */
const GENERATED = LONG ? 3_000 : 30

const schema = buildSchema(
  readFileSync(new URL('../packaging/api.graphql', import.meta.url), 'utf8'),
)
const BOTH = [ORGANIZATION, OTHER_ORGANIZATION]
/** A user in both, an application in both, a user in one and an application in the other, in one only, and in none. */
const [TWIN, ROBOT, MIXED, MEMBER, GONE, LEARNED] = [1, 2, 3, 4, 5, 6].map(number =>
  uuid(number),
) as [string, string, string, string, string, string]
const PEOPLE = [TWIN, ROBOT, MIXED, MEMBER, GONE, LEARNED, NIL_ID]
const KEY = 'SCWAAAAAAAAAAAAAAAAA'
/** The same IDs in both Organizations; some are also IDs of people, and one is an Organization's. */
const EVENTS = [...[1, 2, 3, 4, 5, 6].map(number => uuid(number, 'e2000000')), TWIN, GONE, BOTH[1]]

const VIEWERS = {
  'an Owner of both Organizations': [[], []],
  'a viewer without the directory of the first Organization': [
    ['AuditTrailReadOnly'],
    ['IAMReadOnly'],
  ],
  'a viewer of applications in the first Organization only': [
    ['AuditTrailReadOnly', 'IAMApplicationReadOnly'],
    ['AuditTrailReadOnly'],
  ],
} as const

const VALUES: Values = {
  ids: BOTH.flatMap(organizationId => [
    ...Array<string>(8).fill(organizationId),
    ...PEOPLE.flatMap(id => [id, idIn('principal', id, organizationId)]),
    ...EVENTS.slice(0, 4).flatMap(id => [id ?? '', idIn('event', id ?? '', organizationId)]),
  ]),
  texts: ['a', 'twin', 'robot', 'Unknown', uuid(1), ''],
  dates: ['2026-01-01T00:00:00Z', '2026-01-01T00:00:30Z', '2027-01-01T00:00:00Z'],
  cursors: EVENTS.map(id =>
    Buffer.from(`${at('2026-01-01T00:00:00Z')} ${id}`).toString('base64url'),
  ),
  addresses: ['192.0.2.0/24', '198.51.100.7'],
}

/** Adds the `id` of every object that has one, as docs/clients.md requires: Graphcache has no other key. */
function withIds(text: string): string {
  const types = new TypeInfo(schema)
  const enter = visitWithTypeInfo(types, {
    SelectionSet(node) {
      const parent = types.getParentType()
      if (!parent || !('getFields' in parent) || parent.getFields().id === undefined) return
      const id = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'id' } } as const
      return { ...node, selections: [id, ...node.selections] }
    },
  })
  return print(visit(parse(text), enter))
}

/** Queries whose results were once shown wrongly, and randomly generated ones. */
const QUERIES = new Map(
  [
    `{ organizations { id principal(id: "${NIL_ID}") { __typename id name events(first: 1) { totalCount } } } }`,
    `{ organizations { principal(id: "${GONE}") { __typename id events { totalCount } } } }`,
    `{ organizations { events { nodes { id resource { resourceId name principal { id name } } principal { id name } } } } }`,
    `{ organizations { principals { nodes { __typename id name ... on User { email } events { nodes { id userAgent } } } } } }`,
    ...Array.from({ length: GENERATED }, (_, number) =>
      // Relay does not allow __typename of the query itself.
      withIds(operationFrom(schema, VALUES, number).replace(/^\{ __typename /, '{ ')),
    ).filter(text => validate(schema, parse(text)).length === 0),
    `{ organizations { id events { nodes { id resource { name } } } } }`,
    `{ organizations { id events { nodes { id resource { category } } } } }`,
  ].map((text, number) => [`Question${number}Query`, `query Question${number}Query ${text}`]),
)

let app: TestApp
let clients: Awaited<ReturnType<typeof cachingClients>>
/** Relay logs an error if objects of two types share an `id`. */
const relayErrors: string[] = []

beforeAll(async () => {
  vi.spyOn(console, 'error').mockImplementation((...args) => void relayErrors.push(args.join(' ')))
  // Apollo Client warns of fields that it has to request again.
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  app = await openApp({ rate: { perSecond: 0, burst: 0 } })
  for (const [place, organizationId] of BOTH.entries()) {
    const name = (what: string) => `${what} ${place}`
    const one = (id: string, what: string) => ({ id, organizationId, name: name(what) })
    const users = [user({ ...one(TWIN, 'twin'), email: `twin@${place}.example` })]
    const applications = [application(one(ROBOT, 'robot'))]
    if (place === 0) users.push(user(one(MIXED, 'mixed')), user(one(MEMBER, 'member')))
    else applications.push(application(one(MIXED, 'mixed')))
    const key = apiKey({ id: KEY, organizationId, description: name('key') })
    for (const [kind, entries] of [
      ['user', users],
      ['application', applications],
      ['api_key', [{ ...key, bearer: { kind: 'user' as const, id: TWIN } }]],
      ['scaleway', place === 0 ? [{ kind: 'scaleway' as const, ...one(LEARNED, 'Scaleway') }] : []],
    ] as const) {
      await app.store.updateDirectory({ organizationId, kind, entries, complete: true })
    }
    await app.store.nameOrganization({ id: organizationId, name: name('Organization') })
    await app.store.append(
      EVENTS.slice(0, EVENTS.length - place).map((id = '', number) =>
        event({
          ...{ id, organizationId, userAgent: name('agent') },
          principalId: PEOPLE[(number + place) % PEOPLE.length] ?? '',
          category: ['user', 'application', 'api_key'][number % 3] ?? '',
          resourceId: [TWIN, ROBOT, KEY, MIXED, GONE][number % (place + 4)] ?? '',
        }),
      ),
    )
  }
  clients = await cachingClients(QUERIES)
})
afterAll(async () => {
  clients?.[Symbol.dispose]()
  await app.store.close()
})

async function senderTo(viewer: keyof typeof VIEWERS): Promise<Send> {
  const grants = VIEWERS[viewer].map((sets, at) => {
    const organizationId = BOTH[at] ?? ''
    return { organizationId, owner: sets.length === 0, permissionSets: [...sets] }
  })
  const { token, secret, hash } = newToken({ name: null, grants, expiresAt: null }, 0)
  await app.store.tokens.create(token, hash)
  return async (query, variables) => JSON.parse((await app.ask(query, variables, secret)).body)
}

/** The queries for which a client shows something else than was answered, at once or after all other queries. */
async function shownWrongly(client: CachingClient, send: Send) {
  const answers = new Map<string, object>()
  for (const [name, text] of QUERIES) {
    const { data, errors } = (await send(text)) as { data: object; errors?: unknown }
    if (errors === undefined) answers.set(name, data)
  }
  const wrong: string[] = []
  const compare = (name: string, shown: unknown) => {
    try {
      // Some clients add `__typename` to every object.
      expect(shown).toMatchObject(answers.get(name) ?? {})
    } catch {
      wrong.push(QUERIES.get(name) ?? '')
    }
  }
  for (const name of answers.keys()) compare(name, await client.fetch(name))
  let kept = 0
  for (const name of answers.keys()) {
    const shown = client.fromCache(name)
    // A client requests again what is missing in its cache.
    if (shown === null) continue
    kept++
    compare(name, shown)
  }
  return { wrong, answered: answers.size, kept }
}

describe.each(['Apollo Client', 'urql', 'Relay'] as const)('%s', name => {
  test.each(Object.keys(VIEWERS) as (keyof typeof VIEWERS)[])(
    'shows %s exactly what was answered',
    async viewer => {
      relayErrors.length = 0
      const send = await senderTo(viewer)
      const { wrong, answered, kept } = await shownWrongly(await clients[name](send), send)
      expect(wrong).toEqual([])
      expect(relayErrors).toEqual([])
      // Some queries are refused.
      expect(answered).toBeGreaterThan(QUERIES.size / 2)
      expect(kept).toBeGreaterThan(answered / 2)
    },
  )

  test("would show wrong results if each `id` were only Scaleway's ID, so that the tests above can fail", async () => {
    const send = await senderTo('an Owner of both Organizations')
    const sendBareIds: Send = async (...args) =>
      JSON.parse(
        JSON.stringify(await send(...args), (_, value) =>
          typeof value === 'string' ? value.replace(/^(event|principal):[\w-]+:/, '') : value,
        ),
      )
    const { wrong } = await shownWrongly(await clients[name](sendBareIds), sendBareIds)
    expect(wrong.length).toBeGreaterThan(2)
  })
})

test('no two objects share an `id`, and `nodes` finds each object by it, but no Unknown or Scaleway principal', async () => {
  const send = await senderTo('a viewer without the directory of the first Organization')
  const principal = '__typename id principalId'
  const { data } =
    (await send(`{ organizations { __typename id principals { nodes { ${principal} } }
    events { nodes { __typename id eventId userAgent principal { ${principal} }
      resource { principal { ${principal} } bearer { ${principal} } } } } } }`)) as { data: object }
  const objects = new Map<string, object>()
  const collect = (value: unknown, organization: unknown) => {
    if (typeof value !== 'object' || value === null) return
    const { __typename, id, eventId, principalId, userAgent, ...rest } = value as Record<
      string,
      string
    >
    const own = __typename === 'Organization' ? id : organization
    if (id !== undefined) {
      const found = { __typename, id, own, eventId, principalId, userAgent }
      expect(objects.get(id) ?? found).toEqual(found)
      objects.set(id, found)
    }
    for (const nested of Object.values(rest)) collect(nested, own)
  }
  collect(data, null)
  const all = [...objects.values()] as { __typename: string; id: string; userAgent?: string }[]
  const counts = Map.groupBy(all, ({ __typename }) => __typename)
  expect([...counts].map(([name, { length }]) => [name, length]).sort()).toEqual([
    ['Application', 2],
    ['Event', 17],
    ['Organization', 2],
    ['ScalewayPrincipal', 3],
    ['UnknownPrincipal', 10],
    ['User', 1],
  ])
  const ids = all.map(({ id }) => id)
  const found = (await send(
    'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Event { userAgent } } }',
    { ids },
  )) as { data: { nodes: object[] } }
  expect(found.data.nodes).toEqual(
    all.map(({ __typename, id, userAgent }) =>
      /^(Unknown|Scaleway)/.test(__typename)
        ? null
        : { __typename, id, ...(userAgent !== undefined && { userAgent }) },
    ),
  )
})

describe('docs/clients.md', () => {
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'))
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]

  test('lists exactly the types that have no `id`', () => {
    const without = types
      .filter(isObjectType)
      .filter(type => !roots.includes(type) && !('id' in type.getFields()))
    const [, list = ''] = /WITHOUT_ID = \[(.*?)\n\]/s.exec(documented('urql', 'js')) ?? []
    const names = [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name)
    expect(names).toEqual(without.map(({ name }) => name).sort())
  })

  test.each(['Apollo Client', 'urql'])(
    'lists the possible types of each interface for %s',
    chapter => {
      const [, list = ''] = /possibleTypes: \{(.*?)\}/s.exec(documented(chapter, 'js')) ?? []
      const named = [...list.matchAll(/(\w+): \[(.*?)\]/gs)].map(([, name, of = '']) => [
        name,
        [...of.matchAll(/'(\w+)'/g)].map(([, type]) => type),
      ])
      const interfaces = types.filter(isAbstractType).map(type => [
        type.name,
        schema
          .getPossibleTypes(type)
          .map(({ name }) => name)
          .sort(),
      ])
      expect(named).toEqual(interfaces)
    },
  )

  test('configures Apollo Client so that a result stays complete after a query for other fields of the same resource', async () => {
    const client = await clients['Apollo Client'](await senderTo('an Owner of both Organizations'))
    const [one = '', other = ''] = [...QUERIES.keys()].slice(-2)
    const shown = await client.fetch(one)
    await client.fetch(other)
    expect(client.fromCache(one)).toEqual(shown)
    expect(JSON.stringify(shown)).toContain('"name":"twin 0"')
  })

  test('configures Relay so that it fetches an event by its `id`, and a page of the events of an Organization', async () => {
    const send = await senderTo('an Owner of both Organizations')
    const environment = relayEnvironment(send)
    const show = async (name: string, variables: object) =>
      relay.fetchQuery(environment, await clients.artifact(name), variables).toPromise()
    for (const organizationId of BOTH) {
      const id = idIn('event', TWIN, organizationId)
      await show('LogEventQuery', { id })
      const record = environment.getStore().getSource().get(id)
      expect(record).toMatchObject({ __typename: 'Event', eventId: TWIN })
    }
    expect(await show('LogPageQuery', { id: ORGANIZATION, first: 1, after: null })).toMatchObject({
      node: { __id: ORGANIZATION },
    })
  })
})
