// iam-logs backup: a consistent copy of the database, also while it is in use.

import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { shownAddress } from '../storage/database-address.ts'
import { openAuditFile, operator } from './audit.ts'
import { type DatabaseOption, withDatabase, withStore } from './command.ts'
import { examples } from './help.ts'

export function define(command: Command): void {
  withDatabase(
    command.argument('<file>', 'a new file for the copy; to restore, use it as --database'),
  )
  examples(command, 'iam-logs backup /backups/iam-logs-2026-11-23.db')
  command.action(backup)
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
