// A server with an identity provider, and a clock that the test controls.

import { randomUUID } from 'node:crypto'
import type { AuditRecord } from '../../src/audit-record.ts'
import { createJwtVerifier } from '../../src/auth/jwt.ts'
import { type Instant, now } from '../../src/instant.ts'
import { type App, createApp } from '../../src/server/app.ts'
import { listen, type RunningServer } from '../../src/server/listen.ts'
import type { AccessGrant, Membership } from '../../src/viewer.ts'
import { openApp, type TestApp } from './app.ts'
import { event, ORGANIZATION, OTHER_ORGANIZATION } from './events.ts'
import { type IssuerOptions, openIssuer, type TestIssuer } from './issuer.ts'
import { freePort } from './ports.ts'

/** The audience of JSON Web Tokens for this server. */
export const AUDIENCE = 'https://logs.example'

export interface HouseOptions extends IssuerOptions {
  /** The maximum age of a session; by default 8 hours. */
  readonly lasts?: Instant
  /** The path of its public URL, such as `/iam`; by default none. */
  readonly base?: string
}

export interface SignInHouse {
  readonly behind: TestApp
  readonly issuer: TestIssuer
  readonly url: string
  readonly records: AuditRecord[]
  /** How far its clock is ahead of the issuer's. */
  ahead: Instant
  /** Grants these rights, by default in `ORGANIZATION`. Resolves with the ID of the grant. */
  give(holder: AccessGrant['holder'], rights?: Partial<Membership>): Promise<string>
  /** Starts another app with the same store. */
  serve(address: string): Promise<App>
  close(): Promise<void>
}

/** Ada is in two groups, Bob in none; by default Ada signs in. */
export async function openSignInHouse(options: HouseOptions = {}): Promise<SignInHouse> {
  const { lasts = 8 * 3_600_000_000, base = '', ...rest } = options
  const time = { ahead: 0 }
  const clock = () => now() + time.ahead
  const behind = await openApp({ clock })
  await behind.store.append([event(), event({ organizationId: OTHER_ORGANIZATION })])
  const url = `http://127.0.0.1:${await freePort()}`
  const issuer = await openIssuer(url + base, rest)
  issuer.people.set('ada', { name: 'Ada Lovelace', groups: ['security', 'staff'] })
  issuer.people.set('bob', { name: 'Bob' })
  issuer.person = 'ada'
  const servers: RunningServer[] = []
  let createdAt = now()
  const house: SignInHouse = {
    ...{ behind, issuer, url: url + base, records: [] },
    get ahead() {
      return time.ahead
    },
    set ahead(ahead) {
      time.ahead = ahead
    },
    async give(holder, rights = {}) {
      const id = randomUUID()
      const none = { organizationId: ORGANIZATION, owner: false, permissionSets: [] }
      const grant = { id, issuer: issuer.url, holder, membership: { ...none, ...rights } }
      await behind.store.access.create({ ...grant, createdAt: createdAt++ })
      return id
    },
    async serve(address) {
      const app = createApp({
        ...{ store: behind.store, clock, base, streams: { recheck: 20 } },
        reportFault: error => behind.faults.push(error),
        audit: record => house.records.push(record),
        jwt: createJwtVerifier({
          ...{ jwksUrl: `${issuer.url}/jwks`, issuer: issuer.url, audience: AUDIENCE },
          groupsClaim: 'groups',
        }),
        signIn: { issuer: issuer.client, publicUrl: url + base, lasts },
      })
      servers.push(await listen(app, '127.0.0.1', Number(new URL(address).port)))
      return app
    },
    async close() {
      for (const server of servers) await server.close()
      await issuer.close()
      await behind.store.close()
    },
  }
  await house.serve(url)
  return house
}
