// iam-logs retention: deletes old events permanently; by command, or daily while the server runs.

import { createInterface } from 'node:readline/promises'
import type { Audit } from '../audit-record.ts'
import { InputError } from '../errors.ts'
import { formatInstant, type Instant, now } from '../instant.ts'
import { shownAddress } from '../storage/database-address.ts'
import type { AuditStore, DroppedEvents } from '../store.ts'
import { plural } from '../text.ts'
import { openAuditFile, operator } from './audit.ts'
import { DATABASE, type DatabaseOption, date, withStore } from './command.ts'
import type { CliCommand } from './help.ts'
import type { Logger } from './log.ts'

interface RetentionOptions extends DatabaseOption {
  readonly before: Instant
  readonly yes?: boolean
  readonly dryRun?: boolean
}

export function define(command: CliCommand): void {
  command
    .requiredOption('--before <date>', 'the first date to keep, such as 2026-01-01', date)
    .option('--dry-run', 'only show what would be deleted')
    .option('--yes', 'delete without asking')
    .addOption(DATABASE)
    .examples(
      [
        'iam-logs retention --before 2024-01-01',
        'shows how many events are from 2023 or before, and asks',
      ],
      ['iam-logs retention --before 2024-01-01 --dry-run', 'deletes nothing'],
    )
    .action(retention)
}

async function retention({ before, yes, dryRun, ...options }: RetentionOptions): Promise<void> {
  if (yes !== true && dryRun !== true && !process.stdin.isTTY) {
    throw new InputError(
      'the deletion cannot be confirmed without a terminal; add --yes to delete the events, or --dry-run to see what would be deleted',
    )
  }
  await withStore(options, async (store, config) => {
    const database = shownAddress(config.database)
    const due = await store.expired(before)
    process.stdout.write(
      `${database}: ${plural(due.dropped, 'event')} dated before ${keptFrom(due)} would be deleted permanently\n`,
    )
    if (dryRun === true) return
    // Also if there are no such events yet: later ones with such dates are refused.
    if (due.dropped > 0 && yes !== true && !(await isConfirmed())) {
      process.stdout.write('nothing was deleted\n')
      return
    }
    const dropped = await drop(store, before, openAuditFile(config), 'retention')
    process.stdout.write(
      dropped.dropped === 0
        ? `nothing was deleted: no events are dated before ${keptFrom(dropped)}\n`
        : `${plural(dropped.dropped, 'event')} deleted; events from ${keptFrom(dropped)} on are kept\n`,
    )
  })
}

async function isConfirmed(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question('Delete them? [y/N] ')).trim())
  } finally {
    terminal.close()
  }
}

async function drop(
  store: AuditStore,
  instant: Instant,
  audit: Audit,
  command: string,
): Promise<DroppedEvents> {
  const dropped = await store.dropBefore(instant)
  const before = formatInstant(instant)
  audit({ event: 'events_dropped', ...operator(command), before, events: dropped.dropped })
  return dropped
}

function keptFrom({ from }: DroppedEvents): string {
  return from === null ? 'the beginning' : formatInstant(from).slice(0, 10)
}

/** Milliseconds. */
const DAY = 86_400_000

/** Deletes events older than `span` now and then daily; an error is logged. Returns the function that stops it. */
export function startRetention(
  store: AuditStore,
  span: Instant,
  audit: Audit,
  log: Logger,
): () => void {
  async function run(): Promise<void> {
    try {
      const { dropped } = await drop(store, now() - span, audit, 'serve')
      if (dropped > 0) log.info({ events: dropped }, 'events deleted by IAM_LOGS_RETENTION')
    } catch (error) {
      log.error(
        { err: error },
        'IAM_LOGS_RETENTION could not delete events; it tries again in a day',
      )
    }
  }
  void run()
  const timer = setInterval(run, DAY).unref()
  return () => clearInterval(timer)
}
