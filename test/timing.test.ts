// The duration of a response does not reveal whether a principal is hidden, was removed or never existed: the statements,
// the shape of their values and the shape of results are the same.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { AuditStore } from '../src/store.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, idIn, ORGANIZATION, uuid } from './support/events.ts'
import { user } from './support/people.ts'
import { startPglite } from './support/postgres.ts'

const [HIDDEN, REMOVED, IDLE, NOBODY] = [uuid(1), uuid(2), uuid(3), uuid(404)]

const PAIRS = [
  ['a hidden and a removed principal', HIDDEN, REMOVED],
  ['a hidden principal that never acted and an ID that does not exist', IDLE, NOBODY],
] as const

const inOrganization = (fields: string) => `{ organization(id: "${ORGANIZATION}") { ${fields} } }`

const QUERIES: Readonly<Record<string, (id: string) => string>> = {
  'principal(id)': id => inOrganization(`principal(id: "${id}") { __typename name }`),
  'the events of principal(id)': id =>
    inOrganization(`principal(id: "${id}") { events(first: 5) { totalCount nodes { action } } }`),
  'node(id)': id => `{ node(id: "${idIn('principal', id)}") { __typename } }`,
  'filter.principalIds': id =>
    inOrganization(
      `events(first: 5, filter: { principalIds: ["${id}"] }) { totalCount nodes { action principal { name } } }`,
    ),
  'eventCounts of filter.principalIds': id =>
    inOrganization(`eventCounts(filter: { principalIds: ["${id}"] }) { total }`),
  '_entities by id': id =>
    `{ _entities(representations: [{ __typename: "Principal", id: "${idIn('principal', id)}" }]) { __typename } }`,
  '_entities by principalId': id =>
    `{ _entities(representations: [{ __typename: "Principal", principalId: "${id}" }]) { __typename } }`,
}

/** The types and sizes in a value, without its contents. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (typeof value === 'string') return `${value.length} characters`
  if (typeof value !== 'object' || value === null) return value === null ? null : typeof value
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, shapeOf(inside)]))
}

let seen: string[] = []
const see = (what: string, value: unknown) => seen.push(`${what} ${JSON.stringify(shapeOf(value))}`)
const onStatement = (text: string, values: readonly unknown[]) => void see(text, values)

/** The store, which also records the shapes of results of its readers. */
function watched(store: AuditStore): AuditStore {
  return {
    ...store,
    reader(visibility) {
      const reader = store.reader(visibility)
      return new Proxy(reader, {
        get(_, name: keyof typeof reader) {
          const found: unknown = Reflect.get(reader, name)
          if (typeof found !== 'function') return found
          return async (...args: unknown[]) => {
            const result = await found.apply(reader, args)
            see(name, result)
            return result
          }
        },
      })
    },
  }
}

interface Door {
  readonly app: TestApp
  readonly store: AuditStore
}

const DATABASES = {
  async SQLite() {
    const app = await openApp({ onStatement, store: watched })
    return { app, store: app.store }
  },
  async PGlite() {
    const pglite = await startPglite()
    const store = await pglite.open({
      onStatement,
    })
    const app = await openApp({ store: ({ tokens }) => watched({ ...store, tokens }) })
    return { app, store: { ...store, close: pglite.close } }
  },
}

describe.each(Object.entries(DATABASES))(
  'on %s, statements and results are of the same shape',
  (_, open) => {
    let { app, store } = {} as Door
    let token: string
    beforeAll(async () => {
      // So that no periodic statement runs during a measurement.
      vi.useFakeTimers({ toFake: ['Date'] })
      ;({ app, store } = await open())
      token = await app.token(['AuditTrailReadOnly'])
      // The two principals have equally many events.
      await store.append(
        Array.from({ length: 300 }, (_, number) =>
          event({ principalId: [HIDDEN, REMOVED, uuid(10 + (number % 50))][number % 3] ?? '' }),
        ),
      )
      const others = Array.from({ length: 50 }, (_, number) => user({ id: uuid(10 + number) }))
      const entries = [user({ id: HIDDEN }), user({ id: IDLE }), ...others]
      const listing = { organizationId: ORGANIZATION, kind: 'user', complete: true } as const
      await store.updateDirectory({ ...listing, entries })
    })
    afterAll(async () => {
      vi.useRealTimers()
      await store.close()
    })

    /** The statements and results of a query, sorted, as some are concurrent. */
    async function work(query: string): Promise<string[]> {
      seen = []
      const { errors } = await app.ask(query, {}, token)
      expect(errors).toBeUndefined()
      return seen.toSorted()
    }

    describe.each(PAIRS)('for %s', (_, one, other) => {
      test.each(Object.entries(QUERIES))('in %s', async (_, query) => {
        // Fills the caches for both.
        for (const id of [one, other, one, other]) await work(query(id))
        const expected = await work(query(one))
        expect(expected.length).toBeGreaterThan(1)
        expect(await work(query(other))).toEqual(expected)
      })
    })
  },
)
