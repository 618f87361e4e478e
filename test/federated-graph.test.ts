// The federated graph of examples/federation: composed by two libraries, and queried over HTTP through two gateways.
// Its many packages are installed separately: npm ci --prefix examples/federation

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../src/server/app.ts'
import { listen, type RunningServer } from '../src/server/listen.ts'
import { type Answer, openApp, type TestApp } from './support/app.ts'
import { temporaryFolder } from './support/command.ts'
import { event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { application, user } from './support/people.ts'

const FOLDER = new URL('../examples/federation/', import.meta.url)
const MAIN = fileURLToPath(new URL('main.ts', FOLDER))
const installed = existsSync(new URL('node_modules', FOLDER))
const skipped = installed ? '' : ' (skipped: npm ci --prefix examples/federation)'

describe.skipIf(!installed)(`composition${skipped}`, () => {
  const SCHEMA = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8')
  const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7",
    import: ["@key", "@shareable", "@interfaceObject", "@requires", "@external"])`
  const PEOPLE = `${LINK}
    type Query { staff(first: Int): Staff! }
    type Staff { users: [User!]! pageInfo: PageInfo! }
    type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
    type User @key(fields: "principalId") { principalId: ID! department: String }
    type Event @key(fields: "eventId") { eventId: ID! ticket: String }`
  const WATCH = `${LINK}
    type Query { watchList: [Principal!]! }
    type Principal @key(fields: "principalId") @interfaceObject { principalId: ID! watched: Boolean! }`
  const WATCH_BY_ID = `${LINK}
    type Query { seen: [Principal!]! }
    type Principal @key(fields: "id") @interfaceObject { id: ID! seen: Boolean! }`
  const RISK = `${LINK}
    type Organization @key(fields: "id") { id: ID! name: String @external risk: Int @requires(fields: "name") }
    type Application @key(fields: "id") { id: ID! owners: [String!]! }`
  const RELAY = `${LINK}
    type Query { node(id: ID!): Node nodes(ids: [ID!]!): [Node]! }
    interface Node { id: ID! }
    type Thing implements Node @key(fields: "id") { id: ID! }`
  const OTHER_RELAY = `${LINK}
    type Query { node(nodeId: ID!): Node }
    interface Node { nodeId: ID! }
    type Thing implements Node @key(fields: "nodeId") { nodeId: ID! }`

  interface Composed {
    readonly supergraphSdl?: string
    readonly errors?: readonly Error[]
  }
  const packages = createRequire(new URL('package.json', FOLDER))

  describe.each(['@apollo/composition', '@theguild/federation-composition'])(
    'with %s',
    composer => {
      function compose(...schemas: string[]): Composed {
        const { parse } = packages('graphql')
        return packages(composer).composeServices(
          schemas.map((sdl, at) => ({
            name: at === 0 ? 'logs' : `other${at}`,
            url: `http://127.0.0.1:${4001 + at}/graphql`,
            typeDefs: parse(sdl),
          })),
        )
      }
      const errorsOf = ({ errors = [] }: Composed) => errors.map(({ message }) => message)

      test.each([
        ['on its own', []],
        ['with a subgraph that adds fields to User and Event, and has PageInfo', [PEOPLE]],
        ['with a subgraph that adds a field to all principals', [WATCH]],
        ['with a subgraph whose key of Principal is `id`', [WATCH_BY_ID]],
        ['with a subgraph that requires the name of an Organization', [RISK]],
        ['with a subgraph that has its own Node', [RELAY]],
        ['with a subgraph whose Node has another ID field', [OTHER_RELAY]],
        ['with all but the last of these subgraphs', [PEOPLE, WATCH, WATCH_BY_ID, RISK, RELAY]],
      ])('schema.graphql composes without errors %s', (_, others) => {
        const composed = compose(SCHEMA, ...others)
        expect(errorsOf(composed)).toEqual([])
        expect(composed.supergraphSdl).toContain('type User')
        expect(composed.supergraphSdl).not.toMatch(/_entities|_service|_Any/)
      })

      test('the field node comes from another subgraph that has it, and only types of that subgraph implement Node', () => {
        const { supergraphSdl = '' } = compose(SCHEMA, RELAY)
        expect(supergraphSdl).toMatch(/^ {2}node\(id: ID!\): Node .*OTHER1/m)
        expect([
          ...supergraphSdl.matchAll(/^type (\w+) implements [^{]*?\bNode\b/gm),
        ]).toMatchObject([{ 1: 'Thing' }])
      })

      // Shows that the tests above can fail.
      test('schema.graphql does not compose with other subgraphs without its federation directives', () => {
        const bare = SCHEMA.replaceAll(/^(type|interface)(.*?) @.* \{$/gm, '$1$2 {')
        expect(errorsOf(compose(bare, PEOPLE)).join()).toContain('PageInfo.hasNextPage')
        const noInterfaceKey = SCHEMA.replace(
          /^interface Principal @.* \{$/m,
          'interface Principal {',
        )
        expect(errorsOf(compose(noInterfaceKey, WATCH))).not.toEqual([])
      })
    },
  )
})

const [ADA, TERRAFORM, GONE, NOBODY] = [1, 2, 3, 4].map(number => uuid(number)) as [
  string,
  string,
  string,
  string,
]
const EVENTS = [ADA, TERRAFORM, GONE].map(principalId => event({ principalId }))
const THEIRS = event({ organizationId: OTHER_ORGANIZATION })

describe.skipIf(!installed).each(['hive', 'apollo'])(
  `queries through the gateway %s${skipped}`,
  gateway => {
    let app: TestApp
    let server: RunningServer
    let example: ChildProcess
    let url: string
    let owner: string
    let auditor: string
    const statements: string[] = []

    beforeAll(async () => {
      app = await openApp({ onStatement: text => statements.push(text) })
      await app.store.append([...EVENTS, THEIRS])
      const known = { organizationId: ORGANIZATION, complete: true }
      await app.store.updateDirectory({ ...known, kind: 'user', entries: [user({ id: ADA })] })
      const entries = [application({ id: TERRAFORM })]
      await app.store.updateDirectory({ ...known, kind: 'application', entries })
      owner = await app.token()
      auditor = await app.token(['AuditTrailReadOnly'])
      const served = createApp({ store: app.store, reportFault: error => app.faults.push(error) })
      server = await listen(served, '127.0.0.1', 0)
      const args = [`--gateway=${gateway}`, `--logs=${server.url}/graphql`, '--port=0']
      example = spawn(process.execPath, [MAIN, ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      for await (const line of createInterface(example.stdout as NodeJS.ReadableStream)) {
        url = /^Gateway: (\S+)$/.exec(line)?.[1] ?? url
        if (url !== undefined) break
      }
    })

    afterAll(async () => {
      const ended = once(example, 'exit')
      example.kill()
      await ended
      await server.close()
      await app.store.close()
      expect(app.faults).toEqual([])
    })

    async function ask(query: string, token: string | null, headers = {}): Promise<Answer> {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: JSON.stringify({ query }),
      })
      const body = await response.text()
      const { data, errors } = JSON.parse(body)
      return { status: response.status, data, errors, body }
    }

    const LOG = `{ organization(id: "${ORGANIZATION}") { events(orderBy: CREATED_AT_ASC) {
    pageInfo { hasNextPage }
    nodes { eventId ticket principal { __typename principalId name watched ... on User { email department } } } } } }`
    const list = (ids: readonly string[]) => JSON.stringify(ids)

    async function eventsFor(token: string) {
      const { data, errors } = await ask(LOG, token)
      expect(errors).toBeUndefined()
      return data.organization.events.nodes
    }

    const unknown = (id: string) => ({
      principal: {
        __typename: 'UnknownPrincipal',
        principalId: id,
        name: 'Unknown',
        watched: isWatched(id),
      },
    })

    test('events and principals have the fields that other subgraphs add', async () => {
      expect(await eventsFor(owner)).toMatchObject([
        {
          eventId: EVENTS[0]?.id,
          ticket: `SEC-${EVENTS[0]?.id.slice(-4)}`,
          principal: {
            __typename: 'User',
            name: 'Ada Lovelace',
            email: 'ada@example.com',
            department: expect.stringMatching(/^[A-Z]/),
            watched: isWatched(ADA),
          },
        },
        {
          principal: {
            __typename: 'Application',
            name: 'terraform',
            watched: isWatched(TERRAFORM),
          },
        },
        unknown(GONE),
      ])
    })

    test('users, events and principals referenced by other subgraphs have the fields of this graph', async () => {
      const [first] = EVENTS
      const query = `{
      staff(ids: ${list([ADA])}) { principalId department name email events { totalCount } }
      ticketed(ids: ${list([first?.id ?? ''])}) { ticket action principal { name watched } organization { id } }
      watchList(ids: ${list([ADA, TERRAFORM, GONE, NOBODY])}) { __typename watched name
        events { totalCount } ... on User { department } } }`
      const { data, errors } = await ask(query, owner)
      expect(errors).toBeUndefined()
      const events = { totalCount: 1 }
      expect(data).toMatchObject({
        staff: [{ name: 'Ada Lovelace', email: 'ada@example.com', events }],
        ticketed: [
          {
            action: 'CREATED',
            principal: { name: 'Ada Lovelace', watched: isWatched(ADA) },
            organization: { id: ORGANIZATION },
          },
        ],
        watchList: [
          { __typename: 'User', name: 'Ada Lovelace', events },
          { __typename: 'Application', name: 'terraform', events },
          { __typename: 'UnknownPrincipal', name: 'Unknown', events },
          null,
        ],
      })
    })

    test('a principal hidden from the viewer is Unknown, or null as a User, and an event of another Organization is null', async () => {
      expect(await eventsFor(auditor)).toMatchObject([ADA, TERRAFORM, GONE].map(unknown))
      expect(JSON.stringify(await eventsFor(auditor))).not.toMatch(/Ada|terraform|department|email/)

      const watched = `{ watchList(ids: ${list([ADA, GONE])}) { __typename principalId name } }`
      expect((await ask(watched, auditor)).data.watchList).toMatchObject(
        [ADA, GONE].map(id => ({
          __typename: 'UnknownPrincipal',
          principalId: id,
          name: 'Unknown',
        })),
      )
      // As a User, it is null like one that does not exist.
      const staff = async (id: string) =>
        (await ask(`{ staff(ids: ${list([id])}) { name email } }`, auditor)).body
      expect(await staff(ADA)).toBe(await staff(NOBODY))
      expect(JSON.parse(await staff(ADA)).data).toEqual({ staff: [null] })
      const ticketed = `{ ticketed(ids: ${list([THEIRS.id])}) { action } }`
      expect((await ask(ticketed, owner)).data).toEqual({ ticketed: [null] })
    })

    test('concurrent requests are each answered with the permissions of their own token', async () => {
      const tokens = Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? owner : auditor))
      const [forOwner, forAuditor] = [await eventsFor(owner), await eventsFor(auditor)]
      expect(forOwner).not.toEqual(forAuditor)
      const answers = await Promise.all(tokens.map(eventsFor))
      expect(answers).toEqual(tokens.map(token => (token === owner ? forOwner : forAuditor)))
    })

    test('a request without a token, or with a wrong or revoked one, is refused, whatever its other headers', async () => {
      const headers = { 'x-user-id': ADA, 'x-auth-token': owner, cookie: `token=${owner}` }
      for (const [token, otherHeaders] of [
        [null, {}],
        [null, headers],
        ['ilg_wrong', {}],
      ] as const) {
        const { data, errors, body } = await ask(LOG, token, otherHeaders)
        expect(data?.organization ?? null).toBeNull()
        expect(errors?.[0].extensions.code).toBe('UNAUTHENTICATED')
        expect(body).not.toMatch(/Ada|terraform/)
      }
      const secret = await app.token()
      expect(await eventsFor(secret)).toHaveLength(3)
      const { data } = await app.ask('{ viewer { id } }', {}, secret)
      expect(await app.store.tokens.revoke(data.viewer.id)).not.toBeNull()
      expect((await ask(LOG, secret)).errors?.[0].extensions.code).toBe('UNAUTHENTICATED')
    })

    // Apollo's gateway does not support subscriptions.
    test.runIf(gateway === 'hive')(
      'subscribed events have the fields that other subgraphs add',
      async () => {
        const stop = new AbortController()
        const response = await fetch(url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'text/event-stream',
            authorization: `Bearer ${auditor}`,
          },
          body: JSON.stringify({
            query: `subscription { eventRecorded(organizationId: "${ORGANIZATION}", after: "${EVENTS[0]?.id}") {
          eventId ticket principal { name watched } } }`,
          }),
          signal: stop.signal,
        })
        let received = ''
        for await (const chunk of response.body ?? []) {
          received += new TextDecoder().decode(chunk)
          if (received.includes(EVENTS[2]?.id ?? '')) break
        }
        stop.abort()
        const events = [...received.matchAll(/^data: (\{.*\})$/gm)].map(([, data]) =>
          JSON.parse(data ?? ''),
        )
        expect(events.map(({ data }) => data.eventRecorded)).toEqual(
          [EVENTS[1], EVENTS[2]].map(one => ({
            eventId: one?.id,
            ticket: `SEC-${one?.id.slice(-4)}`,
            principal: { name: 'Unknown', watched: isWatched(one?.principalId ?? '') },
          })),
        )
      },
    )

    test('many references to users or events are loaded with one statement, and to principals with two', async () => {
      const ids = Array.from({ length: 60 }, (_, at) => uuid(at, 'c0000000'))
      async function reads(query: string): Promise<string[]> {
        statements.length = 0
        await ask(query, owner)
        return statements.filter(text => /\b(events|directory|principals)\b/.test(text))
      }
      const [first] = EVENTS
      expect(
        await reads(`{ ticketed(ids: ${list([first?.id ?? '', ...ids])}) { action } }`),
      ).toHaveLength(1)
      expect(await reads(`{ staff(ids: ${list([ADA, ...ids])}) { name } }`)).toHaveLength(1)
      expect(await reads(`{ watchList(ids: ${list([ADA, ...ids])}) { name } }`)).toHaveLength(2)
    })
  },
)

test.skipIf(!installed)(
  `the example answers a federated query after one command, and its logs server ends with it${skipped}`,
  async () => {
    using folder = temporaryFolder()
    const example = spawn(process.execPath, [MAIN, '--port=0', `--folder=${folder.path}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ended = once(example, 'exit')
    const urls = new Map<string, string>()
    for await (const line of createInterface(example.stdout)) {
      const [, name, url] = /^(\w+): (http\S+)$/.exec(line) ?? []
      if (name !== undefined && url !== undefined) urls.set(name, url)
      if (name === 'Gateway') break
    }
    const [gateway = '', logs = ''] = ['Gateway', 'Logs'].map(name => urls.get(name))
    const token = readFileSync(join(folder.path, 'iam-logs.db.token'), 'utf8').trim()
    const response = await fetch(gateway, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        query:
          '{ organizations { events(first: 1) { nodes { ticket principal { name watched } } } } }',
      }),
    })
    expect(JSON.stringify(await response.json())).toMatch(/"ticket":"SEC-.*"watched":(true|false)/)
    const live = () => fetch(new URL('/health/live', logs)).then(({ status }) => status)
    expect(await live()).toBe(200)
    example.kill()
    await ended
    await expect.poll(() => live().catch(({ message }) => message)).toBe('fetch failed')
  },
)

/** The rule by which the example marks a principal as watched. */
function isWatched(id: string): boolean {
  return (id.codePointAt(id.length - 1) ?? 0) % 2 === 1
}
