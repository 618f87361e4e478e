// The command line: its commands, and their exit codes: 0 success, 1 failure, 2 wrong usage. An error is one line on
// standard error that says what to do.

import { readFileSync } from 'node:fs'
import { type Command, CommanderError } from 'commander'
import { briefly, oneLine, UserError } from '../errors.ts'
import { withoutPasswords } from '../storage/database-address.ts'
import { allOf, CliCommand, nameOf } from './help.ts'
import { exit } from './stop-signal.ts'

interface CommandModule {
  /** Adds options, arguments, examples and the action. */
  define(command: CliCommand): void
}

/** In the order of the help. A command is loaded when it is run: some need packages that take long to load. */
const COMMANDS: Readonly<
  Record<string, readonly [description: string, load: () => Promise<CommandModule>]>
> = {
  serve: [
    'start the server: the Logs page, GraphQL, feeds and exports',
    () => import('./serve-command.ts'),
  ],
  import: [
    'import events, and lists of users, applications, groups, policies and API keys, from files',
    () => import('./import-command.ts'),
  ],
  sync: ["read events and the directory from Scaleway's API", () => import('./sync-command.ts')],
  export: [
    'write the events of an Organization, oldest first, with a trailer that proves they are complete',
    () => import('./export-command.ts'),
  ],
  'verify-export': [
    'check that exported files are complete and unchanged',
    () => import('./verify-export-command.ts'),
  ],
  token: ['create, list and revoke access tokens', () => import('./token-command.ts')],
  access: [
    'grant rights to people who sign in with an identity provider',
    () => import('./access-command.ts'),
  ],
  organization: ['list and name Organizations', () => import('./organization-command.ts')],
  sample: [
    'create a sample history, the same for the same seed',
    () => import('./sample-command.ts'),
  ],
  migrate: ['create the database, or bring it up to date', () => import('./migrate-command.ts')],
  retention: [
    'permanently delete the events before a date, by whole months',
    () => import('./retention-command.ts'),
  ],
  verify: ['check the whole database and report every fault', () => import('./verify-command.ts')],
  backup: [
    'copy the database as it is now, also while it is in use',
    () => import('./backup-command.ts'),
  ],
  doctor: [
    'check that everything works, and say how to repair what does not',
    () => import('./doctor-command.ts'),
  ],
  completion: [
    'print a shell script that completes commands, options and file names',
    () => import('./completion-command.ts'),
  ],
}

/** Runs one command. Never rejects; sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new CliCommand('iam-logs')
    .description('Keeps the IAM logs of Scaleway Organizations, and serves them by GraphQL')
    .version(version())
    .helpCommand(false)
    .examples(
      ['iam-logs serve', 'with nothing configured: a sample history, and a link that opens it'],
      ['iam-logs doctor', 'checks the set-up'],
      ['iam-logs serve --help', 'the options of one command'],
    )
  // No option before a command takes a value.
  const named = argv.slice(2).find(word => !word.startsWith('-'))
  for (const [name, [description, load]] of Object.entries(COMMANDS)) {
    const command = program.command(name).description(description)
    // Completion is generated from all commands.
    if (name === named || named === 'completion') (await load()).define(command)
  }
  for (const command of allOf(program)) handleErrors(command, argv)
  // The reader may close the output, as `head` does; that is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    process.exitCode = codeFor(error, argv)
  }
  await exit()
}

/** Errors of usage are thrown, and written as one line. */
function handleErrors(command: Command, argv: readonly string[]): void {
  command.exitOverride().configureOutput({
    outputError: (text, write) =>
      write(`${lineOf(text.trim(), argv)} (see ${nameOf(command)} --help)\n`),
  })
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).version
}

function codeFor(error: unknown, argv: readonly string[]): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  // Errors of the system have a code, for example for a full disk; any other is a bug, whose stack helps.
  const isExpected = error instanceof UserError || (error instanceof Error && 'code' in error)
  const text = isExpected
    ? lineOf(error.message, argv)
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error)
  process.stderr.write(`error: ${text}\n`)
  return 1
}

/** One line without passwords; long arguments are shortened. */
function lineOf(text: string, argv: readonly string[]): string {
  const typed = argv.flatMap(word => [word, word.slice(word.indexOf('=') + 1)])
  const short = typed
    .filter(word => word.length > 80)
    .reduce((text, word) => text.replaceAll(word, () => briefly(withoutPasswords(word))), text)
  return oneLine(withoutPasswords(short))
}
