// Lists of what is stored: as a table, and the subcommands `list` and `revoke`.

import type { AuditRecord } from '../audit-record.ts'
import { InputError, quoted } from '../errors.ts'
import { formatInstant, type Instant } from '../instant.ts'
import { shownAddress } from '../storage/database-address.ts'
import type { AuditStore } from '../store.ts'
import { openAuditFile } from './audit.ts'
import { DATABASE, type DatabaseOption, withStore } from './command.ts'
import type { CliCommand } from './help.ts'

/** The rows as lines of text, with aligned columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map(row => row[column]?.length ?? 0)),
  )
  const lines = rows.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)))
  return lines.map(cells => `${cells.join('  ').trimEnd()}\n`).join('')
}

/** In UTC, to the minute. */
export function minute(instant: Instant): string {
  return `${formatInstant(instant).slice(0, 16)}Z`
}

/** Adds the subcommand `list`. `things` are for example `tokens`. */
export function addList(
  command: CliCommand,
  things: string,
  description: string,
  heads: readonly string[],
  rowsOf: (store: AuditStore) => Promise<readonly (readonly string[])[]>,
): void {
  command
    .command('list')
    .description(description)
    .addOption(DATABASE)
    .examples(`iam-logs ${command.name()} list`)
    .action((options: DatabaseOption) =>
      withStore(options, async (store, { database }) => {
        const rows = await rowsOf(store)
        if (rows.length === 0) {
          process.stderr.write(`no ${things} found in ${shownAddress(database)}\n`)
        }
        process.stdout.write(table([heads, ...rows]))
      }),
    )
}

/** Adds the subcommand `revoke`. `revoke` returns the audit record; `null` if there is no such `thing`. */
export function addRevoke(
  command: CliCommand,
  thing: string,
  description: string,
  revoke: (store: AuditStore, id: string) => Promise<AuditRecord | null>,
): void {
  command
    .command('revoke')
    .description(description)
    .argument('<id>', 'its ID, as the list shows it')
    .addOption(DATABASE)
    .examples(`iam-logs ${command.name()} revoke f3728a22-15de-4315-a515-c52219c7da5b`)
    .action((id: string, options: DatabaseOption) =>
      withStore(options, async (store, config) => {
        const audit = openAuditFile(config)
        const record = await revoke(store, id)
        if (record === null) {
          throw new InputError(
            `${thing} ${quoted(id)} not found in ${shownAddress(config.database)}; see: iam-logs ${command.name()} list`,
          )
        }
        audit(record)
        process.stdout.write(`${thing} ${id} is revoked\n`)
      }),
    )
}
