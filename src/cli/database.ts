// iam-logs migrate and retention: bring the database up to date, and drop what is old.

import { type Command, InvalidArgumentError } from 'commander'
import { formatInstant, type Instant, parseInstant } from '../instant.ts'
import { shownAddress } from '../storage/address.ts'
import { openAuditFile, operator } from './audit.ts'
import { type DatabaseOption, examples, withDatabase, withMigrated, withStore } from './command.ts'
import { plural } from './progress.ts'

interface RetentionOptions extends DatabaseOption {
  readonly before: Instant
}

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

  const retention = withDatabase(
    program
      .command('retention')
      .description('drop the events of whole months before a date, for good (PostgreSQL only)')
      .requiredOption('--before <date>', 'what is dated from here on stays, as 2026-01-01', date),
  )
  examples(retention, [
    'iam-logs retention --before 2024-01-01',
    'drops what is dated 2023 or before',
  ])
  retention.action(async (options: RetentionOptions) => {
    await withStore(options, async (store, config) => {
      const audit = openAuditFile(config)
      const { dropped, from } = await store.dropBefore(options.before)
      const before = formatInstant(options.before)
      audit({ event: 'events_dropped', ...operator('retention'), before, events: dropped })
      const kept = from === null ? 'the beginning' : formatInstant(from).slice(0, 10)
      process.stdout.write(`${plural(dropped, 'event')} dropped; kept from ${kept} on\n`)
    })
  })
}

function date(text: string): Instant {
  const instant = parseInstant(text) ?? parseInstant(`${text}T00:00:00Z`)
  if (instant === null) throw new InvalidArgumentError('give a date like 2026-01-31')
  return instant
}
