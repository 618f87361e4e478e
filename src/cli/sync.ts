// iam-logs sync: the log and the directory from Scaleway's API, once or for ever.

import type { Command } from 'commander'
import { examples, gathered, timeSpan, uuid, withDatabase } from './command.ts'
import type { SyncCommandOptions } from './sync-run.ts'

const MINUTE = 60 * 1_000_000

export function addSync(program: Command): void {
  const command = program
    .command('sync')
    .description("take in events and the directory from Scaleway's API")
    .option('--watch', 'go on for ever')
    .option(
      '--every <span>',
      'with --watch: so long between two looks, such as 30s; a minute unless said',
      timeSpan,
    )
    .option(
      '--organization <id>',
      'whose; may be given several times (SCW_DEFAULT_ORGANIZATION_ID)',
      gathered(uuid),
    )
    .option(
      '--profile <name>',
      "of Scaleway's config file; may be given several times, one for each API key (SCW_PROFILE)",
      gathered(String),
    )
  examples(
    withDatabase(command),
    [
      'iam-logs sync',
      'once; SCW_ACCESS_KEY, SCW_SECRET_KEY and SCW_DEFAULT_ORGANIZATION_ID say whose',
    ],
    ['iam-logs sync --watch --every 30s', 'for ever'],
    ['iam-logs sync --profile production --profile staging', "of Scaleway's config file"],
  ).action(async (options: Partial<SyncCommandOptions>) => {
    // Loaded here, as Scaleway's packages take a while, and the other commands need not wait for them.
    const { sync } = await import('./sync-run.ts')
    await sync({ every: MINUTE, ...options })
  })
}
