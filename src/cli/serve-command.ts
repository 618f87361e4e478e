// iam-logs serve: runs the server until it is stopped. With nothing configured it creates a sample history and an
// Owner's token for it. This process serves requests itself, or starts workers that do; the sync is another process.

import { readFileSync, writeFileSync } from 'node:fs'
import { codeOf, InputError, quoted, unwritable } from '../errors.ts'
import type { PersistedDocuments } from '../schema/persisted.ts'
import { shownAddress } from '../storage/database-address.ts'
import { openStore } from '../storage/open.ts'
import type { AuditStore } from '../store.ts'
import { plural } from '../text.ts'
import { createAudit } from './audit.ts'
import { type BackgroundSync, startBackgroundSync } from './background-sync.ts'
import { startWorkers, type Workers } from './cluster.ts'
import {
  DATABASE,
  type DatabaseOption,
  logFormatOption,
  openDatabase,
  settingsOf,
  wholeNumber,
} from './command.ts'
import {
  type Config,
  hasScalewayKey,
  type LogFormat,
  NO_CREDENTIALS,
  ownCommand,
  readCredentials,
} from './config.ts'
import type { CliCommand } from './help.ts'
import { isLoopback } from './identity-config.ts'
import { createLog, formatOf } from './log.ts'
import { logsLink, shellWord } from './next-step.ts'
import type { Observability } from './observability.ts'
import { metricsOfAll, processRegistry } from './process-metrics.ts'
import { honourProxy } from './proxy.ts'
import { quickStartToken, refuseQuickStart } from './quick-start.ts'
import { startRetention } from './retention-command.ts'
import { midnight, SAMPLE, writeSample } from './sample-command.ts'
import { stopSignal, untilStopped } from './stop-signal.ts'

interface ServeOptions extends DatabaseOption {
  readonly host?: string
  readonly port?: number
  readonly sample: boolean
  readonly persisted?: string
  /** By default, true if there are credentials in the environment. */
  readonly sync?: boolean
  readonly logFormat?: LogFormat
}

export function define(command: CliCommand): void {
  command
    .option('--port <n>', 'port (IAM_LOGS_PORT; default: 4000)', wholeNumber(0, 65535))
    .option('--host <h>', 'address to listen on (IAM_LOGS_HOST; default: 127.0.0.1)')
    .option(
      '--persisted <file>',
      'accept only the GraphQL documents in this file (IAM_LOGS_PERSISTED; default: any document)',
    )
    .option('--no-sample', 'create no sample history, even where nothing is configured')
    .option(
      '--sync',
      "sync from Scaleway, also with the API key of Scaleway's config file; the default with an API key in the environment",
    )
    .option('--no-sync', 'do not sync, even with an API key in the environment')
    .addOption(logFormatOption('text on a terminal, json elsewhere'))
    .addOption(DATABASE)
    .examples(
      ['iam-logs serve', 'on 127.0.0.1:4000, from ./iam-logs.db'],
      'iam-logs serve --port 8080 --database /var/lib/iam-logs/iam-logs.db',
      'IAM_LOGS_DATABASE=postgres://iam_logs@db.example.com/iam_logs iam-logs serve',
      ['iam-logs serve --sync', "with the API key of Scaleway's config file"],
    )
    .action(serve)
}

async function serve(options: ServeOptions): Promise<void> {
  const given = settingsOf(options)
  const { host = given.host, port = given.port, persisted: file = given.persisted } = options
  const config = { ...given, host, port, logFormat: options.logFormat ?? formatOf(given) }
  // Each worker does this, too; here an invalid setting becomes a one-line error.
  if (config.jwt !== null || config.signIn !== null) honourProxy()
  const persisted = file === null ? null : await readPersistedFile(file)
  const syncing = wantsSync(options)
  const alone = config.workers === 1 ? await observe(config) : null
  const log = alone?.log ?? (await createLog(config))
  const audit = createAudit(config, log)
  writeAddress(config, '')
  const registry = alone?.registry ?? processRegistry()
  const store = await openDatabase(config, openStore, alone?.onStatement)
  // Before the server reports that it listens: a stop signal sent then would otherwise kill it.
  const stop = stopSignal()
  let sync: BackgroundSync | null = null
  let server: Workers | null = null
  let endRetention = () => {}
  try {
    const nothingConfigured = !config.databaseGiven && !syncing
    const mayBeFirst = nothingConfigured && options.sample
    if (mayBeFirst && (await store.organizationIds()).length === 0) {
      process.stdout.write(`creating a sample history in ${config.database} …\n`)
      await writeSample(store, { ...SAMPLE, until: midnight() }, stop)
      if (stop.aborted) return
    }
    if (!isLoopback(host)) await refuseQuickStart(config, store)
    const syncRuns = () => sync?.runs() ?? null
    const metrics = metricsOfAll(registry, store, syncRuns, () => server)
    const init = { config, persisted }
    try {
      server =
        alone === null
          ? await startWorkers(config.workers, init, log, metrics)
          : { ...ALONE, ...(await alone.listen(store, { metrics, syncRuns, persisted })) }
    } catch (error) {
      // A service manager stops all processes at once, even those that do not listen yet.
      if (stop.aborted) return
      throw error
    }
    const secret =
      nothingConfigured && isLoopback(host)
        ? await quickStartToken(store, config.database, audit)
        : null
    const { publicUrl } = config
    const reached = publicUrl ?? server.url
    process.stdout.write(
      secret === null
        ? `listening on ${server.url}${publicUrl === null ? '' : ` for ${publicUrl}/`}\n${await tokenHint(store, config, options.database, syncing)}`
        : `Logs: ${logsLink(reached, secret)}\nGraphiQL: ${reached}/graphql#token=${secret}\n`,
    )
    writeAddress(config, `${server.url}\n`)
    if (syncing)
      sync = startBackgroundSync(options.database, log, runs => server?.setSyncRuns(runs))
    if (config.retention !== null)
      endRetention = startRetention(store, config.retention, audit, log)
    await untilStopped(stop)
    log.info('stopping')
  } finally {
    endRetention()
    await Promise.all([server?.close(), sync?.stop()])
    await store.close()
    await alone?.end()
  }
}

/** How to create the first token, or to get events; empty if an access token or grant already exists. */
async function tokenHint(
  store: AuditStore,
  { jwt, signIn }: Config,
  database: string | undefined,
  syncing: boolean,
): Promise<string> {
  if (jwt !== null || signIn !== null || (await store.tokens.list()).length > 0) return ''
  const given = database === undefined ? '' : ` --database ${shellWord(shownAddress(database))}`
  const [first = syncing ? readCredentials()?.organizationId : null] = await store.organizationIds()
  const command = ownCommand()
  return first == null
    ? `There are no events yet. To import some: ${command} import FILE${given}\n`
    : `There is no token yet. To create one: ${command} token create --organization ${first} --owner${given}\n`
}

/** Writes the address for health checks, which do not know the command's options; empty until the server listens. */
function writeAddress({ addressFile: file }: Config, text: string): void {
  try {
    if (file !== null) writeFileSync(file, text)
  } catch (error) {
    throw unwritable('IAM_LOGS_ADDRESS_FILE', file ?? '', error)
  }
}

/** A process without workers. */
const ALONE = {
  count: () => ({ alive: 1, replaced: 0 }),
  snapshots: () => [],
  setSyncRuns() {},
}

/** Loaded here, because it takes a quarter of the start time, and a process with workers does not need it. */
async function observe(config: Config): Promise<Observability> {
  const { startObservability } = await import('./observability.ts')
  return startObservability(config)
}

/** The config file alone does not turn on sync: people who try the program may have that file for other purposes. */
function wantsSync({ sync }: ServeOptions): boolean {
  if (sync === false || (sync === undefined && !hasScalewayKey())) return false
  if (readCredentials() === null) throw new InputError(NO_CREDENTIALS)
  return true
}

/** The only documents that the server executes. Refuses a file with a fault, and writes each to standard error. */
async function readPersistedFile(file: string): Promise<PersistedDocuments> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new InputError(
      `persisted documents ${quoted(file)} cannot be read (${codeOf(error)}); give the file that the client's build writes`,
    )
  }
  // Loaded here, because it loads the whole schema, and few starts need it.
  const { readPersisted } = await import('../schema/persisted.ts')
  const { documents, faults } = readPersisted(text)
  if (documents !== undefined) return documents
  for (const fault of faults) process.stderr.write(`${file}: ${fault}\n`)
  throw new InputError(
    `persisted documents ${quoted(file)} have ${plural(faults.length, 'fault')}; build the client against this version's api.graphql`,
  )
}
