// iam-logs export: an Organization's events to standard output or to a file. Who runs it holds the database, so it
// sees as an Owner, unless it says whose eyes to see with.

import { type Command, Option } from 'commander'
import type { ExportFormat } from '../transfer/export-format.ts'
import { KNOWN_PERMISSION_SETS } from '../visibility.ts'
import { examples, gathered, permissionSet, uuid, withDatabase } from './command.ts'
import type { ExportOptions } from './export-run.ts'

const FORMATS: readonly ExportFormat['name'][] = ['csv', 'ndjson', 'ocsf']

const texts = gathered(String)

export function addExport(program: Command): void {
  const command = withDatabase(
    program
      .command('export')
      .description(
        'write the events of an Organization, oldest first, with a trailer that proves they are all',
      )
      .requiredOption('--organization <id>', 'whose events', uuid)
      .addOption(
        new Option('--format <name>', 'ndjson is what import takes, csv is for spreadsheets')
          .choices(FORMATS)
          .default('ndjson'),
      )
      .option('--no-trailer', 'without the last line, which some programs take for an event')
      .addOption(
        new Option('--separator <character>', 'of csv, unless it is a comma').choices([',', ';']),
      )
      .option(
        '--spreadsheet',
        'csv for a spreadsheet: marked as UTF-8, with dates that it takes for dates',
      )
      .option('--output <file>', 'write to a file, which appears when it is whole')
      .option('--continue', 'go on with what an export to the same file left that was cut off')
      .option('--created-after <date>', 'from this date and time, included', texts)
      .option('--created-before <date>', 'up to this date and time, excluded', texts)
      .option('--actions <words>', 'any of these, as CREATED,DELETED', texts)
      .option('--categories <words>', 'any of these, as API_KEY,POLICY', texts)
      .option('--principal-ids <ids>', 'by any of these principals, with commas between', texts)
      .option('--resource-ids <ids>', 'to any of these resources', texts)
      .option('--ip-addresses <addresses>', 'from any of these addresses and CIDR blocks', texts)
      .option('--user-agent <text>', 'by a user agent that contains this', texts)
      .option('--not-actions <words>', 'none of these', texts)
      .option('--not-categories <words>', 'none of these', texts)
      .option('--not-principal-ids <ids>', 'by none of these principals', texts)
      .option('--not-ip-addresses <addresses>', 'from none of these addresses and blocks', texts)
      .option(
        '--not-user-agents <text>',
        'by no user agent that contains this, or any given',
        texts,
      )
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
  ).action(async (options: ExportOptions, command: Command) => {
    // Loaded only here: it takes as long to load as a good part of another command.
    const { runExport } = await import('./export-run.ts')
    await runExport(options, command)
  })
  examples(
    command,
    [
      'iam-logs export --organization 77ed2ddf-94fc-4330-8079-dab37cf487bb --output events.ndjson',
      '',
    ],
    [
      'iam-logs export --organization 77ed2ddf-94fc-4330-8079-dab37cf487bb --format csv --actions DELETED',
      'what was removed',
    ],
    [
      "iam-logs export --organization 77ed2ddf-94fc-4330-8079-dab37cf487bb --format csv --spreadsheet --separator ';' --output events.csv",
      'for Excel where numbers have a decimal comma',
    ],
  )
}
