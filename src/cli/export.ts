// iam-logs export: an Organization's events to standard output or to a file. Who runs it holds the database, so it
// sees as an Owner, unless it says whose eyes to see with.

import { once } from 'node:events'
import { type Command, Option } from 'commander'
import { quoted, Refusal } from '../errors.ts'
import type { EventFilter } from '../event.ts'
import { canonicalId } from '../id.ts'
import type { LogReader } from '../store.ts'
import { type ExportRequest, exportEvents } from '../transfer/export.ts'
import { EXPORT_FORMATS } from '../transfer/export-formats.ts'
import { KNOWN_PERMISSION_SETS, sightOf, visibilityOf } from '../visibility.ts'
import {
  type DatabaseOption,
  gathered,
  keepMemoryFlat,
  permissionSet,
  uuid,
  withDatabase,
  withStore,
} from './command.ts'
import { exportToFile } from './export-file.ts'
import { plural, progressBar } from './progress.ts'

interface Options extends DatabaseOption, Texts {
  readonly organization: string
  readonly format: string
  readonly output?: string
  readonly continue?: true
  readonly snapshot?: string
  readonly after?: string
  readonly permissionSet?: readonly string[]
}

/** The filter, as the options give it. */
interface Texts {
  readonly createdAfter?: readonly string[]
  readonly createdBefore?: readonly string[]
  readonly actions?: readonly string[]
  readonly categories?: readonly string[]
  readonly principalIds?: readonly string[]
  readonly resourceIds?: readonly string[]
  readonly ipAddress?: readonly string[]
  readonly userAgent?: readonly string[]
}

const texts = gathered(String)

export function addExport(program: Command): void {
  withDatabase(
    program
      .command('export')
      .description(
        'write the events of an Organization, oldest first, with a trailer that proves they are all',
      )
      .requiredOption('--organization <id>', 'whose events', uuid)
      .addOption(
        new Option('--format <name>', 'ndjson is what import takes, csv is for spreadsheets')
          .choices(EXPORT_FORMATS.map(({ name }) => name).toSorted())
          .default('ndjson'),
      )
      .option('--output <file>', 'write to a file, which appears when it is whole')
      .option('--continue', 'go on with what an export to the same file left that was cut off')
      .option('--created-after <date>', 'from this date and time, included', texts)
      .option('--created-before <date>', 'up to this date and time, excluded', texts)
      .option('--actions <words>', 'any of these, as CREATED,DELETED', texts)
      .option('--categories <words>', 'any of these, as API_KEY,POLICY', texts)
      .option('--principal-ids <ids>', 'by any of these principals, with commas between', texts)
      .option('--resource-ids <ids>', 'to any of these resources', texts)
      .option('--ip-address <address>', 'from this address or CIDR block', texts)
      .option('--user-agent <text>', 'by a user agent that contains this', texts)
      .option(
        '--permission-set <name...>',
        `what a holder of these sees, and not all; those that show something here: ${KNOWN_PERMISSION_SETS.join(', ')}`,
        gathered(permissionSet),
      )
      .option(
        '--snapshot <id>',
        'the events that had arrived when this one had; all unless given',
        uuid,
      )
      .option(
        '--after <id>',
        'only the rows behind that of this event, of the same snapshot',
        uuid,
      ),
  ).action(run)
}

async function run(options: Options, command: Command): Promise<void> {
  const { output, after, snapshot } = options
  if (after !== undefined && snapshot === undefined) {
    command.error('error: --after needs the --snapshot it goes on in')
  }
  if (output === undefined && options.continue === true) {
    command.error('error: --continue needs the --output FILE that was asked for')
  }
  if (output !== undefined && after !== undefined) {
    command.error('error: --after gives the rest of a file; use --continue with --output')
  }
  const filter = await filterOf(options, command)
  keepMemoryFlat()
  await withStore(options, async store => {
    const log = store.reader(visibilityOf(viewerOf(options)))
    const request = await requestOf(options, filter, log)
    const bar = progressBar(null, 'export')
    const progress = (events: number) => bar.at(0, events)
    try {
      if (output !== undefined) {
        const events = await exportToFile(log, request, output, {
          goOn: options.continue === true,
          seenWith: options.permissionSet ?? null,
          progress,
        })
        process.stderr.write(
          `${output}: ${plural(events, 'event')}, snapshot ${request.snapshot}\n`,
        )
        return
      }
      const rest = after === undefined ? null : canonicalId(after)
      for await (const chunk of exportEvents(log, request, { after: rest, progress })) {
        if (!process.stdout.write(chunk)) await once(process.stdout, 'drain')
      }
    } finally {
      bar.end()
    }
  })
}

/** The graph's own reading of it; loaded only here, as it takes longer to load than the rest of a command. */
async function filterOf(options: Options, command: Command): Promise<EventFilter> {
  const { filterFromTexts } = await import('../graph/filter-text.ts')
  try {
    return filterFromTexts(options)
  } catch (error) {
    if (error instanceof Refusal) command.error(`error: ${error.message}`)
    throw error
  }
}

function viewerOf({ organization: organizationId, permissionSet: sets }: Options) {
  const membership = { organizationId, owner: sets === undefined, permissionSets: sets ?? [] }
  if (!sightOf(membership).events) {
    throw new Refusal(
      'BAD_USER_INPUT',
      `${membership.permissionSets.join(', ')}: show no events; add one that does, such as AuditTrailReadOnly`,
    )
  }
  return { id: 'export', name: null, memberships: [membership] }
}

async function requestOf(
  { organization: organizationId, format: name, snapshot }: Options,
  filter: EventFilter,
  log: LogReader,
): Promise<ExportRequest> {
  const [organization] = await log.organizationsById([organizationId])
  if (organization === null) {
    throw new Refusal(
      'BAD_USER_INPUT',
      `no Organization ${quoted(organizationId)} is in this database; import or sync its events first`,
    )
  }
  const format = EXPORT_FORMATS.find(format => format.name === name)
  if (format === undefined) throw new Error(`no format ${name}`)
  return {
    organizationId,
    filter,
    format,
    snapshot: snapshot ?? (await log.lastArrival(organizationId)),
  }
}
