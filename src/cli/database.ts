// iam-logs migrate: makes the database, or brings it up to date.

import type { Command } from 'commander'
import { shownAddress } from '../storage/address.ts'
import { type DatabaseOption, examples, withDatabase, withMigrated } from './command.ts'

export function addDatabase(program: Command): void {
  examples(
    withDatabase(
      program.command('migrate').description('make the database, or bring it up to date'),
    ),
    ['iam-logs migrate', ''],
    ['iam-logs migrate --database postgres://iam_logs@db.example.com/iam_logs', ''],
  ).action(async (options: DatabaseOption) => {
    await withMigrated(options, async (_, { database }) => {
      process.stdout.write(`${shownAddress(database)} is up to date\n`)
    })
  })
}
