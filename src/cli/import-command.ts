// iam-logs import: reads events and directory lists from files in the format of Scaleway's API and CLI.

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { addAbortSignal, type Readable } from 'node:stream'
import type { Command } from 'commander'
import { briefly, InputError, quoted, UserError, unreadable } from '../errors.ts'
import { type Directory, decodeEvent, decodeListing } from '../scaleway/wire.ts'
import type { AuditStore } from '../store.ts'
import { plural } from '../text.ts'
import { EncodingError } from '../transfer/encoding.ts'
import { importEvents } from '../transfer/import.ts'
import { readJsonValue } from '../transfer/json.ts'
import {
  DATABASE,
  type DatabaseOption,
  gathered,
  keepMemoryFlat,
  uuid,
  withIntake,
} from './command.ts'
import type { CliCommand } from './help.ts'
import { appendedText, firstLines, progressBar } from './progress.ts'
import { stopSignal } from './stop-signal.ts'

interface Options extends DatabaseOption {
  readonly directory?: readonly string[]
  readonly organization?: string
}

/** In bytes: a directory list is read into memory; this is enough for hundreds of thousands of users. */
const MAX_DIRECTORY = 64 * 1024 * 1024

/** In bytes; smaller than the default, so that an import fits into 250 MB. */
const APPEND_CACHE = 20_000_000

export function define(command: CliCommand): void {
  command
    .argument(
      '[file...]',
      'JSON or NDJSON with events, as the API and scw return them; - is standard input',
    )
    .option(
      '--directory <file>',
      'a list of users, applications, groups, policies or API keys; can be repeated',
      gathered(String),
    )
    .option(
      '--organization <id>',
      'Organization of the --directory lists that do not name it: empty lists, and lists of API keys',
      uuid,
    )
    .addOption(DATABASE)
    .examples(
      'scw iam log list -o json | iam-logs import -',
      'iam-logs import logs.json --directory users.json --directory applications.json',
      'iam-logs import --directory empty.json --organization 1426f6ec-7eb8-4326-8b71-81c6b6392e75',
    )
    .action(runImport)
}

async function runImport(files: string[], options: Options, command: Command): Promise<void> {
  const directories = options.directory ?? []
  if (files.length + directories.length === 0) {
    command.error('error: nothing to import; name a file, or - for standard input')
  }
  for (const file of [...files, ...directories]) await checkReadable(file)
  keepMemoryFlat('most')
  const organizationId = options.organization ?? null
  const lists: NamedDirectory[] = []
  for (const file of directories) lists.push(await readDirectory(file, organizationId))
  let faults = 0
  const stop = stopSignal()
  const work = async (store: AuditStore) => {
    for (const file of files) {
      if (!stop.aborted) faults += await importFile(store, file, stop)
    }
    for (const list of lists) {
      if (!stop.aborted) faults += await importDirectory(store, list, organizationId)
    }
  }
  await withIntake(options, work, { appendCache: APPEND_CACHE })
  if (stop.aborted) {
    process.stderr.write('stopped: everything imported so far is kept; to continue, run it again\n')
  }
  if (faults > 0 || stop.aborted) process.exitCode = 1
}

async function importFile(store: AuditStore, file: string, stop: AbortSignal): Promise<number> {
  const name = file === '-' ? 'standard input' : briefly(file)
  const size = file === '-' ? null : (await stat(file)).size
  const bar = progressBar(size, name)
  const faults = faultsOf(name)
  const { failed, ...appended } = await importEvents(
    readUntil(stop, file),
    decodeEvent,
    events => store.append(events),
    {
      problem: (line, text) => stop.aborted || faults.add(`line ${line}: ${text}`),
      progress: (bytes, events) => bar.at(bytes, events),
    },
  )
    .catch(error => {
      if (error instanceof EncodingError) {
        throw new UserError(error.code, `${name}: ${error.message}`)
      }
      throw error
    })
    .finally(() => bar.end())
  // When stopped, an event may be cut off.
  const invalid = stop.aborted ? 0 : failed
  process.stdout.write(
    `${name}: ${appendedText(appended)}${invalid > 0 ? `, ${invalid} invalid and left out` : ''}\n`,
  )
  faults.end()
  return invalid
}

interface NamedDirectory {
  readonly name: string
  readonly directory: Directory
}

/** Read before anything is imported, so that nothing is imported if a file is not a list. */
async function readDirectory(file: string, organizationId: string | null): Promise<NamedDirectory> {
  const name = file === '-' ? 'standard input' : briefly(file)
  const decoded = decodeListing(await readJsonFile(file, name), organizationId)
  if (!('value' in decoded)) {
    throw new InputError(`${name}: ${decoded.field} ${decoded.problem}`)
  }
  return { name, directory: decoded.value }
}

async function importDirectory(
  store: AuditStore,
  { name, directory }: NamedDirectory,
  organizationId: string | null,
): Promise<number> {
  const { kind, listings, complete, problems } = directory
  const faults = faultsOf(name)
  for (const { field, problem } of problems) faults.add(`${field} ${problem}`)
  faults.end()
  if (organizationId === null && listings.length === 0) {
    const what = problems.length === 0 ? 'an empty list' : 'a list that names no Organization'
    process.stdout.write(`${name}: ${what}; give its Organization with --organization\n`)
  }
  const word = kind === 'api_key' ? 'API key' : kind
  for (const listing of listings) {
    const { written, removed } = await store.updateDirectory(listing)
    process.stdout.write(
      `${name}: ${plural(listing.entries.length, word)} of ${listing.organizationId}, ${written} new or changed, ${removed} removed${complete ? '' : ' (the list is incomplete, so nothing counts as removed)'}\n`,
    )
  }
  return problems.length
}

async function readJsonFile(file: string, name: string): Promise<unknown> {
  try {
    return await readJsonValue(open(file), MAX_DIRECTORY)
  } catch (error) {
    if (error instanceof UserError) throw new UserError(error.code, `${name}: ${error.message}`)
    throw error
  }
}

function open(file: string): Readable {
  return file === '-' ? process.stdin : createReadStream(file)
}

/** The content of the file, up to `stop`. */
async function* readUntil(stop: AbortSignal, file: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of addAbortSignal(stop, open(file))) {
      if (stop.aborted) return
      yield chunk
    }
  } catch (error) {
    if (!stop.aborted) throw error
  }
}

/** Checked before anything is imported, so that nothing is imported if a name is mistyped. */
async function checkReadable(file: string): Promise<void> {
  if (file === '-') return
  try {
    const found = await stat(file)
    if (found.isDirectory())
      throw new InputError(`${quoted(file)} is a folder; name the files in it`)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw unreadable(file)
  }
}

function faultsOf(name: string) {
  return firstLines(line => process.stderr.write(`${name}: ${line}\n`), 'faults')
}
