// The app with a SQLite store in memory or in a file, and a client with tokens.

import { newToken } from '../../src/auth/tokens.ts'
import { scalewayIds } from '../../src/principal.ts'
import type { ReadingLimits } from '../../src/schema/fair-reader.ts'
import { type App, type AppOptions, createApp } from '../../src/server/app.ts'
import type { Rate } from '../../src/server/rates.ts'
import type { StreamLimits } from '../../src/server/streams.ts'
import { openStore } from '../../src/storage/open.ts'
import type { StatementHook } from '../../src/storage/queries.ts'
import type { AuditStore, Clock } from '../../src/store.ts'
import { assertBound } from './bound.ts'
import { ORGANIZATION } from './events.ts'

// biome-ignore lint/suspicious/noExplicitAny: the type of a response depends on its query
export type Answer = { status: number; data: any; errors: any[] | undefined; body: string }

export interface TestApp {
  readonly app: App
  readonly store: AuditStore
  readonly faults: unknown[]
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** Creates a token with these permission sets, or of an Owner if there are none. */
  token(sets?: readonly string[], organizationIds?: readonly string[]): Promise<string>
  /** Sends a query with the token; with that of an Owner if it is left out. */
  ask(query: string, variables?: object, token?: string): Promise<Answer>
}

export async function openApp(
  options: {
    clock?: Clock
    onStatement?: StatementHook
    scaleway?: readonly string[]
    /** IDs that are not Scaleway, even if they were learned to be. */
    notScaleway?: readonly string[]
    streams?: Partial<StreamLimits>
    /** See `AppOptions`. */
    reading?: Partial<ReadingLimits>
    rate?: Rate
    persisted?: AppOptions['persisted']
    /** In memory by default. */
    file?: string
    jwt?: AppOptions['jwt']
    origins?: readonly string[]
    exports?: AppOptions['exports']
    base?: string
    /** Hooks for operators: see `AppOptions`. */
    watching?: Partial<
      Pick<AppOptions, 'answered' | 'metrics' | 'syncRuns' | 'reportFault' | 'audit'>
    >
    /** Wraps the store for the app. */
    store?: (store: AuditStore) => AuditStore
  } = {},
): Promise<TestApp> {
  const { clock, onStatement, scaleway, notScaleway, streams, reading, rate, persisted } = options
  const { file = ':memory:', watching, jwt, origins, exports, base } = options
  const store = await openStore(file, {
    scalewayIds: scalewayIds(scaleway, notScaleway),
    ...(clock && { clock }),
    onStatement(text, values) {
      assertBound(text, values)
      return onStatement?.(text, values)
    },
  })
  const faults: unknown[] = []
  const app = createApp({
    store: options.store?.(store) ?? store,
    reportFault: error => faults.push(error),
    ...watching,
    ...(clock && { clock }),
    ...(streams && { streams }),
    ...(reading && { reading }),
    ...(rate && { rate }),
    ...(persisted && { persisted }),
    ...(jwt && { jwt }),
    ...(origins && { origins }),
    ...(exports && { exports }),
    ...(base && { base }),
  })
  const fetch = (path: string, init?: RequestInit) =>
    app.fetch(new Request(`http://127.0.0.1${path}`, init))

  async function token(sets: readonly string[] = [], organizationIds = [ORGANIZATION]) {
    const { token, secret, hash } = newToken(
      {
        name: sets.join() || 'owner',
        grants: organizationIds.map(organizationId => ({
          organizationId,
          owner: sets.length === 0,
          permissionSets: [...sets],
        })),
        expiresAt: null,
      },
      0,
    )
    await store.tokens.create(token, hash)
    return secret
  }
  const owner = await token()

  return {
    app,
    store,
    faults,
    fetch,
    token,
    async ask(query, variables = {}, secret = owner) {
      const response = await fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-auth-token': secret },
        body: JSON.stringify({ query, variables }),
      })
      const body = await response.text()
      const { data, errors } = JSON.parse(body)
      return { status: response.status, data, errors, body }
    },
  }
}
