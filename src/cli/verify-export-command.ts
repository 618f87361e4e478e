// iam-logs verify-export: whether exported files are complete and unchanged. It needs no database.

import { unreadable } from '../errors.ts'
import { plural } from '../text.ts'
import type { Verification } from '../transfer/exported-file.ts'
import type { CliCommand } from './help.ts'

export function define(command: CliCommand): void {
  command
    .argument('<file...>', 'exported files, in any format')
    .examples('iam-logs verify-export events.ndjson')
    .action(async (files: string[]) => {
      for (const file of files) {
        const verified = await verify(file)
        if ('fault' in verified) {
          process.stderr.write(`${file} ${verified.fault}\n`)
          process.exitCode = 1
        } else {
          const { events, sha256 } = verified
          process.stdout.write(
            `${file} is complete: ${plural(events, 'event')}, SHA-256 ${sha256}\n`,
          )
        }
      }
    })
}

async function verify(file: string): Promise<Verification> {
  const { verifyExport } = await import('../transfer/exported-file.ts')
  try {
    return await verifyExport(file)
  } catch {
    throw unreadable(file)
  }
}
