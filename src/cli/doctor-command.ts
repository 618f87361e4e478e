// iam-logs doctor: checks everything that the server needs, and reports how to repair problems. It changes nothing and
// shows no secret.

import { type Diagnostic, fault, ok, warning } from '../diagnostic.ts'
import { codeOf, UserError } from '../errors.ts'
import { inspectScaleway } from '../scaleway/diagnose.ts'
import { shownAddress } from '../storage/database-address.ts'
import { inspectDatabase } from '../storage/open.ts'
import { DATABASE, type DatabaseOption, gathered, settingsOf } from './command.ts'
import {
  type Config,
  type ProxySettings,
  readCredentials,
  secretsOf,
  unknownSettings,
} from './config.ts'
import type { CliCommand } from './help.ts'
import { cleaner } from './log.ts'
import { serverAddress } from './next-step.ts'
import { canHonourProxy, honourProxy } from './proxy.ts'
import { table } from './stored-list.ts'

interface DoctorOptions extends DatabaseOption {
  readonly profile?: readonly string[]
}

/** Milliseconds. */
const SERVER_TIMEOUT = 3_000

export function define(command: CliCommand): void {
  command
    .option(
      '--profile <name>',
      "profile of Scaleway's config file; can be repeated, one for each API key (SCW_PROFILE)",
      gathered(String),
    )
    .addOption(DATABASE)
    .examples(
      ['iam-logs doctor', 'exits with 0 if no check finds a fault, otherwise with 1'],
      [
        'iam-logs doctor --database postgres://iam_logs@db.example.com/iam_logs',
        'another database',
      ],
    )
    .action(doctor)
}

async function doctor(options: DoctorOptions): Promise<void> {
  const found: Diagnostic[] = [node()]

  /** Notes a fault and returns `undefined` if `read` refuses `what`. */
  function attempt<T>(check: string, what: string, read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      found.push(fault(check, error.message, `correct ${what}, then run doctor again`))
      return undefined
    }
  }

  const config = attempt('settings', 'these settings', () => settingsOf(options))
  if (config !== undefined) found.push(settings(config))
  for (const name of unknownSettings()) {
    const remedy = 'check its spelling in docs/settings.md, or remove it'
    found.push(warning('settings', `${name} is not a setting`, remedy))
  }
  if (config !== undefined) {
    const { database, replicas, workers: processes, postgresConnections: poolSize } = config
    found.push(...(await inspectDatabase(database, replicas, { processes, poolSize })))
    found.push(await server(config))
  }
  const used = attempt('proxy', 'it', honourProxy)
  if (used != null) found.push(proxy(used))
  for (const profile of options.profile ?? [undefined]) {
    const credentials = attempt('API key', 'these values', () => readCredentials(profile))
    if (credentials === null) {
      const none = 'not set; only the sync needs one (SCW_ACCESS_KEY and SCW_SECRET_KEY)'
      found.push(ok('API key', none))
    } else if (credentials !== undefined) found.push(...(await inspectScaleway(credentials)))
  }
  const clean = cleaner(config === undefined ? [] : secretsOf(config))
  process.stdout.write(clean(table(withClock(found).map(rowOf))))
  if (found.some(({ state }) => state === 'fault')) process.exitCode = 1
}

function node(): Diagnostic {
  const { node: version } = process.versions
  const major = Number(version.split('.')[0])
  const found = `${version} on ${process.platform} ${process.arch}`
  // Odd versions get no long-term support.
  return major % 2 === 0
    ? ok('Node', found)
    : warning('Node', found, 'use a version with long-term support, such as 24')
}

function settings({ database, host, port, workers, tracing }: Config): Diagnostic {
  const traces = tracing ? 'on' : 'off'
  const found = `${shownAddress(database)}, ${host}:${port}, workers: ${workers}, traces: ${traces}`
  return ok('settings', found)
}

async function server(config: Config): Promise<Diagnostic> {
  const at = serverAddress(config)
  try {
    const signal = AbortSignal.timeout(SERVER_TIMEOUT)
    const response = await fetch(`${at}/health/ready`, { signal, redirect: 'error' })
    const { status, sync } = (await response.json()) as {
      status?: unknown
      sync?: { state?: unknown }
    }
    if (status === 'ready') return ok('server', `${at} is ready, sync: ${sync?.state}`)
    if (status === 'not ready') {
      return fault('server', `${at}: its database does not respond`, 'see the log of the server')
    }
  } catch (error) {
    if (error instanceof Error && codeOf(error.cause) === 'ECONNREFUSED')
      return ok('server', `nothing listens at ${at}; start the server with: iam-logs serve`)
  }
  return warning(
    'server',
    `${at} is used by another program, or does not respond`,
    'stop the program that listens there, or choose another port with IAM_LOGS_PORT',
  )
}

function proxy({ variables, byNode }: ProxySettings): Diagnostic {
  const { HTTPS_PROXY = '', HTTP_PROXY = '', NO_PROXY } = variables
  const [name, address] =
    HTTPS_PROXY === '' ? ['HTTP_PROXY', HTTP_PROXY] : ['HTTPS_PROXY', HTTPS_PROXY]
  const found = `${name} is ${new URL(address).host}, except for ${NO_PROXY}`
  if (canHonourProxy || byNode) return ok('proxy', found)
  const remedy = 'set NODE_USE_ENV_PROXY=1, as this version of Node requires it, or use Node 24'
  return warning('proxy', found, remedy)
}

/** Adds this machine's clock if no other clock was found to compare it with. */
function withClock(found: readonly Diagnostic[]): readonly Diagnostic[] {
  if (found.some(({ check }) => check === 'clock')) return found
  return [...found, ok('clock', `${new Date().toISOString()}; no other clock to compare it with`)]
}

const LABELS = { ok: 'ok   ', warning: 'warn ', fault: 'FAULT' } as const

function rowOf({ check, state, found, remedy }: Diagnostic): string[] {
  const text = remedy === undefined ? found : `${found} -> ${remedy}`
  return [LABELS[state], check, text.replace(/\s*\n\s*/g, ' ')]
}
