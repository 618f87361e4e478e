// iam-logs doctor: checks everything that the server needs, and reports how to repair problems. It changes nothing and
// shows no secret.

import { type Diagnostic, fault, ok, warning } from '../diagnostic.ts'
import { codeOf, UserError } from '../errors.ts'
import type { ScalewayProfile } from '../scaleway/client.ts'
import { inspectScaleway } from '../scaleway/diagnose.ts'
import { shownAddress } from '../storage/database-address.ts'
import { inspectDatabase } from '../storage/open.ts'
import { DATABASE, type DatabaseOption, gathered, settingsOf } from './command.ts'
import { type Config, readCredentials, secretsOf, unknownSettings } from './config.ts'
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
  const { config, diagnostics } = configuration(options)
  const found = [node(), ...diagnostics]
  if (config !== null) {
    const { database, replicas, workers: processes, postgresConnections: poolSize } = config
    found.push(...(await inspectDatabase(database, replicas, { processes, poolSize })))
    found.push(await server(config))
  }
  found.push(...proxy())
  for (const profile of options.profile ?? [undefined]) found.push(...(await upstream(profile)))
  const clean = cleaner(config === null ? [] : secretsOf(config))
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

function configuration(options: DoctorOptions): {
  config: Config | null
  diagnostics: Diagnostic[]
} {
  const unknown = unknownSettings().map(name =>
    warning(
      'settings',
      `${name} is not a setting`,
      'check its spelling in docs/settings.md, or remove it',
    ),
  )
  try {
    const config = settingsOf(options)
    const { database, host, port, workers, tracing } = config
    const found = `${shownAddress(database)}, ${host}:${port}, workers: ${workers}, traces: ${tracing ? 'on' : 'off'}`
    return { config, diagnostics: [ok('settings', found), ...unknown] }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const wrong = fault('settings', error.message, 'correct these settings, then run doctor again')
    return { config: null, diagnostics: [wrong, ...unknown] }
  }
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

function proxy(): Diagnostic[] {
  try {
    const used = honourProxy()
    if (used === null) return []
    const { variables, byNode } = used
    const { HTTPS_PROXY = '', HTTP_PROXY = '', NO_PROXY } = variables
    const [name, address] =
      HTTPS_PROXY === '' ? ['HTTP_PROXY', HTTP_PROXY] : ['HTTPS_PROXY', HTTPS_PROXY]
    const found = `${name} is ${new URL(address).host}, except for ${NO_PROXY}`
    if (canHonourProxy || byNode) return [ok('proxy', found)]
    return [
      warning(
        'proxy',
        found,
        'set NODE_USE_ENV_PROXY=1, as this version of Node requires it, or use Node 24',
      ),
    ]
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return [fault('proxy', error.message, 'correct it, then run doctor again')]
  }
}

async function upstream(profile: string | undefined): Promise<Diagnostic[]> {
  let credentials: ScalewayProfile | null
  try {
    credentials = readCredentials(profile)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return [fault('API key', error.message, 'correct these values, then run doctor again')]
  }
  return credentials === null
    ? [ok('API key', 'not set; only the sync needs one (SCW_ACCESS_KEY and SCW_SECRET_KEY)')]
    : inspectScaleway(credentials)
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
