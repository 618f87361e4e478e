// The command line: which commands there are, and how each ends. 0 done, 1 failed, 2 wrong usage; an error
// is one line on standard error that says what to do.

import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { briefly, oneLine, Refusal } from '../errors.ts'
import { withoutPasswords } from '../storage/address.ts'
import { addBackup } from './backup.ts'
import { allOf, examples, nameOf } from './command.ts'
import { addCompletion } from './completion.ts'
import { addDatabase } from './database.ts'
import { addDoctor } from './doctor.ts'
import { addExport } from './export.ts'
import { addImport } from './import.ts'
import { addRetention } from './retention.ts'
import { addSample } from './sample.ts'
import { addServe } from './serve.ts'
import { leave } from './stopping.ts'
import { addSync } from './sync.ts'
import { addToken } from './token.ts'
import { addVerify } from './verify.ts'
import { addVerifyExport } from './verify-export.ts'

/** Runs one command. Never rejects; sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('iam-logs')
    .description("Who did what in a Scaleway Organization's IAM: kept, and answered by GraphQL")
    .version(version())
    .helpCommand(false)
    .exitOverride()
  addServe(program)
  addImport(program)
  addSync(program)
  addExport(program)
  addVerifyExport(program)
  addToken(program)
  addSample(program)
  addDatabase(program)
  addRetention(program)
  addVerify(program)
  addBackup(program)
  addDoctor(program)
  examples(
    program,
    ['iam-logs serve', 'with nothing configured: a history to look at, and a link to see it'],
    ['iam-logs doctor', 'whether everything works'],
    ['iam-logs serve --help', 'what one command takes'],
  )
  addCompletion(program)
  for (const command of allOf(program)) {
    command.exitOverride().configureOutput({
      outputError: (text, write) =>
        write(`${lineOf(text.trim(), argv)} (see ${nameOf(command)} --help)\n`),
    })
  }
  // Whoever reads the output may stop reading, as `head` does; that is no fault of anyone's.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    process.exitCode = codeFor(error, argv)
  }
  await leave()
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')).version
}

function codeFor(error: unknown, argv: readonly string[]): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Refusal) {
    process.stderr.write(`error: ${lineOf(error.message, argv)}\n`)
    return 1
  }
  // What the machine refuses has a code, as a full disk or a broken file; without one it is a bug of ours.
  if (error instanceof Error && 'code' in error) {
    process.stderr.write(`error: ${lineOf(error.message, argv)}\n`)
    return 1
  }
  process.stderr.write(
    `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  )
  return 1
}

/** As one line without a password; what somebody typed at length is not repeated at length. */
function lineOf(text: string, argv: readonly string[]): string {
  const typed = argv.flatMap(word => [word, word.slice(word.indexOf('=') + 1)])
  const short = typed
    .filter(word => word.length > 80)
    .reduce((text, word) => text.replaceAll(word, () => briefly(withoutPasswords(word))), text)
  return oneLine(withoutPasswords(short))
}
