// Runs iam-logs sync --watch beside the server in a separate process: no request waits while it writes events, and a
// failure of one does not affect the other.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { now } from '../instant.ts'
import type { SyncRuns } from '../server/routes/health-route.ts'
import type { Logger } from './log.ts'
import { stopChild } from './stop-signal.ts'
import type { SyncOutcome } from './sync-command.ts'

const ENTRY = fileURLToPath(new URL('./iam-logs.js', import.meta.url))

/** Milliseconds until it is restarted after it ended by itself. */
const RESTART_DELAY = 60_000

/** Seconds without a heartbeat until it is killed; a large list can take nearly as long. */
const MAX_SILENCE = 60

export type BackgroundSync = ReturnType<typeof startBackgroundSync>

/**
 * Keeps it running until it is stopped; its output goes to the log. It ends when this process ends, for any reason.
 * `database` is the command-line option. `changed` is called after each run.
 */
export function startBackgroundSync(
  database: string | undefined,
  log: Logger,
  changed: (runs: SyncRuns) => void,
) {
  let stopping = false
  let runs: SyncRuns = { done: 0, failed: 0, failingSince: null }
  let restart: NodeJS.Timeout | undefined
  let silentSeconds = 0
  let child = start()

  function start(): ChildProcess {
    // The environment is inherited. An address in the environment may contain a password, and every user can see
    // arguments.
    const given = database === undefined ? [] : ['--database', database]
    const args = [ENTRY, 'sync', '--watch', '--log-format', 'text', ...given]
    // If this process ends, the channel closes, and that ends the child.
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
    silentSeconds = 0
    started.on('message', ({ sync }: { sync?: SyncOutcome }) => {
      silentSeconds = 0
      if (sync !== undefined) note(sync)
    })
    started.once('error', error => sync.error({ err: error }, 'sync could not be started'))
    started.once('exit', code => {
      if (stopping) return
      note('failed')
      sync.warn({ code }, `sync ended; it starts again in ${RESTART_DELAY / 1000} s`)
      restart = setTimeout(() => {
        child = start()
      }, RESTART_DELAY)
    })
    return started
  }

  const watching = setInterval(() => {
    if (++silentSeconds !== MAX_SILENCE || child.exitCode !== null) return
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
    /** Resolves when it has ended. */
    async stop(): Promise<void> {
      stopping = true
      clearTimeout(restart)
      clearInterval(watching)
      await stopChild(child)
    },
  }
}
