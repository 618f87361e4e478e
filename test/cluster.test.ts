// More than one machine: two servers behind a TCP load balancer, and PostgreSQL with a primary and a hot standby. If
// anything except the primary is killed, no stored event is lost, and a collector gets each once.

import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { expect, test } from 'vitest'
import type { RecordedEvent } from '../src/event.ts'
import { scalewayIds } from '../src/principal.ts'
import { openStore } from '../src/storage/open.ts'
import { type Running, run, start, temporaryFolder } from './support/command.ts'
import { event, ORGANIZATION } from './support/events.ts'
import {
  POSTGRES_BIN,
  settled,
  startBalancer,
  startPostgresCluster,
} from './support/postgres-cluster.ts'

const FEED = `query ($id: ID!, $after: String) {
  organization(id: $id) {
    events(first: 1) { nodes { id: eventId } }
    eventFeed(after: $after, first: 100) { nodes { id: eventId } cursor hasMore }
  }
}`

test.skipIf(POSTGRES_BIN === null)(
  'a collector gets each stored event once, in order, while servers, database connections and the standby are killed',
  async () => {
    using folder = temporaryFolder()
    await using cluster = await startPostgresCluster()
    const { primary, standby } = cluster
    const environment = { IAM_LOGS_DATABASE: primary.url, IAM_LOGS_REPLICAS: standby.url }
    const options = { cwd: folder.path, environment }
    expect(await run(['migrate'], options)).toMatchObject({ code: 0 })
    const token = (
      await run(['token', 'create', '--organization', ORGANIZATION, '--owner'], options)
    ).stdout.trim()

    const servers: (Server | null)[] = [await serve(options), await serve(options)]
    await using balancer = await startBalancer(() =>
      servers.map(server => server?.url ?? 'http://127.0.0.1:9'),
    )

    const store = await openStore(primary.url, { scalewayIds: scalewayIds() })
    const acknowledged: string[] = []
    let writing = true
    const writer = (async () => {
      while (writing) {
        const batch = Array.from({ length: 5 }, () => event())
        // A connection may break after the commit: appending the same events again changes nothing.
        while (!(await settled(store.append(batch))));
        acknowledged.push(...batch.map(({ id }) => id))
        await delay(2)
      }
    })()

    const collected: string[] = []
    let cursor: string | null = null
    async function collect(): Promise<boolean> {
      const answer = await ask(balancer.url, token, { id: ORGANIZATION, after: cursor })
      if (answer === null) return true
      collected.push(...answer.nodes.map(({ id }) => id))
      cursor = answer.cursor
      return answer.hasMore
    }
    async function collectMore(count: number): Promise<void> {
      const until = collected.length + count
      while (collected.length < until) await collect()
    }

    await collectMore(100)
    await servers[0]?.process.kill()
    servers[0] = null
    await collectMore(100)
    servers[0] = await serve(options)
    await servers[1]?.process.kill()
    servers[1] = null
    await collectMore(100)
    servers[1] = await serve(options)

    await cutConnections(primary.url)
    await collectMore(100)

    await standby.kill()
    await collectMore(100)
    await standby.start()
    await collectMore(100)

    writing = false
    await writer
    while (await collect());
    expect(collected).toEqual(acknowledged)
    for (const server of servers) await server?.process.stop()
    await store.close()
  },
)

/** Ends every connection to the database except this one, as a failing network does. */
async function cutConnections(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid()',
  )
  await client.end()
}

interface Server {
  readonly process: Running
  readonly url: string
}

async function serve(options: Parameters<typeof start>[1]): Promise<Server> {
  const process = start(['serve', '--port', '0'], options)
  const line = await process.line(/http:/)
  return { process, url: /http:\/\/[\d.:]+/.exec(line)?.[0] ?? '' }
}

interface Feed {
  readonly nodes: readonly Pick<RecordedEvent, 'id'>[]
  readonly cursor: string
  readonly hasMore: boolean
}

interface Answer {
  readonly data: { readonly organization: { readonly eventFeed: Feed } | null }
  readonly errors?: unknown
}

/** `null` if the connection broke, as it does when a server is killed: a collector sends the request again. */
async function ask(url: string, token: string, variables: object): Promise<Feed | null> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-auth-token': token,
      connection: 'close',
    },
    body: JSON.stringify({ query: FEED, variables }),
  }).catch(() => null)
  const body = (await response?.json().catch(() => null)) as Answer | null | undefined
  // If a connection to the database breaks, the server responds with an error: this request is sent again, too.
  if (body == null || body.errors !== undefined) return null
  return body.data.organization?.eventFeed ?? null
}
