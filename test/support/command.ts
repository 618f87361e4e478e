// iam-logs as a process, in a folder of the test, with an environment of the test only.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scalewayIds } from '../../src/principal.ts'
import { openStore } from '../../src/storage/open.ts'

export const ENTRY = fileURLToPath(new URL('../../src/cli/iam-logs.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd: string
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  /** The Node to run it with; by default this one. */
  readonly node?: string
  /** The command's file; by default that of the clone. */
  readonly entry?: string
  /** Whether signals are sent to its child processes, too. */
  readonly group?: true
  /** Whether its standard error is not read before `read`, or before it ends. */
  readonly unread?: true
}

export interface Running {
  readonly ended: Promise<Ended>
  /** The first complete matching line on standard output; rejects if the process ends without one. */
  line(fitting: RegExp): Promise<string>
  /** Its output to standard error so far. */
  stderr(): string
  /** See `unread`. */
  read(): void
  signal(signal: NodeJS.Signals): void
  /** Kills it with SIGKILL. */
  kill(): Promise<Ended>
  /** Asks it to stop with SIGTERM, as a service manager does, and resolves when it has ended. */
  stop(): Promise<Ended>
}

/** Makes an empty folder that is removed with its contents when `using` ends. */
export function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'iam-logs-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Makes an empty database in a folder. */
export async function emptyDatabase(folder: string): Promise<void> {
  const store = await openStore(join(folder, 'iam-logs.db'), { scalewayIds: scalewayIds() })
  await store.close()
}

/** Runs a command to its end. */
export function run(args: readonly string[], options: RunOptions): Promise<Ended> {
  return start(args, options).ended
}

/** Starts a command that may not end by itself. */
export function start(args: readonly string[], options: RunOptions): Running {
  const {
    cwd,
    environment,
    input = '',
    node = process.execPath,
    entry = ENTRY,
    unread,
    group = false,
  } = options
  const child = spawn(node, [entry, ...args], {
    cwd,
    detached: group,
    // One process by default, which starts faster. A PostgreSQL server for tests may lose data in a crash.
    env: {
      PATH: process.env.PATH,
      HOME: cwd,
      IAM_LOGS_WORKERS: '1',
      IAM_LOGS_UNSAFE_DATABASE: 'yes',
      ...environment,
    },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', chunk => {
    stdout += chunk
  })
  const read = () => {
    child.stderr.setEncoding('utf8').on('data', chunk => {
      stderr += chunk
    })
  }
  if (unread) child.once('exit', read)
  else read()
  // A command that is refused does not read its input.
  child.stdin.on('error', () => {}).end(input)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve({ code, stdout, stderr }))
  })
  return {
    ended,
    async line(fitting) {
      let end: Ended | null = null
      for (;;) {
        const more = once(child.stdout, 'data').then(() => null)
        const found = stdout
          .split('\n')
          .find((line, at, lines) => at < lines.length - 1 && fitting.test(line))
        if (found !== undefined) return found
        if (end !== null) throw new Error(`no line like ${fitting}: ${JSON.stringify(end)}`)
        end = await Promise.race([more, ended])
      }
    },
    stderr: () => stderr,
    read,
    signal: signal => void process.kill(group ? -(child.pid ?? 0) : (child.pid ?? 0), signal),
    kill() {
      child.kill('SIGKILL')
      return ended
    },
    stop() {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** Whether there is a process with this ID. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
