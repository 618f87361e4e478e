// One of the processes behind the port (see workers.ts): the server, until it is told to stop or the process
// that began it is gone.

import cluster from 'node:cluster'
import { once } from 'node:events'
import { pino } from 'pino'
import { createApp } from '../http/app.ts'
import { listen } from '../http/server.ts'
import { appSettings, openDatabase, untilStopped } from './command.ts'
import type { Config } from './config.ts'

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

if (cluster.isWorker) {
  const [hired] = await once(process, 'message')
  await work(hired as Hired)
}

async function work({ config, persisted }: Hired): Promise<void> {
  const log = pino({ level: config.logLevel }, pino.destination(2))
  const stopped = untilStopped()
  const store = await openDatabase(config)
  try {
    const app = createApp({
      ...(await appSettings(config)),
      store,
      reportFault: error => log.error({ err: error }, 'something went wrong'),
      persisted: persisted && new Map(persisted),
    })
    const server = await listen(app, config.host, config.port)
    report({ url: server.url })
    await stopped
    await server.close()
  } catch (error) {
    report({ refusal: error instanceof Error ? error.message : String(error) })
    process.exitCode = 1
  } finally {
    await store.close()
    // The channel to the first process would keep this one alive.
    process.disconnect?.()
  }
}

function report(report: Report): void {
  process.send?.(report)
}
