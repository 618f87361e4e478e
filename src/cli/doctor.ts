// iam-logs doctor: whether everything works, and what to do where it does not.

import type { Command } from 'commander'
import { gathered, withDatabase } from './command.ts'
import type { DoctorOptions } from './doctor-run.ts'
import { examples } from './help.ts'

export function define(command: Command): void {
  examples(
    withDatabase(
      command.option(
        '--profile <name>',
        "of Scaleway's config file; may be given several times, one for each API key (SCW_PROFILE)",
        gathered(String),
      ),
    ),
    ['iam-logs doctor', 'ends with 0 where nothing is at fault, otherwise with 1'],
    ['iam-logs doctor --database postgres://iam_logs@db.example.com/iam_logs', 'another database'],
  ).action(async (options: DoctorOptions) => {
    // Loaded here, as the other commands need none of it.
    const { doctor } = await import('./doctor-run.ts')
    await doctor(options)
  })
}
