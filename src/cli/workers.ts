// The server on all cores: as many processes as are asked for behind one port, each with its own connection to
// the database. One that crashes or hangs is replaced, and only the requests it was answering itself are lost.

import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { InputError } from '../errors.ts'
import type { SyncRuns } from '../server/routes/health.ts'
import { lasting, type Snapshot, together } from './figures.ts'
import { type Logger, routineLevel } from './log.ts'
import type { FromWorker, Report, ToWorker, WorkerInit } from './worker.ts'

/** Sources are TypeScript, a package is JavaScript. */
const WORKER = fileURLToPath(import.meta.resolve(`./worker${extname(import.meta.url)}`))

/** Who dies younger than this, in milliseconds, is replaced only so long after. */
const YOUNG = 1_000

/**
 * A worker that gives no sign of life for so many seconds hangs and is killed: while it answers, after it began, and once
 * all are told to stop. They are seconds of this process, so that a machine that sleeps kills nobody.
 */
const SILENT = 15
const SILENT_AT_FIRST = 60
const SILENT_AT_LAST = 5

/** Those told to stop are killed after so long, in milliseconds: later than each by itself cuts off what it answers. */
const GRACE = 9_700

export interface Workers {
  /** Where they can be reached, without a slash at the end. */
  readonly url: string
  /** How many answer, and how many others there were. */
  count(): { readonly alive: number; readonly replaced: number }
  /** What those that answer counted up to a second ago, and those that are gone. */
  figures(): readonly Snapshot[]
  /** Tells all of them how the sync goes, and those to come. */
  tellSync(runs: SyncRuns): void
  /** Each ends what it is answering; resolves when all have ended. */
  stop(): Promise<void>
}

/**
 * Resolves when all listen. Refuses, with the words of the first that cannot, and ends the others. `metrics` answers a
 * worker that is asked for the figures of all.
 */
export async function startWorkers(
  count: number,
  init: WorkerInit,
  log: Logger,
  metrics: () => Promise<string>,
): Promise<Workers> {
  /** Not before all listen, as one that cannot keeps the server from starting; nor when it is told to stop. */
  let replacing = false
  const routine = routineLevel(init.config)
  let stopping = false
  let replaced = 0
  let sync: SyncRuns | null = null
  /** By worker, while it lives: since when it gave no sign of life, in seconds, and how many it may be silent. */
  const silence = new Map<Worker, { seconds: number; most: number }>()
  /** By worker, while it lives: the last it told. */
  const figures = new Map<Worker, Snapshot>()
  let gone: Snapshot = []
  const waiting = new Set<NodeJS.Timeout>()
  cluster.setupPrimary({ exec: WORKER, args: [] })

  function replace(worker: Worker, bornAt: number, code: number, signal: string | null): void {
    if (!replacing) return
    log.error(
      { worker: worker.process.pid, code, signal },
      'a worker ended; another takes its place',
    )
    replaced++
    const timer = setTimeout(
      () => {
        waiting.delete(timer)
        fork()
      },
      Date.now() - bornAt < YOUNG ? YOUNG : 0,
    )
    waiting.add(timer)
  }

  function fork(): Worker {
    const worker = cluster.fork()
    tell(worker, { kind: 'init', init })
    if (sync !== null) tell(worker, { kind: 'sync', runs: sync })
    const bornAt = Date.now()
    silence.set(worker, { seconds: 0, most: SILENT_AT_FIRST })
    worker.once('exit', (code, signal) => {
      silence.delete(worker)
      replace(worker, bornAt, code, signal)
    })
    // After all it said was heard.
    worker.once('disconnect', () => {
      gone = together([gone, lasting(figures.get(worker) ?? [])])
      figures.delete(worker)
    })
    worker.on('message', (message: FromWorker) => hear(worker, message))
    return worker
  }

  const watching = setInterval(() => {
    for (const [worker, silent] of silence) {
      if (++silent.seconds < (stopping ? SILENT_AT_LAST : silent.most)) continue
      silence.delete(worker)
      log.error({ worker: worker.process.pid }, 'a worker does not respond; it is killed')
      worker.process.kill('SIGKILL')
    }
  }, 1_000).unref()

  function hear(worker: Worker, message: FromWorker): void {
    // What one that is gone had said may come later.
    if (silence.has(worker)) silence.set(worker, { seconds: 0, most: SILENT })
    switch (message.kind) {
      case 'report':
        if (message.report.url !== undefined) {
          log[routine]({ worker: worker.process.pid }, 'a worker listens')
        }
        break
      case 'alive':
        if (message.figures !== null) figures.set(worker, message.figures)
        break
      case 'metrics':
        metrics().then(
          text => tell(worker, { kind: 'metrics', text }),
          error => log.error({ err: error }, 'the figures could not be told'),
        )
    }
  }

  async function stop(): Promise<void> {
    replacing = false
    stopping = true
    for (const timer of waiting) clearTimeout(timer)
    await Promise.all(
      alive().map(async worker => {
        const ended = once(worker, 'exit')
        worker.process.kill('SIGTERM')
        const late = setTimeout(() => {
          log.error({ worker: worker.process.pid }, 'a worker does not end; it is killed')
          worker.process.kill('SIGKILL')
        }, GRACE)
        await ended
        clearTimeout(late)
      }),
    )
    clearInterval(watching)
  }

  const reports = await Promise.all(Array.from({ length: count }, () => firstReport(fork())))
  const failed = reports.find(({ refusal }) => refusal !== undefined)
  if (failed !== undefined) {
    await stop()
    throw new InputError(failed.refusal ?? '')
  }
  replacing = true
  for (let more = alive().length; more < count; more++) fork()
  return {
    url: reports[0]?.url ?? '',
    count: () => ({ alive: alive().length, replaced }),
    figures: () => [gone, ...figures.values()],
    tellSync(runs) {
      sync = runs
      for (const worker of alive()) tell(worker, { kind: 'sync', runs })
    },
    stop,
  }
}

function alive(): Worker[] {
  return Object.values(cluster.workers ?? {}).filter(worker => worker?.isConnected()) as Worker[]
}

function tell(worker: Worker, message: ToWorker): void {
  // One that ends meanwhile needs to hear nothing.
  worker.send(message, () => {})
}

async function firstReport(worker: Worker): Promise<Report> {
  const ended = once(worker, 'exit').then(([code, signal]) => ({
    refusal: `a worker ended with ${code ?? signal}`,
  }))
  const said = new Promise<Report>(resolve => {
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'report') resolve(message.report)
    })
  })
  return Promise.race([said, ended])
}
