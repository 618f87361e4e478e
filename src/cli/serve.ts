// iam-logs serve: the server, until it is told to stop.

import type { Command } from 'commander'
import { examples, wholeNumber, withDatabase } from './command.ts'
import type { ServeOptions } from './serve-run.ts'

export function addServe(program: Command): void {
  const command = withDatabase(
    program
      .command('serve')
      .description('answer questions about the log over HTTP')
      .option('--port <n>', 'port (IAM_LOGS_PORT; otherwise 4000)', wholeNumber(0, 65535))
      .option('--host <h>', 'address to listen on (IAM_LOGS_HOST; otherwise 127.0.0.1)')
      .option(
        '--persisted <file>',
        'answer only the documents in this file (IAM_LOGS_PERSISTED; otherwise any)',
      )
      .option('--no-sample', 'make up no history, also where nothing is configured')
      .option(
        '--sync',
        "keep up to date from Scaleway, also by the credentials of Scaleway's config file; those of the environment need no word",
      )
      .option('--no-sync', 'do not, also where there are credentials'),
  )
  examples(
    command,
    ['iam-logs serve', 'on 127.0.0.1:4000, from ./iam-logs.db'],
    ['iam-logs serve --port 8080 --database /var/lib/iam-logs/iam-logs.db', ''],
    ['IAM_LOGS_DATABASE=postgres://iam_logs@db.example.com/iam_logs iam-logs serve', ''],
    ['iam-logs serve --sync', "with the API key of Scaleway's config file"],
  )
  command.action(async (options: ServeOptions) => {
    // Loaded here, as the server takes a while, and the other commands need not wait for it.
    const { serve } = await import('./serve-run.ts')
    await serve(options)
  })
}
