// iam-logs export: writes an Organization's events to standard output or to a file. Its user has access to the
// database, so it exports what an Owner sees, unless permission sets are given.

import { once } from 'node:events'
import { type Command, Option } from 'commander'
import type { ExportRecord } from '../audit-record.ts'
import { InputError, quoted, UserError, unwritable } from '../errors.ts'
import type { EventFilter } from '../event.ts'
import { canonicalId } from '../id.ts'
import type { LogReader } from '../log-reader.ts'
import {
  FILTER_NAMES,
  type FilterName,
  type FilterTexts,
  filterFromTexts,
} from '../schema/filter-text.ts'
import { shownAddress } from '../storage/database-address.ts'
import { plural } from '../text.ts'
import { EventsDeleted, type ExportRequest, exportEvents } from '../transfer/export.ts'
import { EXPORT_FORMATS, type ExportForm, exportForm } from '../transfer/export-formats.ts'
import { exportToFile } from '../transfer/export-to-file.ts'
import { KNOWN_PERMISSION_SETS, visibilityOf } from '../visibility.ts'
import { openAuditFile, operator } from './audit.ts'
import {
  DATABASE,
  type DatabaseOption,
  gathered,
  keepMemoryFlat,
  uuid,
  withStore,
} from './command.ts'
import type { CliCommand } from './help.ts'
import { progressBar } from './progress.ts'
import { noEvents, notePermissionSets, permissionSet, showEvents } from './rights.ts'
import { stopSignal } from './stop-signal.ts'

interface ExportOptions extends DatabaseOption, FilterTexts {
  readonly organization: string
  readonly format: string
  readonly output?: string
  readonly continue?: true
  readonly snapshot?: string
  readonly after?: string
  readonly permissionSet?: readonly string[]
  readonly trailer: boolean
  readonly separator?: string
  readonly spreadsheet?: true
}

/** The value that each condition's option takes, and its meaning. */
const FILTER_OPTIONS: Readonly<Record<FilterName, readonly [takes: string, meaning: string]>> = {
  createdAfter: ['date', 'dated at or after this date and time'],
  createdBefore: ['date', 'dated before this date and time'],
  actions: ['words', 'with any of these actions, such as CREATED,DELETED'],
  categories: ['words', 'of any of these categories, such as API_KEY,POLICY'],
  principalIds: ['ids', 'by any of these principals, separated by commas'],
  resourceIds: ['ids', 'to any of these resources'],
  ipAddresses: ['addresses', 'from any of these addresses and CIDR blocks'],
  userAgent: ['text', 'by a user agent that contains this text'],
  userAgents: [
    'text',
    'by a user agent that contains this text; can be repeated for any of several',
  ],
  notActions: ['words', 'with none of these actions'],
  notCategories: ['words', 'of none of these categories'],
  notPrincipalIds: ['ids', 'by none of these principals'],
  notIpAddresses: ['addresses', 'from none of these addresses and blocks'],
  notUserAgents: ['text', 'by no user agent that contains this text; can be repeated'],
}

export function define(command: CliCommand): void {
  command
    .requiredOption('--organization <id>', 'Organization whose events to export', uuid)
    .addOption(
      new Option(
        '--format <name>',
        'ndjson can be imported again, csv is for spreadsheets, ocsf for security tools',
      )
        .choices(EXPORT_FORMATS.map(({ name }) => name).toSorted())
        .default('ndjson'),
    )
    .option('--no-trailer', 'omit the trailer, the last line, which some programs read as an event')
    .addOption(
      new Option(
        '--separator <character>',
        'separator of the columns of csv (default: a comma)',
      ).choices([',', ';']),
    )
    .option(
      '--spreadsheet',
      'csv for spreadsheets: marked as UTF-8, with dates in a format that they recognize',
    )
    .option('--output <file>', 'write to this file, which is created when the export is complete')
    .option('--continue', 'resume an interrupted export to the same file')
    .option(
      '--permission-set <name...>',
      `only what these permission sets show; supported: ${KNOWN_PERMISSION_SETS.join(', ')}`,
      gathered(permissionSet),
    )
    .option(
      '--snapshot <id>',
      'only events that arrived up to this one, which an earlier export named',
      uuid,
    )
    .option('--after <id>', 'only the rows after this event; needs --snapshot', uuid)
    .addOption(DATABASE)
    .examples(
      'iam-logs export --organization 1426f6ec-7eb8-4326-8b71-81c6b6392e75 --output events.ndjson',
      [
        'iam-logs export --organization 1426f6ec-7eb8-4326-8b71-81c6b6392e75 --format csv --actions DELETED',
        'all deletions',
      ],
      [
        "iam-logs export --organization 1426f6ec-7eb8-4326-8b71-81c6b6392e75 --format csv --spreadsheet --separator ';' --output events.csv",
        'for Excel in countries with a decimal comma',
      ],
    )
    .action(runExport)
  for (const name of FILTER_NAMES) {
    const [takes, meaning] = FILTER_OPTIONS[name]
    const option = name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
    command.option(`--${option} <${takes}>`, meaning, gathered(String))
  }
}

/** Exits with 2 if the options contradict each other. */
async function runExport(options: ExportOptions, command: Command): Promise<void> {
  const { output, after, snapshot } = options
  if (after !== undefined && snapshot === undefined) {
    command.error('error: --after needs the --snapshot that the interrupted export named')
  }
  if (output === undefined && options.continue === true) {
    command.error('error: --continue needs --output FILE')
  }
  if (output !== undefined && after !== undefined) {
    command.error('error: --after cannot be used with --output; use --continue instead')
  }
  const filter = orUsageError(() => filterFromTexts(options), command)
  const form = orUsageError(() => formOf(options), command)
  keepMemoryFlat()
  await withStore(options, async (store, config) => {
    const audit = openAuditFile(config)
    const log = store.reader(visibilityOf(viewerOf(options)))
    const request = await requestOf(options, form, filter, log, shownAddress(config.database))
    const stop = stopSignal()
    const bar = progressBar(await totalOf(log, request), 'export')
    let events = 0
    let last: string | null = null
    let isComplete = false
    let result = ''
    const progress = (count: number, id: string | null = null) => {
      events = count
      last = id
      bar.at(count, count)
    }
    const record = (outcome: Pick<ExportRecord, 'event' | 'complete' | 'events'>) =>
      audit({ ...outcome, ...operator('export'), ...recordOf(options, request) })
    record({ event: 'export_began' })
    try {
      if (output === undefined) {
        const rest = after === undefined ? null : canonicalId(after)
        isComplete = await write(exportEvents(log, request, { after: rest, progress }), stop)
        if (!isComplete) result = stopped(request, last)
      } else {
        const done = await exportToFile(log, request, output, {
          resume: options.continue === true,
          permissionSets: options.permissionSet ?? null,
          progress,
          stop,
        })
        events = done.events
        isComplete = done.part === null
        result = isComplete
          ? `${output}: ${plural(events, 'event')}, snapshot ${done.snapshot}\n`
          : `stopped: ${plural(events, 'event')} kept in ${done.part}; to resume, run it again with --continue\n`
      }
    } catch (error) {
      if (error instanceof EventsDeleted) throw new InputError(error.message)
      // Only errors of the file system have a path.
      const isOfFile = output !== undefined && error instanceof Error && 'path' in error
      throw isOfFile ? unwritable('--output', output, error) : error
    } finally {
      bar.end()
      record({ event: 'export_ended', complete: isComplete, events })
    }
    process.stderr.write(result)
    if (!isComplete) process.exitCode = 1
  })
}

function recordOf(options: ExportOptions, { organizationId, format, snapshot }: ExportRequest) {
  const { after, output } = options
  const given = FILTER_NAMES.filter(name => options[name] !== undefined)
  return {
    organizationId,
    format: format.name,
    filter: Object.fromEntries(given.map(name => [name, options[name] ?? []])),
    snapshot,
    after: after ?? null,
    output: output ?? null,
  }
}

/** Writes no faster than the output is read. Returns whether everything was written. */
async function write(chunks: AsyncIterable<Buffer>, stop: AbortSignal): Promise<boolean> {
  for await (const chunk of chunks) {
    if (stop.aborted) return false
    if (process.stdout.write(chunk)) continue
    await once(process.stdout, 'drain', { signal: stop }).catch(error => {
      if (!stop.aborted) throw error
    })
  }
  return true
}

function stopped({ snapshot }: ExportRequest, last: string | null): string {
  return last === null
    ? 'stopped before the first event was written\n'
    : `stopped: the output is incomplete; for the rest, run it again with --snapshot ${snapshot} --after ${last}\n`
}

/** The number of events, for the progress bar; `null` if there is no bar, or counting would take long. */
async function totalOf(
  log: LogReader,
  { organizationId, filter }: ExportRequest,
): Promise<number | null> {
  if (!process.stderr.isTTY) return null
  const counts = await log.eventCounts(organizationId, filter)
  if (counts.since !== null) return null
  return (await counts.kinds()).reduce((sum, { events }) => sum + events, 0)
}

/** By the same rules as the parameters of the server's `/export`. */
function formOf({ format: name, trailer, separator, spreadsheet }: ExportOptions): ExportForm {
  const format = EXPORT_FORMATS.find(format => format.name === name)
  if (format === undefined) throw new Error(`no format ${name}`)
  return exportForm(format, name => {
    if (name === 'trailer') return trailer ? 'yes' : 'no'
    if (name === 'for') return spreadsheet === true ? 'spreadsheet' : null
    return separator ?? null
  })
}

/** Runs `read`; reports an option that makes no sense as wrong usage. */
function orUsageError<T>(read: () => T, command: Command): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof UserError) command.error(`error: ${error.message}`)
    throw error
  }
}

/** Refuses permission sets that show no events, and reports each set that has no effect. */
function viewerOf({ organization: organizationId, permissionSet: sets }: ExportOptions) {
  if (sets !== undefined && !showEvents(sets)) throw new InputError(noEvents(sets))
  notePermissionSets(sets ?? [])
  const membership = { organizationId, owner: sets === undefined, permissionSets: sets ?? [] }
  return { id: 'export', name: null, memberships: [membership] }
}

async function requestOf(
  { organization: organizationId, snapshot }: ExportOptions,
  form: ExportForm,
  filter: EventFilter,
  log: LogReader,
  database: string,
): Promise<ExportRequest> {
  const [organization] = await log.organizationsById([organizationId])
  if (organization === null) {
    throw new InputError(
      `Organization ${quoted(organizationId)} not found in ${database}; import or sync its events first`,
    )
  }
  return {
    organizationId,
    filter,
    ...form,
    snapshot: snapshot ?? (await log.lastArrival(organizationId)),
  }
}
