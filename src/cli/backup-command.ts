// iam-logs backup: a consistent copy of the database, also while it is in use.

import { statSync } from 'node:fs'
import { shownAddress } from '../storage/database-address.ts'
import { openAuditFile, operator } from './audit.ts'
import { DATABASE, type DatabaseOption, withStore } from './command.ts'
import type { CliCommand } from './help.ts'

export function define(command: CliCommand): void {
  command
    .argument('<file>', 'a new file for the copy; to restore, use it as --database')
    .addOption(DATABASE)
    .examples('iam-logs backup /backups/iam-logs-2026-11-23.db')
    .action(backup)
}

async function backup(file: string, options: DatabaseOption): Promise<void> {
  await withStore(options, async (store, config) => {
    const audit = openAuditFile(config)
    await store.backup(file)
    audit({ event: 'backup_made', ...operator('backup'), output: file })
    const bytes = statSync(file).size.toLocaleString('en')
    process.stdout.write(`${file}: ${bytes} bytes, a copy of ${shownAddress(config.database)}\n`)
  })
}
