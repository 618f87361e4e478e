// iam-logs serve: the server, until it is told to stop. With nothing configured it makes itself a sample to
// show and an Owner's token to see it with.

import type { Command } from 'commander'
import { type Logger, pino } from 'pino'
import { Refusal } from '../errors.ts'
import type { PersistedDocuments } from '../graph/persisted.ts'
import type { AuditStore } from '../store.ts'
import { startBackgroundSync } from './background-sync.ts'
import {
  appSettings,
  type DatabaseOption,
  openDatabase,
  settingsOf,
  untilStopped,
  wholeNumber,
  withDatabase,
} from './command.ts'
import { type Config, hasScalewayKey, NO_CREDENTIALS, readCredentials } from './config.ts'
import { readPersistedFile } from './persisted.ts'
import { onlyQuickStart, quickStartToken } from './quick-start.ts'
import { midnight, SAMPLE, writeSample } from './sample.ts'
import { startWorkers, type Workers } from './workers.ts'

interface Options extends DatabaseOption {
  readonly host?: string
  readonly port?: number
  readonly sample: boolean
  readonly persisted?: string
  /** Not said: where there are credentials in the environment. */
  readonly sync?: boolean
}

export function addServe(program: Command): void {
  withDatabase(
    program
      .command('serve')
      .description('answer questions about the log over HTTP')
      .option('--port <n>', 'port (IAM_LOGS_PORT; otherwise 4000)', wholeNumber(0, 65535))
      .option('--host <h>', 'address to listen on (IAM_LOGS_HOST; otherwise 127.0.0.1)')
      .option(
        '--persisted <file>',
        'answer only the documents in this file (IAM_LOGS_PERSISTED; otherwise any)',
      )
      .option('--no-sample', 'make up no history, also where nothing is configured')
      .option(
        '--sync',
        "keep up to date from Scaleway, also by the credentials of Scaleway's config file; those of the environment need no word",
      )
      .option('--no-sync', 'do not, also where there are credentials'),
  ).action(serve)
}

async function serve(options: Options): Promise<void> {
  const given = settingsOf(options)
  const { host = given.host, port = given.port, persisted: file = given.persisted } = options
  const config = { ...given, host, port }
  const persisted = file === null ? null : await readPersistedFile(file)
  const syncing = wantsSync(options)
  const log = pino({ level: config.logLevel, base: null }, pino.destination(2))
  const store = await openDatabase(config)
  try {
    const nothingConfigured = !config.databaseGiven && !syncing
    const empty = (await store.organizationIds()).length === 0
    if (empty && nothingConfigured && options.sample) {
      process.stdout.write(`making up a history to look at, in ${config.database} …\n`)
      await writeSample(store, { ...SAMPLE, until: midnight() })
    }
    if (!isLoopback(host)) await refuseQuickStart(config, store)
    // Heard before anyone is told that it listens, or who stops it at once would kill it.
    const stopped = untilStopped()
    const server = await start({ config, persisted }, store, log)
    const secret =
      nothingConfigured && isLoopback(host) ? await quickStartToken(store, config.database) : null
    process.stdout.write(
      secret === null
        ? `listening on ${server.url}; make a token with: iam-logs token create\n`
        : `GraphiQL: ${server.url}/graphql#token=${secret}\n`,
    )
    const sync = syncing ? startBackgroundSync(options.database, log) : null
    await stopped
    log.info('stopping')
    await Promise.all([server.stop(), sync?.stop()])
  } finally {
    await store.close()
  }
}

/** In this process where one is enough. */
async function start(
  { config, persisted }: { config: Config; persisted: PersistedDocuments | null },
  store: AuditStore,
  log: Logger,
): Promise<Workers> {
  if (config.workers > 1) {
    return startWorkers(config.workers, { config, persisted: persisted && [...persisted] }, log)
  }
  // Loaded here, as it is a quarter of the time of a start, and the other commands need not wait for it.
  const { createApp } = await import('../http/app.ts')
  const { listen } = await import('../http/server.ts')
  const app = createApp({
    ...(await appSettings(config)),
    store,
    reportFault: error => log.error({ err: error }, 'something went wrong'),
    persisted,
  })
  const server = await listen(app, config.host, config.port)
  return { url: server.url, stop: () => server.close() }
}

/** A token that was made unasked is for this machine alone. */
async function refuseQuickStart({ host, database, jwt }: Config, store: AuditStore): Promise<void> {
  const id = jwt === null ? await onlyQuickStart(store, database) : null
  if (id === null) return
  throw new Refusal(
    'BAD_USER_INPUT',
    `${host} is open to other machines, and the only token is that of the first start (${id}); make others with: iam-logs token create`,
  )
}

/** The config file alone is not enough: who tries the program out has one of another purpose. */
function wantsSync({ sync }: Options): boolean {
  if (sync === false || (sync === undefined && !hasScalewayKey())) return false
  if (readCredentials() === null) throw new Refusal('BAD_USER_INPUT', NO_CREDENTIALS)
  return true
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}
