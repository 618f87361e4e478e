// How long an answer takes tells nobody whether somebody is hidden, was removed, or never was: the database is asked
// the same, of values of the same shape, and gives as much.

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { AuditStore } from '../src/store.ts'
import { openApp, type TestApp } from './support/app.ts'
import { event, idIn, ORGANIZATION, uuid } from './support/events.ts'
import { user } from './support/people.ts'
import { startPglite } from './support/postgres.ts'

const [HIDDEN, REMOVED, IDLE, NOBODY] = [uuid(1), uuid(2), uuid(3), uuid(404)]

const PAIRS = [
  ['who is hidden, and who was removed', HIDDEN, REMOVED],
  ['who is hidden and never acted, and who never was', IDLE, NOBODY],
] as const

const inOrganization = (asked: string) => `{ organization(id: "${ORGANIZATION}") { ${asked} } }`

const QUESTIONS: Readonly<Record<string, (id: string) => string>> = {
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

/** What a value is made of, and how much of it there is, but not which. */
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

/** The store, and what it gives to who reads is seen too. */
function watched(store: AuditStore): AuditStore {
  return {
    ...store,
    reader(visibility) {
      const reader = store.reader(visibility)
      return new Proxy(reader, {
        get(_, name: keyof typeof reader) {
          const found: unknown = Reflect.get(reader, name)
          if (typeof found !== 'function') return found
          return async (...asked: unknown[]) => {
            const given = await found.apply(reader, asked)
            see(name, given)
            return given
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

describe.each(Object.entries(DATABASES))('on %s there is no difference between', (_, open) => {
  let { app, store } = {} as Door
  let token: string
  beforeAll(async () => {
    // What is asked every now and then is asked in none of these.
    vi.useFakeTimers({ toFake: ['Date'] })
    ;({ app, store } = await open())
    token = await app.token(['AuditTrailReadOnly'])
    // As many events of each of the two, among many others.
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

  /** In no order, as some of it is done at once. */
  async function work(question: string): Promise<string[]> {
    seen = []
    const { errors } = await app.ask(question, {}, token)
    expect(errors).toBeUndefined()
    return seen.toSorted()
  }

  describe.each(PAIRS)('%s', (_, one, other) => {
    test.each(Object.entries(QUESTIONS))('by %s', async (_, question) => {
      // What was read before may be kept, of either.
      for (const id of [one, other, one, other]) await work(question(id))
      const known = await work(question(one))
      expect(known.length).toBeGreaterThan(1)
      expect(await work(question(other))).toEqual(known)
    })
  })
})
