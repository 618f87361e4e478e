// The server on all cores: as many processes as are asked for behind one port, each with its own connection to
// the database. One that crashes is replaced, and only the requests it was answering itself are lost.

import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { Refusal } from '../errors.ts'
import type { Hired, Report } from './worker.ts'

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url))

/** Who dies younger than this, in milliseconds, is replaced only so long after. */
const YOUNG = 1_000

export interface Workers {
  /** Where they can be reached, without a slash at the end. */
  readonly url: string
  /** Each ends what it is answering; resolves when all have ended. */
  stop(): Promise<void>
}

/** Resolves when all listen. Refuses, with the words of the first that cannot, and ends the others. */
export async function startWorkers(count: number, hired: Hired, log: Logger): Promise<Workers> {
  let stopping = false
  const waiting = new Set<NodeJS.Timeout>()
  cluster.setupPrimary({ exec: WORKER, args: [] })

  function replace(worker: Worker, bornAt: number, code: number, signal: string | null): void {
    if (stopping) return
    log.error(
      { worker: worker.process.pid, code, signal },
      'a worker ended; another takes its place',
    )
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
    worker.send(hired)
    const bornAt = Date.now()
    worker.once('exit', (code, signal) => replace(worker, bornAt, code, signal))
    worker.once('message', ({ url }: Report) => {
      if (url !== undefined) log.info({ worker: worker.process.pid }, 'a worker listens')
    })
    return worker
  }

  async function stop(): Promise<void> {
    stopping = true
    for (const timer of waiting) clearTimeout(timer)
    const alive = Object.values(cluster.workers ?? {}).filter(worker => worker !== undefined)
    await Promise.all(
      alive.map(async worker => {
        const ended = once(worker, 'exit')
        worker.process.kill('SIGTERM')
        await ended
      }),
    )
  }

  const reports = await Promise.all(Array.from({ length: count }, () => firstReport(fork())))
  const failed = reports.find(({ refusal }) => refusal !== undefined)
  if (failed !== undefined) {
    await stop()
    throw new Refusal('BAD_USER_INPUT', failed.refusal ?? '')
  }
  return { url: reports[0]?.url ?? '', stop }
}

async function firstReport(worker: Worker): Promise<Report> {
  const ended = once(worker, 'exit').then(([code]) => ({ refusal: `a worker ended with ${code}` }))
  const said = once(worker, 'message').then(([report]) => report as Report)
  return Promise.race([said, ended])
}
