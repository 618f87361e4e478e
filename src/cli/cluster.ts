// The server on all cores: several processes behind one port, each with its own connection to the database. A process
// that crashes or hangs is replaced, and only the requests that it was serving are lost.

import cluster, { type Worker } from 'node:cluster'
import { on, once } from 'node:events'
import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import type { Registry } from 'prom-client'
import { InputError } from '../errors.ts'
import type { PersistedDocuments } from '../schema/persisted.ts'
import type { SyncRuns } from '../server/routes/health-route.ts'
import { openStore } from '../storage/open.ts'
import type { AuditStore } from '../store.ts'
import { openDatabase } from './command.ts'
import type { Config } from './config.ts'
import { type Logger, routineLevel } from './log.ts'
import { type Processes, type Snapshot, shared, snapshotOf, withEnded } from './process-metrics.ts'
import { exit, stopChild, untilStopped } from './stop-signal.ts'

/** Sent as a message and not as arguments, which every user of the machine can read. */
interface WorkerInit {
  readonly config: Config
  /** The only documents that are executed; `null`: any document. */
  readonly persisted: PersistedDocuments | null
}

type ToWorker =
  | { readonly kind: 'init'; readonly init: WorkerInit }
  | { readonly kind: 'sync'; readonly runs: SyncRuns }
  /** The metrics of all processes, which it requested. */
  | { readonly kind: 'metrics'; readonly text: string }

/** Sent once: the URL on which it listens, or why it cannot. */
interface Report {
  readonly kind: 'report'
  readonly url?: string
  readonly refusal?: string
}

type FromWorker =
  | Report
  /** Requests the metrics of all processes. */
  | { readonly kind: 'metrics' }
  /** A heartbeat, with its own metrics once there are any. */
  | { readonly kind: 'alive'; readonly snapshot: Snapshot | null }

/** Milliseconds between two heartbeats; counts of the last such interval are lost if the process is killed. */
const HEARTBEAT = 1_000

/** Milliseconds that a worker waits for the metrics of all processes. */
const METRICS_TIMEOUT = 5_000

/** A worker that lived shorter than this, in milliseconds, is replaced only after this delay. */
const MIN_LIFETIME = 1_000

/**
 * A worker without a heartbeat for this many seconds hangs and is killed: while it serves requests, after its start,
 * and once all are asked to stop. This process counts the seconds, so that a machine that sleeps kills no worker.
 */
const MAX_SILENCE = { running: 15, starting: 60, stopping: 5 }

export interface Workers extends Processes {
  /** The URL of the server, without a slash at the end. */
  readonly url: string
  /** For all workers, also those that start later. */
  setSyncRuns(runs: SyncRuns): void
  /** Each completes its requests; resolves when all have ended. */
  close(): Promise<void>
}

/**
 * Resolves when all listen. Refuses, with the message of the first that cannot, and ends the others. `metrics` returns
 * the metrics of all processes, which may be requested from any worker.
 */
export async function startWorkers(
  count: number,
  init: WorkerInit,
  log: Logger,
  metrics: () => Promise<string>,
): Promise<Workers> {
  // Messages are cloned, as between threads: JSON would change a Map, or an infinite limit.
  cluster.setupPrimary({ exec: import.meta.filename, args: [], serialization: 'advanced' })
  /** Seconds since the last heartbeat, and how many are allowed; until the worker's end. */
  const silence = new Map<Worker, { seconds: number; readonly most: number }>()
  /** The last snapshot of each worker, until its channel closes. */
  const snapshots = new Map<Worker, Snapshot>()
  const replacements = new Set<NodeJS.Timeout>()
  let phase: keyof typeof MAX_SILENCE = 'starting'
  let replaced = 0
  let syncRuns: SyncRuns | null = null
  let ended: Snapshot = []

  function start(): Worker {
    const worker = fork(init)
    if (syncRuns !== null) send(worker, { kind: 'sync', runs: syncRuns })
    const startedAt = Date.now()
    silence.set(worker, { seconds: 0, most: MAX_SILENCE.starting })
    worker.once('exit', (code, signal) => {
      silence.delete(worker)
      if (phase === 'running') replace(worker, startedAt, code, signal)
    })
    // By then all messages that it sent have arrived.
    worker.once('disconnect', () => {
      ended = withEnded(ended, snapshots.get(worker) ?? [])
      snapshots.delete(worker)
    })
    worker.on('message', (message: FromWorker) => receive(worker, message))
    return worker
  }

  function replace(worker: Worker, startedAt: number, code: number, signal: string | null): void {
    log.error({ worker: worker.process.pid, code, signal }, 'a worker ended; another is started')
    replaced++
    const wait = Date.now() - startedAt < MIN_LIFETIME ? MIN_LIFETIME : 0
    const timer = setTimeout(() => {
      replacements.delete(timer)
      start()
    }, wait)
    replacements.add(timer)
  }

  function receive(worker: Worker, message: FromWorker): void {
    // Messages of a worker that has ended or was killed may still arrive.
    if (silence.has(worker)) silence.set(worker, { seconds: 0, most: MAX_SILENCE.running })
    if (message.kind === 'alive') {
      if (message.snapshot !== null) snapshots.set(worker, message.snapshot)
    } else if (message.kind === 'metrics') {
      metrics().then(
        text => send(worker, { kind: 'metrics', text }),
        error => log.error({ err: error }, 'the metrics could not be read'),
      )
    } else if (message.url !== undefined) {
      log[routineLevel(init.config)]({ worker: worker.process.pid }, 'a worker listens')
    }
  }

  function killSilent(): void {
    for (const [worker, since] of silence) {
      const most = phase === 'stopping' ? MAX_SILENCE.stopping : since.most
      if (++since.seconds < most) continue
      silence.delete(worker)
      noteKill(log, worker, 'does not respond')
      worker.process.kill('SIGKILL')
    }
  }

  async function close(): Promise<void> {
    phase = 'stopping'
    for (const timer of replacements) clearTimeout(timer)
    await Promise.all(
      connected().map(worker =>
        stopChild(worker.process, () => noteKill(log, worker, 'does not end')),
      ),
    )
  }

  setInterval(killSilent, 1_000).unref()
  const reports = await Promise.all(Array.from({ length: count }, () => firstReport(start())))
  const failed = reports.find(({ refusal }) => refusal !== undefined)
  if (failed !== undefined) {
    await close()
    throw new InputError(failed.refusal ?? '')
  }
  phase = 'running'
  for (let missing = count - connected().length; missing > 0; missing--) start()
  return {
    url: reports[0]?.url ?? '',
    count: () => ({ alive: connected().length, replaced }),
    snapshots: () => [ended, ...snapshots.values()],
    setSyncRuns(runs) {
      syncRuns = runs
      for (const worker of connected()) send(worker, { kind: 'sync', runs })
    },
    close,
  }
}

function fork(init: WorkerInit): Worker {
  // A worker starts with its own file, so it would not know of the cache; see iam-logs.js.
  const cache = getCompileCacheDir()
  const worker = cluster.fork(cache && { NODE_COMPILE_CACHE: dirname(cache) })
  send(worker, { kind: 'init', init })
  return worker
}

function noteKill(log: Logger, worker: Worker, why: string): void {
  log.error({ worker: worker.process.pid }, `a worker ${why}; it is killed`)
}

function connected(): Worker[] {
  // The channel of a worker that has ended may close only later.
  return Object.values(cluster.workers ?? {}).filter(
    worker => worker?.isConnected() && !worker.isDead(),
  ) as Worker[]
}

function send(worker: Worker, message: ToWorker): void {
  // Errors are ignored: a worker that ends meanwhile needs no message.
  worker.send(message, () => {})
}

async function firstReport(worker: Worker): Promise<Pick<Report, 'url' | 'refusal'>> {
  const ended = once(worker, 'exit').then(([code, signal]) => ({
    refusal: `a worker ended with ${code ?? signal}`,
  }))
  const reported = new Promise<Report>(resolve => {
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'report') resolve(message)
    })
  })
  return Promise.race([reported, ended])
}

/** A worker: serves requests until it is stopped or the first process has ended. */
async function work(): Promise<void> {
  const { promise: init, resolve } = Promise.withResolvers<WorkerInit>()
  // Received from the start: a worker that replaces another gets the message only once.
  let syncRuns: SyncRuns | null = null
  let registry: Registry | null = null
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'init') resolve(message.init)
    if (message.kind === 'sync') syncRuns = message.runs
  })
  async function sendHeartbeat(): Promise<void> {
    tell({ kind: 'alive', snapshot: registry && (await snapshotOf(registry)) })
  }
  setInterval(sendHeartbeat, HEARTBEAT).unref()
  /** The metrics of all processes, with its own up to now. */
  const metrics = shared(async () => {
    await sendHeartbeat()
    const messages = on(process, 'message', { signal: AbortSignal.timeout(METRICS_TIMEOUT) })
    tell({ kind: 'metrics' })
    for await (const [message] of messages as AsyncIterable<[ToWorker]>) {
      if (message.kind === 'metrics') return message.text
    }
    throw new Error('the primary process has ended')
  })

  const { config, persisted } = await init
  // Loaded here, because the first process does not need it.
  const { startObservability } = await import('./observability.ts')
  const observability = await startObservability(config)
  registry = observability.registry
  const stopped = untilStopped()
  let store: AuditStore | undefined
  try {
    store = await openDatabase(config, openStore, observability.onStatement)
    const options = { metrics, syncRuns: () => syncRuns, persisted }
    const server = await observability.listen(store, options)
    tell({ kind: 'report', url: server.url })
    await stopped
    await server.close()
  } catch (error) {
    tell({ kind: 'report', refusal: error instanceof Error ? error.message : String(error) })
    process.exitCode = 1
  } finally {
    await store?.close()
    await observability.end()
    // The channel to the first process would keep this one alive.
    process.disconnect?.()
  }
  await exit()
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message)
}

if (cluster.isWorker) await work()
