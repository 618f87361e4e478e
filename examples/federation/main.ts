// The federated graph of the example, in one command: this program with its sample history, two other subgraphs,
// and a gateway in front of them.

import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { compose } from './compose.ts'
import { startPeople } from './people.ts'
import type { Subgraph } from './subgraph.ts'
import { startWatch } from './watch.ts'

const { values } = parseArgs({
  options: {
    gateway: { type: 'string', default: 'hive' },
    port: { type: 'string', default: '4100' },
    /** The GraphQL URL of a running server; by default, a server is started. */
    logs: { type: 'string' },
    /** The folder for the database of the started server. */
    folder: { type: 'string', default: fileURLToPath(new URL('.', import.meta.url)) },
  },
})

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Starts the server as `npm start` does, on a database in the folder, with the events that the README shows. */
async function startServer(): Promise<string> {
  const command = file('../../src/cli/iam-logs.js')
  const sample = [command, 'sample', '--until=2026-11-23']
  execFileSync(process.execPath, sample, { cwd: values.folder, stdio: 'ignore' })
  const server = spawn(process.execPath, [command, 'serve', '--port=0'], {
    cwd: values.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process.once('exit', () => server.kill())
  for await (const line of createInterface(server.stdout)) {
    const [, url] = /^GraphiQL: (\S+)#token=/.exec(line) ?? []
    if (url !== undefined) return url
  }
  throw new Error('the server did not start')
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit())

const logs: Subgraph = {
  name: 'logs',
  url: values.logs ?? (await startServer()),
  sdl: readFileSync(file('../../schema.graphql'), 'utf8'),
}
const subgraphs = [logs, await startPeople(), await startWatch()]
const port = Number(values.port)
let url: string
if (values.gateway === 'apollo') {
  const { startApollo } = await import('./apollo.ts')
  url = await startApollo(compose('apollo', subgraphs), port)
} else {
  const { startHive } = await import('./hive.ts')
  url = await startHive(compose('guild', subgraphs), port)
}
process.stdout.write(`Logs: ${logs.url}\nGateway: ${url}\n`)
