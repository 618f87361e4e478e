// What the commands share: the options every one takes, opening the database they name, and checked values.

import { setFlagsFromString } from 'node:v8'
import { type Command, InvalidArgumentError, Option } from 'commander'
import ms, { type StringValue } from 'ms'
import { InputError, quoted } from '../errors.ts'
import { isUuid } from '../id.ts'
import type { Instant } from '../instant.ts'
import { scalewayIds } from '../principal.ts'
import { fileOf, isPostgres, shownAddress } from '../storage/address.ts'
import { openStore, openStoreForIntake } from '../storage/open.ts'
import { isPresent } from '../storage/sqlite/migrate.ts'
import type { StatementHook } from '../storage/statement.ts'
import type { AuditStore } from '../store.ts'
import { isKeepable } from '../text.ts'
import { type Config, DEFAULT_DATABASE, LOG_FORMATS, readConfig } from './config.ts'

export interface DatabaseOption {
  readonly database?: string
}

/** Adds `--database` to a command. */
export function withDatabase(command: Command): Command {
  return command.option(
    '--database <url>',
    `file or postgres:// address of the database (IAM_LOGS_DATABASE; default: ${DEFAULT_DATABASE})`,
  )
}

/** `--log-format`, for commands that log. */
export function logFormatOption(usual: string): Option {
  return new Option(
    '--log-format <name>',
    `how the log is written (IAM_LOGS_LOG_FORMAT; default: ${usual})`,
  ).choices(LOG_FORMATS)
}

/** The settings, with what the command line says instead. */
export function settingsOf(options: DatabaseOption): Config {
  const config = readConfig()
  return options.database === undefined
    ? config
    : { ...config, database: options.database, databaseGiven: true }
}

export function openDatabase(
  config: Config,
  open = openStore,
  onStatement?: StatementHook,
): Promise<AuditStore> {
  return open(config.database, {
    ...(onStatement && { onStatement }),
    scalewayIds: scalewayIds(config.scalewayPrincipalIds, config.notScalewayPrincipalIds),
    replicas: config.replicas,
    unsafe: config.unsafeDatabase,
    poolSize: config.postgresConnections,
  })
}

type Work<T> = (store: AuditStore, config: Config) => Promise<T>

/**
 * Runs `work` on the database the options name, and closes it whatever happens. Makes none: refuses where there is
 * none, as where its name is mistyped.
 */
export async function withStore<T>(options: DatabaseOption, work: Work<T>): Promise<T> {
  const { database } = settingsOf(options)
  const file = isPostgres(database) ? null : fileOf(database)
  if (file !== null && !isPresent(file)) {
    throw new InputError(
      `there is no database ${quoted(shownAddress(database))}; check --database and IAM_LOGS_DATABASE, or create it with: iam-logs migrate`,
    )
  }
  return withStoreMade(options, work)
}

/** As `withStore`, but makes the database where there is none. `open` says how it is opened. */
export async function withStoreMade<T>(
  options: DatabaseOption,
  work: Work<T>,
  open = openStore,
): Promise<T> {
  const config = settingsOf(options)
  const store = await openDatabase(config, open)
  try {
    return await work(store, config)
  } finally {
    await store.close()
  }
}

/** As `withStoreMade`, on a database that is brought up to date first; and distributed, where a number of shards is given. */
export function withMigrated<T>(
  options: DatabaseOption,
  work: Work<T>,
  distribute: number | null = null,
): Promise<T> {
  return withStoreMade(options, work, (address, given) =>
    openStore(address, { ...given, migrate: true, distribute }),
  )
}

/** As `withStoreMade`, for commands that take in many events. */
export function withIntake<T>(options: DatabaseOption, work: Work<T>): Promise<T> {
  return withStoreMade(options, work, openStoreForIntake)
}

/**
 * For commands that stream much: V8 would let its heap grow with every batch that outlives a collection. Call it
 * before the first batch. With `least`, memory goes before speed: half of the one for half of the other.
 */
export function keepMemoryFlat({ least = false } = {}): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  if (least) setFlagsFromString('--optimize-for-size')
}

/** For commander: a whole number within limits. */
export function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text.replaceAll('_', ''))
    if (!/^\d[\d_]*$/.test(text) || number < least || number > most) {
      throw new InvalidArgumentError(`give a whole number from ${least} to ${most}`)
    }
    return number
  }
}

/** For commander: a UUID, in lower case. */
export function uuid(text: string): string {
  if (!isUuid(text)) {
    throw new InvalidArgumentError(`${quoted(text)} is not a UUID`)
  }
  return text.toLowerCase()
}

/** For commander: a span of time such as `90d`, in microseconds. */
export function timeSpan(text: string): Instant {
  const span = /^\d+\s*[a-z]+$/i.test(text) ? ms(text as StringValue) : undefined
  if (span === undefined || !(span > 0) || !Number.isSafeInteger(Date.now() * 1000 + span * 1000)) {
    throw new InvalidArgumentError('give a duration such as 12h, 90d or 1y')
  }
  return span * 1000
}

/** For commander: gathers an option that may be given several times. */
export function gathered<T>(read: (text: string) => T) {
  return (text: string, before: readonly T[] = []): readonly T[] => [...before, read(text)]
}

/** What the settings say of how the app behaves, in each of the processes that answer. */
export async function appSettings(config: Config) {
  const { host, allowedHosts, publicUrl, trustedProxies, corsOrigins, corsHeaders } = config
  const { rate, jwt, signIn, workers } = config
  const { EXPORT_LIMITS } = await import('../server/routes/export.ts')
  const { STREAM_LIMITS } = await import('../server/plugins/event-stream.ts')
  return {
    hosts: [host, ...allowedHosts, ...(publicUrl === null ? [] : [new URL(publicUrl).hostname])],
    base: publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/$/, ''),
    trustedProxies,
    origins: corsOrigins,
    originHeaders: corsHeaders,
    // Loaded only where it is needed, as every command loads this file.
    jwt: jwt && (await import('../auth/jwt.ts')).createJwtVerifier(jwt),
    signIn:
      signIn && publicUrl !== null
        ? {
            issuer: (await import('../auth/issuer.ts')).createIssuer(signIn),
            publicUrl,
            lasts: signIn.session,
          }
        : null,
    rate: { perSecond: rate, burst: 2 * rate },
    // So many are open in all.
    streams: { most: Math.ceil(STREAM_LIMITS.most / workers) },
    exports: { most: Math.ceil(EXPORT_LIMITS.most / workers) },
  }
}

/** For commander: a name that a permission set can have; whether Scaleway has it, it does not know. */
export function permissionSet(name: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]{0,99}$/.test(name)) {
    throw new InvalidArgumentError('give the name of a permission set, such as IAMReadOnly')
  }
  return name
}

const LONGEST_LABEL = 255

/** For commander: a text to know something by, as it came. */
export function label(text: string): string {
  if (!isKeepable(text) || text === '' || text.length > LONGEST_LABEL) {
    throw new InvalidArgumentError(`give 1 to ${LONGEST_LABEL} characters, none of them NUL`)
  }
  return text
}
