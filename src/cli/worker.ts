// One of the processes behind the port (see workers.ts): the server, until it is told to stop or the process
// that began it is gone. What it counts it tells that process, which answers for all.

import cluster from 'node:cluster'
import { on } from 'node:events'
import type { Registry } from 'prom-client'
import { listen } from '../server/listen.ts'
import type { SyncRuns } from '../server/routes/health.ts'
import { openStore } from '../storage/open.ts'
import type { AuditStore } from '../store.ts'
import { openDatabase } from './command.ts'
import type { Config } from './config.ts'
import { type Snapshot, shared, snapshotOf } from './figures.ts'
import { startObservability } from './observability.ts'
import { exit, untilStopped } from './stop-signal.ts'

/** What a worker is told when it begins; not by arguments, which every user of the machine can read. */
export interface WorkerInit {
  readonly config: Config
  /** IDs and texts of the only documents that are answered; `null`: any document is. */
  readonly persisted: readonly (readonly [id: string, text: string])[] | null
}

/** What it says once: where it listens, or why not. */
export interface Report {
  readonly url?: string
  readonly refusal?: string
}

export type ToWorker =
  | { readonly kind: 'init'; readonly init: WorkerInit }
  | { readonly kind: 'sync'; readonly runs: SyncRuns }
  /** The figures of all, which it asked for. */
  | { readonly kind: 'metrics'; readonly text: string }

export type FromWorker =
  | { readonly kind: 'report'; readonly report: Report }
  /** Asks for the figures of all. */
  | { readonly kind: 'metrics' }
  /** A sign of life, with its figures as soon as it has any. */
  | { readonly kind: 'alive'; readonly figures: Snapshot | null }

/** In milliseconds: no more is lost of its figures when it is killed. See workers.ts for how long it may be silent. */
const ALIVE_EVERY = 1_000

/** So long it waits for the figures of all, in milliseconds. */
const PATIENCE = 5_000

/** How the sync goes. Heard from the first moment on: a worker that takes another's place is told only once. */
let runs: SyncRuns | null = null

let registry: Registry | null = null

/** The figures of all, its own up to now. */
const metrics = shared(async () => {
  await sayAlive()
  const messages = on(process, 'message', { signal: AbortSignal.timeout(PATIENCE) })
  say({ kind: 'metrics' })
  for await (const [message] of messages as AsyncIterable<[ToWorker]>) {
    if (message.kind === 'metrics') return message.text
  }
  throw new Error('the first process is gone')
})

if (cluster.isWorker) {
  const { promise, resolve } = Promise.withResolvers<WorkerInit>()
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'init') resolve(message.init)
    if (message.kind === 'sync') runs = message.runs
  })
  setInterval(sayAlive, ALIVE_EVERY).unref()
  await work(await promise)
  await exit()
}

async function work({ config, persisted }: WorkerInit): Promise<void> {
  const observing = await startObservability(config)
  registry = observing.registry
  const stopped = untilStopped()
  let store: AuditStore | undefined
  try {
    store = await openDatabase(config, openStore, observing.onStatement)
    const app = await observing.app(store, {
      metrics,
      syncRuns: () => runs,
      persisted: persisted && new Map(persisted),
    })
    const { host, port, keepAlive } = config
    const server = await listen(app, host, port, { idle: keepAlive * 1000 })
    say({ kind: 'report', report: { url: server.url } })
    await stopped
    await server.close()
  } catch (error) {
    refuse(error)
  } finally {
    await store?.close()
    await observing.end()
    // The channel to the first process would keep this one alive.
    process.disconnect?.()
  }
}

async function sayAlive(): Promise<void> {
  say({ kind: 'alive', figures: registry && (await snapshotOf(registry)) })
}

function refuse(error: unknown): void {
  const refusal = error instanceof Error ? error.message : String(error)
  say({ kind: 'report', report: { refusal } })
  process.exitCode = 1
}

function say(message: FromWorker): void {
  if (process.connected) process.send?.(message)
}
