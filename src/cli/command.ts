// Shared by commands: common options, opening the database, and commander's parsers for option values.

import { setFlagsFromString } from 'node:v8'
import { InvalidArgumentError, Option } from 'commander'
import ms, { type StringValue } from 'ms'
import { InputError, quoted } from '../errors.ts'
import { isUuid } from '../id.ts'
import { type Instant, parseInstant } from '../instant.ts'
import { scalewayIds } from '../principal.ts'
import { fileOf, isPostgres, shownAddress } from '../storage/database-address.ts'
import { openStore, type StoreOptions } from '../storage/open.ts'
import type { StatementHook } from '../storage/queries.ts'
import { openStoreForIntake } from '../storage/sqlite/append-thread.ts'
import { isPresent } from '../storage/sqlite/sqlite-file.ts'
import type { AuditStore } from '../store.ts'
import { isKeepable } from '../text.ts'
import { type Config, DEFAULT_DATABASE, LOG_FORMATS, readConfig } from './config.ts'

export interface DatabaseOption {
  readonly database?: string
}

export const DATABASE = new Option(
  '--database <url>',
  `file or postgres:// address of the database (IAM_LOGS_DATABASE; default: ${DEFAULT_DATABASE})`,
)

export function logFormatOption(usual: string): Option {
  return new Option(
    '--log-format <name>',
    `format of the log (IAM_LOGS_LOG_FORMAT; default: ${usual})`,
  ).choices(LOG_FORMATS)
}

/** The settings, overridden by the command line. */
export function settingsOf(options: DatabaseOption): Config {
  const given = readConfig()
  const config =
    options.database === undefined
      ? given
      : { ...given, database: options.database, databaseGiven: true }
  // SQLite would open a temporary database, and everything written to it would be lost.
  if (fileOf(config.database) === '') {
    throw new InputError(
      'the address of the database is empty; give the path of a SQLite file, or postgres://user@host/name',
    )
  }
  return config
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

/** Runs `work` on the database of the options, and closes it afterwards. Refuses if the database does not exist. */
export async function withStore<T>(options: DatabaseOption, work: Work<T>): Promise<T> {
  const { database } = settingsOf(options)
  const file = isPostgres(database) ? null : fileOf(database)
  if (file !== null && !isPresent(file)) {
    throw new InputError(
      `database ${quoted(shownAddress(database))} not found; check --database and IAM_LOGS_DATABASE, or create it with: iam-logs migrate`,
    )
  }
  return withStoreMade(options, work)
}

/** Like `withStore`, but creates the database if it does not exist. */
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

/** Like `withStoreMade`, for commands that add many events. */
export function withIntake<T>(
  options: DatabaseOption,
  work: Work<T>,
  parts: Pick<StoreOptions, 'appendCache'> = {},
): Promise<T> {
  const open: typeof openStore = (address, given) =>
    openStoreForIntake(address, { ...given, ...parts })
  return withStoreMade(options, work, open)
}

const SAVINGS = {
  /** Garbage is collected when it is as much as what is in use, instead of several times as much; as fast. */
  some: '--heap-growing-percent=100',
  /** Half the memory, and up to half as much time again. */
  most: '--optimize-for-size',
} as const

/**
 * For commands that stream much data; must be called before the first batch: V8 would otherwise enlarge its young
 * generation.
 */
export function keepMemoryFlat(saving?: keyof typeof SAVINGS): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  if (saving !== undefined) setFlagsFromString(SAVINGS[saving])
}

export function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text.replaceAll('_', ''))
    if (!/^\d[\d_]*$/.test(text) || number < least || number > most) {
      throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}`)
    }
    return number
  }
}

/** In lower case. */
export function uuid(text: string): string {
  if (!isUuid(text)) {
    throw new InvalidArgumentError(`${quoted(text)} is not a UUID`)
  }
  return text.toLowerCase()
}

/** A duration such as `90d`, in microseconds. */
export function timeSpan(text: string): Instant {
  const span = /^\d+\s*[a-z]+$/i.test(text) ? ms(text as StringValue) : undefined
  if (span === undefined || !(span > 0) || !Number.isSafeInteger(Date.now() * 1000 + span * 1000)) {
    throw new InvalidArgumentError('Give a duration such as 12h, 90d or 1y')
  }
  return span * 1000
}

/** A date, which means its start in UTC, or any other instant. */
export function date(text: string): Instant {
  const instant = parseInstant(text) ?? parseInstant(`${text}T00:00:00Z`)
  if (instant === null || instant < 0)
    throw new InvalidArgumentError('Give a date from 1970 to 2254, like 2026-01-31')
  return instant
}

/** Collects the values of an option that can be repeated. */
export function gathered<T>(read: (text: string) => T) {
  return (text: string, before: readonly T[] = []): readonly T[] => [...before, read(text)]
}

const MAX_LABEL = 255

/** A name or an identifier, unchanged. */
export function label(text: string): string {
  if (!isKeepable(text) || text === '' || text.length > MAX_LABEL) {
    throw new InvalidArgumentError(`Give 1 to ${MAX_LABEL} characters, none of them NUL`)
  }
  return text
}
