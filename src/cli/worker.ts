// One of the processes behind the port (see workers.ts): the server, until it is told to stop or the process
// that began it is gone. What it counts it tells that process, which answers for all.

import cluster from 'node:cluster'
import { listen } from '../server/listen.ts'
import type { SyncRuns } from '../server/routes/health.ts'
import { openStore } from '../storage/open.ts'
import type { AuditStore } from '../store.ts'
import { openDatabase } from './command.ts'
import type { Config } from './config.ts'
import { type Snapshot, snapshotOf } from './figures.ts'
import { observe } from './observing.ts'
import { leave, untilStopped } from './stopping.ts'

/** What a worker is told when it begins; not by arguments, which every user of the machine can read. */
export interface Hired {
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
  | { readonly kind: 'hired'; readonly hired: Hired }
  | { readonly kind: 'sync'; readonly runs: SyncRuns }
  /** Asks for its figures. */
  | { readonly kind: 'count'; readonly id: number }
  /** The figures of all, which it asked for. */
  | { readonly kind: 'metrics'; readonly id: number; readonly text: string }

export type FromWorker =
  | { readonly kind: 'report'; readonly report: Report }
  /** Its figures; `null`: without being asked. */
  | { readonly kind: 'counted'; readonly id: number | null; readonly figures: Snapshot }
  /** Asks for the figures of all. */
  | { readonly kind: 'metrics'; readonly id: number }
  /** A sign of life. */
  | { readonly kind: 'alive' }

/** In milliseconds; see workers.ts for how long it may be silent. */
const ALIVE_EVERY = 1_000

/** So often it tells its figures without being asked, in milliseconds: no more is lost when it is killed. */
const TELL_EVERY = 1_000

/** So long it waits for the figures of all, in milliseconds. */
const PATIENCE = 5_000

/** How the sync goes. Heard from the first moment on: a worker that takes another's place is told only once. */
let runs: SyncRuns | null = null

if (cluster.isWorker) {
  const { promise, resolve } = Promise.withResolvers<Hired>()
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'hired') resolve(message.hired)
    if (message.kind === 'sync') runs = message.runs
  })
  setInterval(() => say({ kind: 'alive' }), ALIVE_EVERY).unref()
  await work(await promise)
  await leave()
}

async function work({ config, persisted }: Hired): Promise<void> {
  const observing = await observe(config)
  const stopped = untilStopped()
  let store: AuditStore | undefined
  let counted = true
  let nextId = 0
  const asking = new Map<number, (text: string) => void>()

  async function tell(id: number | null): Promise<void> {
    counted = false
    say({ kind: 'counted', id, figures: await snapshotOf(observing.registry) })
  }

  function metrics(): Promise<string> {
    const id = nextId++
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        asking.delete(id)
        reject(new Error('the first process did not tell the figures of all'))
      }, PATIENCE)
      asking.set(id, text => {
        clearTimeout(late)
        asking.delete(id)
        resolve(text)
      })
      say({ kind: 'metrics', id })
    })
  }

  process.on('message', (message: ToWorker) => {
    if (message.kind === 'count') tell(message.id)
    if (message.kind === 'metrics') asking.get(message.id)?.(message.text)
  })
  try {
    store = await openDatabase(config, openStore, observing.onStatement)
    const app = await observing.app(store, {
      metrics,
      syncRuns: () => runs,
      persisted: persisted && new Map(persisted),
    })
    const counting: typeof app = {
      ...app,
      listener(...asked) {
        counted = true
        app.listener(...asked)
      },
    }
    const { host, port, keepAlive } = config
    const server = await listen(counting, host, port, { idle: keepAlive * 1000 })
    say({ kind: 'report', report: { url: server.url } })
    const telling = setInterval(() => counted && tell(null), TELL_EVERY)
    await stopped
    await server.close()
    clearInterval(telling)
  } catch (error) {
    refuse(error)
  } finally {
    await store?.close()
    await observing.end()
    // The channel to the first process would keep this one alive.
    process.disconnect?.()
  }
}

function refuse(error: unknown): void {
  const refusal = error instanceof Error ? error.message : String(error)
  say({ kind: 'report', report: { refusal } })
  process.exitCode = 1
}

function say(message: FromWorker): void {
  if (process.connected) process.send?.(message)
}
