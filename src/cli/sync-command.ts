// iam-logs sync: reads the log and the directory from Scaleway's API, once or continuously. Events that were read are
// kept; the next run continues after them. It reports by a progress bar on a terminal, or else by a line for each window,
// and at the end by a summary.

import { setTimeout as delay } from 'node:timers/promises'
import { BEGINNING } from '../coverage.ts'
import { InputError } from '../errors.ts'
import { formatInstant, type Instant, MICROSECONDS_PER_SECOND, now } from '../instant.ts'
import {
  createScalewayClient,
  ScalewayError,
  type ScalewayProfile,
  ScalewayUnavailable,
} from '../scaleway/client.ts'
import {
  type SyncOptions,
  type SyncReport,
  type SyncSummary,
  syncOrganization,
} from '../scaleway/sync.ts'
import type { AuditStore } from '../store.ts'
import { plural } from '../text.ts'
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
import {
  type Config,
  type LogFormat,
  NO_CREDENTIALS,
  readConfig,
  readCredentials,
} from './config.ts'
import type { CliCommand } from './help.ts'
import { appendedText, firstLines, type Progress, progressBar } from './progress.ts'
import { honourProxy } from './proxy.ts'
import { stopSignal } from './stop-signal.ts'

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
  keepMemoryFlat('some')
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

interface SyncOutput {
  /** Whether a progress bar may be shown. */
  readonly bar: boolean
  result(line: string): void
  note(line: string): void
  error(line: string): void
}

/** Results on standard output and the rest on standard error as text; with the log format `json`, all as log lines. */
async function outputOf(options: { readonly logFormat?: LogFormat }): Promise<SyncOutput> {
  const config = readConfig()
  if ((options.logFormat ?? config.logFormat) !== 'json') {
    return {
      bar: process.stderr.isTTY === true,
      result: line => void process.stdout.write(`${line}\n`),
      note: line => void process.stderr.write(`${line}\n`),
      error: line => void process.stderr.write(`error: ${line}\n`),
    }
  }
  // Loaded here, because only this needs it.
  const { createLog } = await import('./log.ts')
  const log = await createLog({ ...config, logFormat: 'json' })
  return {
    bar: false,
    result: line => log.info(line),
    note: line => log.info(line),
    error: line => log.error(line),
  }
}

/** `end` must always be called: while there is a progress bar, notes are held back until then. */
function syncReporter(organizationId: string, output: SyncOutput): SyncReport & { end(): void } {
  let bar: Progress | undefined
  const held: string[] = []

  function write(line: string): void {
    if (bar === undefined) output.note(`${organizationId}: ${line}`)
    else held.push(line)
  }
  const notes = firstLines(write, 'notes')

  return {
    window({ from, until, events, added }) {
      if (output.bar || events === 0) return
      const count = `${plural(events, 'event')}, ${added.toLocaleString('en')} new`
      const beginning = from === BEGINNING ? 'the beginning' : second(from)
      write(`${beginning} to ${until === null ? 'now' : second(until)}: ${count}`)
    },
    progress(read, total) {
      if (!output.bar || total === 0) return
      bar ??= progressBar(total, organizationId)
      bar.at(read, read, total)
    },
    note: notes.add,
    end() {
      bar?.end()
      bar = undefined
      for (const line of held.splice(0)) write(line)
      notes.end()
    },
  }
}

function second(instant: Instant): string {
  return `${formatInstant(instant).slice(0, 19)}Z`
}

/** Whether a run changed anything, or left something to read again. */
function isNews({ added, written, removed, unsettled }: SyncSummary): boolean {
  return added + written + removed + unsettled > 0
}

/** What a run did, and which principal it detected as Scaleway. */
function summaryOf(
  organizationId: string,
  summary: SyncSummary,
  { notScalewayPrincipalIds }: Pick<Config, 'notScalewayPrincipalIds'>,
): string[] {
  const { written, removed, unsettled, forbidden, scalewayId, took } = summary
  const parts = [
    appendedText(summary),
    `directory: ${written} new or changed, ${removed} removed`,
    ...(forbidden === 0 ? [] : [`${plural(forbidden, 'list')} not allowed and left unchanged`]),
    ...(unsettled === 0 ? [] : [`${plural(unsettled, 'time range')} to read again`]),
    `took ${(took / MICROSECONDS_PER_SECOND).toFixed(1)} s`,
  ]
  const overruled = scalewayId !== null && notScalewayPrincipalIds.includes(scalewayId)
  const scaleway = overruled
    ? `${scalewayId} created the default groups, but by IAM_LOGS_SCALEWAY_PRINCIPAL_IDS it is not Scaleway`
    : `${scalewayId} created the default groups, so it counts as Scaleway; set IAM_LOGS_SCALEWAY_PRINCIPAL_IDS=!${scalewayId} if not`
  return [
    ...(scalewayId === null ? [] : [`${organizationId}: ${scaleway}`]),
    `${organizationId}: ${parts.join('; ')}`,
  ]
}
