// iam-logs migrate: creates the database, or brings it up to date.

import { InputError } from '../errors.ts'
import { shownAddress } from '../storage/database-address.ts'
import { openStore } from '../storage/open.ts'
import { DATABASE, type DatabaseOption, wholeNumber, withStoreMade } from './command.ts'
import type { CliCommand } from './help.ts'

interface MigrateOptions extends DatabaseOption {
  readonly distributed?: boolean
  readonly shards?: number
}

/** Few, because every shard has a table for each month. */
const DEFAULT_SHARDS = 8

export function define(command: CliCommand): void {
  command
    .option('--distributed', 'also distribute it over the workers of a Citus cluster, permanently')
    .option(
      '--shards <number>',
      `with --distributed: number of shards (default: ${DEFAULT_SHARDS}); few, as each has a table for each month`,
      wholeNumber(1, 128),
    )
    .addOption(DATABASE)
    .examples(
      'iam-logs migrate',
      'iam-logs migrate --database postgres://iam_logs@db.example.com/iam_logs',
      ['iam-logs migrate --distributed', 'see docs/scale.md for when to use it'],
    )
    .action(migrate)
}

async function migrate(options: MigrateOptions): Promise<void> {
  const { distributed = false, shards } = options
  if (shards !== undefined && !distributed) {
    throw new InputError('--shards needs --distributed')
  }
  const done = distributed ? 'up to date and distributed' : 'up to date'
  const distribute = distributed ? (shards ?? DEFAULT_SHARDS) : null
  await withStoreMade(
    options,
    async (_, { database }) => {
      process.stdout.write(`${shownAddress(database)} is ${done}\n`)
    },
    (address, given) => openStore(address, { ...given, migrate: true, distribute }),
  )
}
