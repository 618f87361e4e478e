// iam-logs migrate: creates the database, or brings it up to date.

import type { Command } from 'commander'
import { InputError } from '../errors.ts'
import { shownAddress } from '../storage/database-address.ts'
import { type DatabaseOption, wholeNumber, withDatabase, withMigrated } from './command.ts'
import { examples } from './help.ts'

interface MigrateOptions extends DatabaseOption {
  readonly distributed?: boolean
  readonly shards?: number
}

/** Few, because every shard has a table for each month. */
const DEFAULT_SHARDS = 8

export function define(command: Command): void {
  examples(
    withDatabase(
      command
        .option(
          '--distributed',
          'also distribute it over the workers of a Citus cluster, permanently',
        )
        .option(
          '--shards <number>',
          `with --distributed: number of shards (default: ${DEFAULT_SHARDS}); few, as each has a table for each month`,
          wholeNumber(1, 128),
        ),
    ),
    'iam-logs migrate',
    'iam-logs migrate --database postgres://iam_logs@db.example.com/iam_logs',
    ['iam-logs migrate --distributed', 'see docs/scale.md for when to use it'],
  ).action(async ({ distributed = false, shards, ...options }: MigrateOptions) => {
    if (shards !== undefined && !distributed) {
      throw new InputError('--shards needs --distributed')
    }
    const done = distributed ? 'up to date and distributed' : 'up to date'
    await withMigrated(
      options,
      async (_, { database }) => {
        process.stdout.write(`${shownAddress(database)} is ${done}\n`)
      },
      distributed ? (shards ?? DEFAULT_SHARDS) : null,
    )
  })
}
