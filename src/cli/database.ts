// iam-logs migrate and iam-logs verify: bring the database up to date, and check it.

import type { Command } from 'commander'
import { type DatabaseOption, withDatabase, withStore } from './command.ts'

export function addDatabase(program: Command): void {
  withDatabase(
    program.command('migrate').description('make the database, or bring it up to date'),
  ).action(async (options: DatabaseOption) => {
    // Opening a SQLite file brings it up to date.
    await withStore(options, async (_, { database }) => {
      process.stdout.write(`${database} is up to date\n`)
    })
  })

  withDatabase(
    program.command('verify').description('read the whole database and tell every fault'),
  ).action(async (options: DatabaseOption) => {
    await withStore(options, async (store, { database }) => {
      const faults = await store.verify()
      for (const fault of faults) process.stderr.write(`${database}: ${fault}\n`)
      if (faults.length > 0) process.exitCode = 1
      else process.stdout.write(`${database} is sound\n`)
    })
  })
}
