// This graph as a subgraph, without a gateway: its published schema, which entities it finds for which viewer, and that
// no header of a gateway replaces the user's own token. With gateways: test/federated-graph.test.ts.

import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { buildSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NIL_ID } from '../src/event.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, idIn, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { LONG } from './support/long.ts'
import { application, user } from './support/people.ts'

const [ADA, TERRAFORM, GONE, NEVER_ACTED, NOBODY] = [1, 2, 3, 4, 5].map(number => uuid(number)) as [
  string,
  string,
  string,
  string,
  string,
]
/** A user of the other Organization. */
const MALLORY = uuid(6)

const mine = event({ principalId: ADA })
const theirs = event({ organizationId: OTHER_ORGANIZATION, principalId: MALLORY })

let app: TestApp
const statements: string[] = []

beforeAll(async () => {
  app = await openApp({ onStatement: text => statements.push(text) })
  await app.store.append([
    mine,
    ...[TERRAFORM, GONE, NIL_ID].map(principalId => event({ principalId })),
    theirs,
  ])
  await app.store.nameOrganization({ id: ORGANIZATION, name: 'Analytical Engines' })
  for (const [organizationId, id, name] of [
    [ORGANIZATION, ADA, 'Ada Lovelace'],
    [OTHER_ORGANIZATION, MALLORY, 'Mallory'],
  ] as const) {
    const entries = [user({ organizationId, id, name })]
    if (id === ADA) entries.push(user({ id: NEVER_ACTED, name: 'Never Acted' }))
    await app.store.updateDirectory({ organizationId, kind: 'user', entries, complete: true })
  }
  await app.store.updateDirectory({
    organizationId: ORGANIZATION,
    kind: 'application',
    entries: [application({ id: TERRAFORM })],
    complete: true,
  })
})
afterAll(() => app.store.close())

const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  __typename
  ... on Event { eventId action principal { __typename id: principalId name } }
  ... on Organization { id called: name }
  ... on Principal { principalId name events { totalCount } }
  ... on User { email } } }`

async function entities(representations: unknown[], token?: string) {
  // The server watches for a blocked event loop; without this, a test with many requests would block it.
  await turn()
  const { data, errors } = await app.ask(ENTITIES, { representations }, token)
  expect(errors).toBeUndefined()
  return data._entities
}

/** A representation with Scaleway's ID as the key. */
const named = (__typename: unknown, id: unknown) => {
  const key = { Event: 'eventId', Organization: 'id' }[String(__typename)] ?? 'principalId'
  return { __typename, [key]: id }
}

const ada = {
  __typename: 'User',
  principalId: ADA,
  name: 'Ada Lovelace',
  events: { totalCount: 1 },
  email: 'ada@example.com',
}
const terraform = {
  __typename: 'Application',
  principalId: TERRAFORM,
  name: 'terraform',
  events: { totalCount: 1 },
}
const unknown = (id: string) => ({
  __typename: 'UnknownPrincipal',
  principalId: id,
  name: 'Unknown',
  events: { totalCount: 1 },
})

describe('the schema', () => {
  const file = (name: string) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
  const schema = file('schema.graphql')

  test('is returned by _service as published; without a token, _service and _entities are refused', async () => {
    const { data } = await app.ask('{ _service { sdl } }')
    expect(data._service.sdl).toBe(schema)
    for (const query of [
      '{ _service { sdl } }',
      '{ _entities(representations: []) { __typename } }',
    ]) {
      const response = await app.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      })
      expect(response.status).toBe(401)
    }
  })

  test('declares Federation 2 with @link, and imports exactly the directives that it uses', () => {
    const [link] = schema.match(/^extend schema @link\(.*\)$/m) ?? []
    expect(link).toMatch(/url: "https:\/\/specs\.apollo\.dev\/federation\/v2\.\d+"/)
    const used = [...schema.matchAll(/ (@\w+)/g)].map(([, name]) => name)
    expect(new Set(used.filter(name => name !== '@link'))).toEqual(
      new Set(link?.match(/"@\w+"/g)?.map(name => JSON.parse(name))),
    )
  })

  test('has a key on each entity and on the interface Principal, and shares PageInfo', () => {
    const marked = [...schema.matchAll(/^((?:type|interface) \w+)[^@\n{]* (@[^{]*) \{/gm)].map(
      ([, head, directives]) => `${head} ${directives}`,
    )
    const key = '@key(fields: "id")'
    const principal = `${key} @key(fields: "principalId")`
    expect(marked).toEqual([
      `type Application ${principal}`,
      `type Event ${key} @key(fields: "eventId")`,
      `type Organization ${key}`,
      'type PageInfo @shareable',
      `interface Principal ${principal}`,
      `type ScalewayPrincipal ${principal}`,
      `type UnknownPrincipal ${principal}`,
      `type User ${principal}`,
    ])
  })

  test('contains neither the federation fields nor node, nodes and Node', () => {
    expect(schema).not.toMatch(/_entities|_service|_Any|_Entity|_Service|\bnodes?\(|\bNode\b/)
  })

  test('is valid for tools without federation, and lacks only Mutation, Node and SavedView of the schema for clients', () => {
    const published = buildSchema(schema)
    const api = buildSchema(file('packaging/api.graphql'))
    const names = Object.keys(api.getTypeMap())
    const kept = names.filter(name => published.getType(name) === undefined).sort()
    // Saved views belong to the Logs page: no other subgraph could refer to them.
    expect(kept).toEqual(['Mutation', 'Node', 'SavedView'])
    expect(Object.keys(api.getQueryType()?.getFields() ?? {})).toEqual(
      expect.arrayContaining(['node', 'nodes', 'viewer']),
    )
  })
})

describe('representations', () => {
  test('are resolved in their order by type and key, whatever other fields they have', async () => {
    const nodes = [
      named('Event', mine.id),
      { ...named('User', ADA), name: 'Mallory', email: 'm@example.com', organizationId: 'x' },
      named('Organization', ORGANIZATION.toUpperCase()),
      named('User', NOBODY),
      { id: idIn('principal', TERRAFORM), __typename: 'Application' },
      { id: idIn('event', mine.id), __typename: 'Event' },
      named('User', ADA),
    ]
    const event = {
      __typename: 'Event',
      eventId: mine.id,
      action: 'CREATED',
      principal: { __typename: 'User', id: ADA, name: 'Ada Lovelace' },
    }
    const organization = {
      __typename: 'Organization',
      id: ORGANIZATION,
      called: 'Analytical Engines',
    }
    const found = [event, ada, organization, null, terraform, event, ada]
    expect(await entities(nodes)).toEqual(found)
    expect(await entities(nodes.toReversed())).toEqual(found.toReversed())
    expect(await entities([])).toEqual([])
  })

  test('can be written in the query instead of a variable', async () => {
    const { data } = await app.ask(
      `query ($id: ID!) { _entities(representations: [{ __typename: "User", principalId: $id },
        { __typename: "Principal", principalId: "${TERRAFORM}" }]) { ... on Principal { name } } }`,
      { id: ADA },
    )
    expect(data._entities).toEqual([{ name: 'Ada Lovelace' }, { name: 'terraform' }])
  })

  test.each([
    ['a type that does not exist', named('Robot', ADA)],
    ['the type Query', named('Query', ADA)],
    ['a type without a key', named('Resource', ADA)],
    ['an interface without a key', named('Node', ADA)],
    ['the type "constructor"', named('constructor', ADA)],
    ['the type "__proto__"', named('__proto__', ADA)],
    ['the ID of a User and the type Application', named('Application', ADA)],
    ['the ID of a User and the type UnknownPrincipal', named('UnknownPrincipal', ADA)],
    ['the ID of a User and the type Organization', named('Organization', ADA)],
    ['the ID of a User and the type Event', named('Event', ADA)],
    ['no type', { principalId: ADA }],
    ['the key of another type', { __typename: 'Event', principalId: ADA }],
    ["Scaleway's ID as its `id`", { __typename: 'User', id: ADA }],
    ["an `id` as Scaleway's ID", named('User', idIn('principal', ADA))],
    ['the `id` of another type', { __typename: 'User', id: idIn('event', mine.id) }],
    ['the key "constructor"', { __typename: 'User', constructor: ADA }],
    ['a number as the type', named(7, ADA)],
    ['a list as the type', named(['User'], ADA)],
    ['no ID', { __typename: 'User' }],
    ['null as the ID', named('User', null)],
    ['a number as the ID', named('User', 7)],
    ['an object as the ID', named('User', { id: ADA })],
    ['a list as the ID', named('User', [ADA])],
    ['an empty ID', named('Event', '')],
    ['an ID that is not a UUID', named('Organization', "' OR 1=1 --")],
    ['invalid characters in the ID', named('Principal', '\0\ud800')],
    ['a very long ID', named('User', 'x'.repeat(100_000))],
    ['a string instead of an object', 'User'],
    ['a number instead of an object', 7],
    ['a list instead of an object', [named('User', ADA)]],
    ['an empty object', {}],
    [
      'its fields in "__proto__"',
      JSON.parse(`{"__proto__": {"__typename": "User", "principalId": "${ADA}"}}`),
    ],
  ])('with %s resolve to null without an error, and do not affect others', async (_, bad) => {
    expect(await entities([named('User', ADA), bad, named('Principal', TERRAFORM)])).toEqual([
      ada,
      null,
      terraform,
    ])
    expect(app.faults).toEqual([])
  })

  test('resolve together to what each of them resolves to alone', async () => {
    const one = fc.oneof(
      fc
        .tuple(
          fc.constantFrom(
            ...['Event', 'Organization', 'User', 'Application', 'Principal'],
            ...['UnknownPrincipal', 'ScalewayPrincipal', 'Query', 'toString'],
          ),
          fc.constantFrom('id', 'principalId', 'eventId'),
          fc
            .constantFrom(
              ...[mine.id, theirs.id, ORGANIZATION, OTHER_ORGANIZATION, NIL_ID],
              ...[ADA, TERRAFORM, GONE, NEVER_ACTED, NOBODY, MALLORY],
            )
            .chain(id => fc.constantFrom(id, idIn('principal', id), idIn('event', id))),
        )
        .map(([__typename, key, id]) => ({ __typename, [key]: id })),
      fc.object(),
      fc.jsonValue().filter(value => value !== null),
    )
    const alone = new Map<string, unknown>()
    for (const token of [await app.token(), await app.token(['AuditTrailReadOnly'])]) {
      alone.clear()
      await fc.assert(
        fc.asyncProperty(fc.array(one, { maxLength: 12 }), async representations => {
          const expected = []
          for (const representation of representations) {
            const key = JSON.stringify(representation)
            if (!alone.has(key)) alone.set(key, (await entities([representation], token))[0])
            expected.push(alone.get(key))
          }
          expect(await entities(representations, token)).toEqual(expected)
        }),
        { numRuns: LONG ? 750 : 50 },
      )
    }
    expect(app.faults).toEqual([])
  })

  test('are limited to 1,000, and count towards the cost of the query', async () => {
    const representations = Array.from({ length: 1001 }, (_, at) =>
      named('User', at % 2 === 0 ? ADA : uuid(at, 'dddddddd')),
    )
    const query = `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { ... on User { name } } }`
    const atLimit = await app.ask(query, { representations: representations.slice(1) })
    expect(atLimit.errors).toBeUndefined()
    expect(atLimit.data._entities.filter(Boolean)).toHaveLength(500)
    const { data, errors } = await app.ask(query, { representations })
    expect(data).toBeNull()
    expect(errors).toMatchObject([
      {
        message: 'representations has 1001 items, more than 1000; split them over several queries',
        extensions: { code: 'LIMIT_EXCEEDED' },
      },
    ])
    const tooCostly = await app.ask(ENTITIES, { representations: representations.slice(1) })
    expect(tooCostly.errors?.[0].message).toMatch(/^cost: [\d,]+ is more than 5,000;/)
    expect(await entities(representations.slice(0, 100))).toHaveLength(100)
  })

  test('of one type are loaded with one statement, and principals of all types with two', async () => {
    const people = Array.from({ length: 200 }, (_, at) => uuid(at, 'b0000000'))
    const all = [
      ...people.flatMap(id => [named('User', id), named('Application', id), named('Event', id)]),
      ...people.map(id => named('Organization', id)),
      named('Event', mine.id),
      named('User', ADA),
      named('Organization', ORGANIZATION),
    ]
    const query = `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { __typename } }`
    async function reads(representations: unknown[]): Promise<number> {
      statements.length = 0
      const { data } = await app.ask(query, { representations })
      expect(data._entities.at(-1)).not.toBeNull()
      return statements.length
    }
    const others = (await reads([named('Event', mine.id)])) - 1
    // Events, the directory for users and applications, Organizations.
    expect(await reads(all)).toBeLessThanOrEqual(others + 3)
    const principals = people.flatMap(id => [
      named('Principal', id),
      named('UnknownPrincipal', id),
      named('ScalewayPrincipal', id),
    ])
    // The directory, and the principals of events.
    expect(await reads([...principals, named('Principal', ADA)])).toBeLessThanOrEqual(others + 2)
  })
})

describe('a viewer', () => {
  const principalTypes = [
    'User',
    'Application',
    'Principal',
    'UnknownPrincipal',
    'ScalewayPrincipal',
  ]
  const all = (id: string) => principalTypes.map(name => named(name, id))

  test('finds a principal by Principal and by its own type, and by no other type', async () => {
    const shown = {
      [ADA]: [ada, null, ada, null, null],
      [TERRAFORM]: [null, terraform, terraform, null, null],
      [GONE]: [null, null, unknown(GONE), unknown(GONE), null],
      [NOBODY]: [null, null, null, null, null],
      [MALLORY]: [null, null, null, null, null],
    }
    for (const [id, found] of Object.entries(shown)) expect(await entities(all(id))).toEqual(found)
    const scaleway = { __typename: 'ScalewayPrincipal', principalId: NIL_ID, name: 'Scaleway' }
    expect(await entities(all(NIL_ID))).toMatchObject([null, null, scaleway, null, scaleway])
    expect(await entities([named('Principal', NEVER_ACTED)])).toMatchObject([
      { __typename: 'User', name: 'Never Acted' },
    ])
  })

  test('without permission to see principals finds those that acted as Unknown, and no others', async () => {
    const token = await app.token(['AuditTrailReadOnly'])
    for (const id of [ADA, TERRAFORM, GONE]) {
      expect(await entities(all(id), token)).toEqual([null, null, unknown(id), unknown(id), null])
    }
    const ask = async (id: string) =>
      (await app.ask(ENTITIES, { representations: all(id) }, token)).body
    expect(await ask(NEVER_ACTED)).toBe(await ask(NOBODY))
    expect(await ask(ADA)).toBe((await ask(GONE)).replaceAll(GONE, ADA))
    const users = await app.token(['AuditTrailReadOnly', 'IAMUserReadOnly'])
    expect(await entities([named('User', ADA), named('Application', TERRAFORM)], users)).toEqual([
      ada,
      null,
    ])
  })

  test('finds nothing of another Organization, and nothing without permission to see events', async () => {
    const all = [
      named('Organization', OTHER_ORGANIZATION),
      named('Event', theirs.id),
      ...principalTypes.map(name => named(name, MALLORY)),
    ]
    expect(await entities(all)).toEqual(all.map(() => null))
    const theirToken = await app.token([], [OTHER_ORGANIZATION])
    expect(await entities(all, theirToken)).toMatchObject([
      { id: OTHER_ORGANIZATION },
      { eventId: theirs.id },
      { name: 'Mallory' },
      null,
      { name: 'Mallory' },
      null,
      null,
    ])
    const users = await app.token(['IAMUserReadOnly'])
    const own = [named('Event', mine.id), named('Organization', ORGANIZATION), named('User', ADA)]
    expect(await entities([...own, named('Principal', ADA)], users)).toEqual([
      null,
      null,
      null,
      null,
    ])
  })

  test('of two Organizations with the same principal ID finds the principal in the one whose directory lists it', async () => {
    const both = await openApp()
    await both.store.append([
      event({ principalId: ADA }),
      event({ organizationId: OTHER_ORGANIZATION, principalId: ADA }),
      event({ organizationId: OTHER_ORGANIZATION, principalId: ADA }),
    ])
    await both.store.updateDirectory({
      organizationId: OTHER_ORGANIZATION,
      kind: 'user',
      entries: [user({ id: ADA, organizationId: OTHER_ORGANIZATION })],
      complete: true,
    })
    const ask = async (token: string) =>
      (await both.ask(ENTITIES, { representations: [named('Principal', ADA)] }, token)).data
        ._entities
    const all = [ORGANIZATION, OTHER_ORGANIZATION]
    expect(await ask(await both.token([], all))).toEqual([{ ...ada, events: { totalCount: 2 } }])
    expect(await ask(await both.token(['AuditTrailReadOnly'], all))).toEqual([unknown(ADA)])
    await both.store.close()
  })

  test.each([
    ['x-user-id', ADA],
    ['x-user', 'owner'],
    ['x-viewer', JSON.stringify({ owner: true })],
    ['x-forwarded-user', ADA],
    ['x-forwarded-access-token', 'OWNER'],
    ['x-remote-user', ADA],
    ['x-organization-id', OTHER_ORGANIZATION],
    ['x-hasura-role', 'admin'],
    ['x-jwt-payload', btoa(JSON.stringify({ sub: ADA, owner: true }))],
    ['router-authorization', 'Bearer OWNER'],
    ['Router-Authorization', 'OWNER, OWNER'],
    ['proxy-authorization', 'Bearer OWNER'],
    ['apollo-federation-include-trace', 'ftv1'],
    ['apollographql-client-name', 'gateway'],
    ['x-hmac-signature', 'c2lnbmF0dXJl'],
    ['cookie', 'token=OWNER'],
    ['forwarded', 'for=127.0.0.1;host=owner'],
  ])('is identified by the token only, whatever the header %s contains', async (name, value) => {
    const owner = await app.token()
    const auditor = await app.token(['AuditTrailReadOnly'])
    const representations = [named('User', ADA), named('Event', theirs.id)]
    const ask = async (headers: Record<string, string>, extensions?: object) => {
      const response = await app.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: ENTITIES, variables: { representations }, extensions }),
      })
      return { status: response.status, body: await response.text() }
    }
    const header = { [name]: value.replaceAll('OWNER', owner) }
    const authorization = `Bearer ${auditor}`
    const plain = await ask({ authorization })
    expect(plain).toEqual({ status: 200, body: '{"data":{"_entities":[null,null]}}' })
    expect(await ask({ authorization, ...header })).toEqual(plain)
    const extensions = {
      jwt: { payload: { sub: ADA, owner: true }, token: { value: owner, prefix: 'Bearer' } },
      hmac: 'c2lnbmF0dXJl',
    }
    expect(await ask({ authorization, ...header }, extensions)).toEqual(plain)
    expect(await ask(header, extensions)).toMatchObject({ status: 401 })
  })
})
