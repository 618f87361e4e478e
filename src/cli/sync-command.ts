// iam-logs sync: reads the log and the directory from Scaleway's API, once or continuously. Events that were read are
// kept; the next run continues after them.

import { setTimeout as delay } from 'node:timers/promises'
import { InputError } from '../errors.ts'
import { now } from '../instant.ts'
import {
  createScalewayClient,
  ScalewayError,
  type ScalewayProfile,
  ScalewayUnavailable,
} from '../scaleway/client.ts'
import { type SyncOptions, syncOrganization } from '../scaleway/sync.ts'
import type { AuditStore } from '../store.ts'
import {
  DATABASE,
  type DatabaseOption,
  gathered,
  keepMemoryFlat,
  logFormatOption,
  timeSpan,
  uuid,
  withIntake,
} from './command.ts'
import { type Config, type LogFormat, NO_CREDENTIALS, readCredentials } from './config.ts'
import type { CliCommand } from './help.ts'
import { honourProxy } from './proxy.ts'
import { stopSignal } from './stop-signal.ts'
import { isNews, outputOf, type SyncOutput, summaryOf, syncReporter } from './sync-report.ts'

interface SyncCommandOptions extends DatabaseOption {
  readonly organization?: readonly string[]
  readonly profile?: readonly string[]
  readonly watch?: true
  /** Microseconds. */
  readonly every?: number
  readonly logFormat?: LogFormat
}

interface Source extends Pick<SyncOptions, 'client' | 'organizationId'> {}

/** Microseconds between two runs of `--watch` that also read the directory and look for late events. */
const THOROUGH_INTERVAL = 600 * 1_000_000

/** Milliseconds between two heartbeats for the server that started this process; see background-sync.ts. */
const HEARTBEAT = 1_000

/** The outcome of a run over all Organizations; sent to the server that started this process. */
export type SyncOutcome = 'done' | 'failed'

const MINUTE = 60 * 1_000_000

export function define(command: CliCommand): void {
  command
    .option('--watch', 'keep running, and sync at intervals')
    .option('--every <span>', 'with --watch: how often, such as 30s (default: 1m)', timeSpan)
    .option(
      '--organization <id>',
      'Organization to sync; can be repeated (SCW_DEFAULT_ORGANIZATION_ID)',
      gathered(uuid),
    )
    .option(
      '--profile <name>',
      "profile of Scaleway's config file; can be repeated, one for each API key (SCW_PROFILE)",
      gathered(String),
    )
    .addOption(logFormatOption('text'))
    .addOption(DATABASE)
    .examples(
      [
        'iam-logs sync',
        'once, with SCW_ACCESS_KEY, SCW_SECRET_KEY and SCW_DEFAULT_ORGANIZATION_ID',
      ],
      ['iam-logs sync --watch --every 30s', 'every 30 seconds'],
      [
        'iam-logs sync --profile production --profile staging',
        "two profiles of Scaleway's config file",
      ],
    )
    .action(sync)
}

/** Sets the exit code if only some Organizations failed. */
async function sync(options: SyncCommandOptions): Promise<void> {
  keepMemoryFlat()
  const stop = stopSignal()
  // The channel to the server that started this process must not keep it alive.
  process.channel?.unref()
  honourProxy()
  const output = await outputOf(options)
  const sources = sourcesOf(options, stop, output)
  await withIntake(options, async (store, config) => {
    const work = { store, config, sources, stop, output }
    if (options.watch === true) await watch(work, options.every ?? MINUTE)
    else await once(work)
  })
}

/** One for each Organization. Refuses a missing API key or Organization. */
function sourcesOf(
  { profile, organization }: SyncCommandOptions,
  signal: AbortSignal,
  output: SyncOutput,
): Source[] {
  const profiles = profile ?? [undefined]
  return profiles.flatMap(name => {
    const credentials = readCredentials(name)
    if (credentials === null) throw new InputError(NO_CREDENTIALS)
    const organizationIds = organization ?? ownOrganization(credentials)
    const client = createScalewayClient(credentials, { signal, onRetry: output.note })
    return organizationIds.map(organizationId => ({ client, organizationId }))
  })
}

function ownOrganization({ accessKey, organizationId }: ScalewayProfile): readonly string[] {
  if (organizationId !== null) return [organizationId]
  throw new InputError(
    `no Organization for API key ${accessKey}; set SCW_DEFAULT_ORGANIZATION_ID or give --organization`,
  )
}

interface Work {
  readonly store: AuditStore
  readonly config: Config
  readonly sources: readonly Source[]
  readonly stop: AbortSignal
  readonly output: SyncOutput
}

async function once(work: Work): Promise<void> {
  for (const source of work.sources) {
    const done = await attempt(work, source, true, true)
    if (done === 'stopped') {
      work.output.note('stopped: everything read so far is kept; to continue, run it again')
      process.exitCode = 1
      return
    }
    if (done !== 'done') process.exitCode = 1
  }
}

/** Returns when it is stopped, or when Scaleway refuses every Organization. */
async function watch(work: Work, every: number): Promise<void> {
  setInterval(() => process.send?.({ alive: true }), HEARTBEAT).unref()
  const refused = new Set<Source>()
  const reported = new Set<Source>()
  let thoroughAt = Number.NEGATIVE_INFINITY
  for (;;) {
    const startedAt = now()
    const thorough = startedAt - thoroughAt >= THOROUGH_INTERVAL
    if (thorough) thoroughAt = startedAt
    let outcome: SyncOutcome = refused.size === 0 ? 'done' : 'failed'
    for (const source of work.sources) {
      if (refused.has(source)) continue
      const done = await attempt(work, source, thorough, !reported.has(source))
      reported.add(source)
      if (done === 'stopped') return
      if (done === 'refused') refused.add(source)
      if (done !== 'done') outcome = 'failed'
    }
    if (refused.size === work.sources.length) {
      process.exitCode = 1
      return
    }
    process.send?.({ sync: outcome })
    const rest = Math.max(every - (now() - startedAt), 0) / 1000
    await delay(rest, undefined, { signal: work.stop }).catch(() => {})
    if (work.stop.aborted) return
  }
}

/** Syncs one Organization and writes a summary; unless `always`, only if something changed. */
async function attempt(
  { store, config, stop, output }: Work,
  { client, organizationId }: Source,
  thorough: boolean,
  always: boolean,
): Promise<'done' | 'refused' | 'unavailable' | 'stopped'> {
  const report = syncReporter(organizationId, output)
  try {
    const options = { client, store, organizationId, report, clock: now, thorough }
    const summary = await syncOrganization(options).finally(() => report.end())
    if (always || isNews(summary)) {
      for (const line of summaryOf(organizationId, summary, config)) {
        output.result(line)
      }
    }
    return 'done'
  } catch (error) {
    if (stop.aborted) return 'stopped'
    if (!(error instanceof ScalewayError || error instanceof ScalewayUnavailable)) throw error
    output.error(error.message)
    return error instanceof ScalewayError ? 'refused' : 'unavailable'
  }
}
