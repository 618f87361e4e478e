// iam-logs sync --watch beside the server, as a process of its own: so that no question waits for a batch of
// events to be written, and a fault of one is none of the other.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { now } from '../instant.ts'
import type { SyncRuns } from '../server/routes/health.ts'
import type { Logger } from './log.ts'
import type { SyncOutcome } from './sync.ts'

const ENTRY = fileURLToPath(new URL('./iam-logs.js', import.meta.url))

/** After it ended by itself, in milliseconds. */
const RESTART_AFTER = 60_000
/** For an orderly end, in milliseconds. */
const GRACE = 9_700

/** After so many seconds without a sign of life it hangs, and is killed; it may be that long at a large list. */
const SILENT = 60

export interface BackgroundSync {
  /** How it went until now. */
  runs(): SyncRuns
  /** Resolves when it has ended. */
  stop(): Promise<void>
}

/**
 * `database` is what the command line said, if it did. Runs until it is stopped, begun anew when it ends; what it says
 * is in the log. Ends with this process, however that ends. `changed` is told of each run that has ended.
 */
export function startBackgroundSync(
  database: string | undefined,
  log: Logger,
  changed: (runs: SyncRuns) => void,
): BackgroundSync {
  let stopping = false
  let runs: SyncRuns = { done: 0, failed: 0, failingSince: null }
  let restart: NodeJS.Timeout | undefined
  let silent = 0
  let child = start()

  function start(): ChildProcess {
    // An address from the environment stays there: it may hold a password, and arguments are for all to see.
    const given = database === undefined ? [] : ['--database', database]
    // Its lines become lines of this process's log.
    const args = [ENTRY, 'sync', '--watch', '--log-format', 'text', ...given]
    // The channel closes when this process is gone, and that ends the other.
    const started = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    const sync = log.child({ process: 'sync', processId: started.pid })
    if (started.stdout !== null) {
      createInterface(started.stdout).on('line', line => sync.info(line))
    }
    if (started.stderr !== null) {
      createInterface(started.stderr).on('line', line =>
        line.startsWith('error:') ? sync.error(line) : sync.info(line),
      )
    }
    sync.info('sync starts')
    silent = 0
    started.on('message', ({ sync }: { sync?: SyncOutcome }) => {
      silent = 0
      if (sync !== undefined) note(sync)
    })
    started.once('error', error => sync.error({ err: error }, 'sync could not be started'))
    started.once('exit', code => {
      if (stopping) return
      note('failed')
      sync.warn({ code }, `sync ended; it starts again in ${RESTART_AFTER / 1000} s`)
      restart = setTimeout(() => {
        child = start()
      }, RESTART_AFTER)
    })
    return started
  }

  const watching = setInterval(() => {
    if (++silent !== SILENT || child.exitCode !== null) return
    log.error({ processId: child.pid }, 'sync does not respond; it is killed')
    child.kill('SIGKILL')
  }, 1_000).unref()

  function note(outcome: SyncOutcome): void {
    const { done, failed, failingSince } = runs
    runs =
      outcome === 'done'
        ? { done: done + 1, failed, failingSince: null }
        : { done, failed: failed + 1, failingSince: failingSince ?? now() }
    changed(runs)
  }

  return {
    runs: () => runs,
    async stop() {
      stopping = true
      clearTimeout(restart)
      clearInterval(watching)
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const kill = setTimeout(() => child.kill('SIGKILL'), GRACE)
      await ended
      clearTimeout(kill)
    },
  }
}
