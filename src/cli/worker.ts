// One of the processes behind the port (see workers.ts): serves requests until it is stopped or the first process has
// ended. It sends its metrics to the first process, which has those of all.

import cluster from 'node:cluster'
import { on } from 'node:events'
import type { Registry } from 'prom-client'
import type { PersistedDocuments } from '../schema/persisted.ts'
import { listen } from '../server/listen.ts'
import type { SyncRuns } from '../server/routes/health-route.ts'
import { openStore } from '../storage/open.ts'
import type { AuditStore } from '../store.ts'
import { openDatabase } from './command.ts'
import type { Config } from './config.ts'
import { startObservability } from './observability.ts'
import { type Snapshot, shared, snapshotOf } from './process-metrics.ts'
import { exit, untilStopped } from './stop-signal.ts'

/** Sent as a message and not as arguments, which every user of the machine can read. */
export interface WorkerInit {
  readonly config: Config
  /** The only documents that are executed; `null`: any document. */
  readonly persisted: PersistedDocuments | null
}

/** The URL on which it listens, or why it cannot. */
export interface Report {
  readonly url?: string
  readonly refusal?: string
}

export type ToWorker =
  | { readonly kind: 'init'; readonly init: WorkerInit }
  | { readonly kind: 'sync'; readonly runs: SyncRuns }
  /** The metrics of all processes, which it requested. */
  | { readonly kind: 'metrics'; readonly text: string }

export type FromWorker =
  /** Sent once. */
  | { readonly kind: 'report'; readonly report: Report }
  /** Requests the metrics of all processes. */
  | { readonly kind: 'metrics' }
  /** A heartbeat, with its own metrics once there are any. */
  | { readonly kind: 'alive'; readonly snapshot: Snapshot | null }

/** Milliseconds between two heartbeats; counts of the last such interval are lost if the process is killed. */
const HEARTBEAT = 1_000

/** Milliseconds that it waits for the metrics of all processes. */
const METRICS_TIMEOUT = 5_000

/** Received from the start: a worker that replaces another gets the message only once. */
let syncRuns: SyncRuns | null = null

let registry: Registry | null = null

/** The metrics of all processes, with its own up to now. */
const metrics = shared(async () => {
  await sendHeartbeat()
  const messages = on(process, 'message', { signal: AbortSignal.timeout(METRICS_TIMEOUT) })
  send({ kind: 'metrics' })
  for await (const [message] of messages as AsyncIterable<[ToWorker]>) {
    if (message.kind === 'metrics') return message.text
  }
  throw new Error('the primary process has ended')
})

if (cluster.isWorker) {
  const { promise, resolve } = Promise.withResolvers<WorkerInit>()
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'init') resolve(message.init)
    if (message.kind === 'sync') syncRuns = message.runs
  })
  setInterval(sendHeartbeat, HEARTBEAT).unref()
  await serve(await promise)
  await exit()
}

async function serve({ config, persisted }: WorkerInit): Promise<void> {
  const observability = await startObservability(config)
  registry = observability.registry
  const stopped = untilStopped()
  let store: AuditStore | undefined
  try {
    store = await openDatabase(config, openStore, observability.onStatement)
    const app = await observability.app(store, {
      metrics,
      syncRuns: () => syncRuns,
      persisted,
    })
    const { host, port, keepAlive } = config
    const server = await listen(app, host, port, { idle: keepAlive * 1000 })
    send({ kind: 'report', report: { url: server.url } })
    await stopped
    await server.close()
  } catch (error) {
    const refusal = error instanceof Error ? error.message : String(error)
    send({ kind: 'report', report: { refusal } })
    process.exitCode = 1
  } finally {
    await store?.close()
    await observability.end()
    // The channel to the first process would keep this one alive.
    process.disconnect?.()
  }
}

async function sendHeartbeat(): Promise<void> {
  send({ kind: 'alive', snapshot: registry && (await snapshotOf(registry)) })
}

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message)
}
