// iam-logs backup: a copy of the database that is whole, while the server answers and events come in.

import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { shownAddress } from '../storage/address.ts'
import { openAuditFile, operator } from './audit.ts'
import { type DatabaseOption, examples, withDatabase, withStore } from './command.ts'

export function addBackup(program: Command): void {
  const command = withDatabase(
    program
      .command('backup')
      .description('copy the database as it is now, also while it is written to')
      .argument('<file>', 'the copy, a new file; to restore, name it as the database'),
  )
  examples(command, ['iam-logs backup /backups/iam-logs-2026-11-23.db', ''])
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
