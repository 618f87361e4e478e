// The output of iam-logs sync: a progress bar on a terminal, or a line for each window, and a summary.

import { BEGINNING } from '../coverage.ts'
import { formatInstant, type Instant, MICROSECONDS_PER_SECOND } from '../instant.ts'
import type { SyncReport, SyncSummary } from '../scaleway/sync.ts'
import { plural } from '../text.ts'
import { type Config, type LogFormat, readConfig } from './config.ts'
import { appendedText, firstLines, type Progress, progressBar } from './progress.ts'

export interface SyncOutput {
  /** Whether a progress bar may be shown. */
  readonly bar: boolean
  result(line: string): void
  note(line: string): void
  error(line: string): void
}

/** Results on standard output and the rest on standard error as text; with the log format `json`, all as log lines. */
export async function outputOf(options: { readonly logFormat?: LogFormat }): Promise<SyncOutput> {
  const config = readConfig()
  if ((options.logFormat ?? config.logFormat) !== 'json') {
    return {
      bar: process.stderr.isTTY === true,
      result: line => void process.stdout.write(`${line}\n`),
      note: line => void process.stderr.write(`${line}\n`),
      error: line => void process.stderr.write(`error: ${line}\n`),
    }
  }
  // Loaded here, because only this needs it.
  const { createLog } = await import('./log.ts')
  const log = await createLog({ ...config, logFormat: 'json' })
  return {
    bar: false,
    result: line => log.info(line),
    note: line => log.info(line),
    error: line => log.error(line),
  }
}

/** `end` must always be called: while there is a progress bar, notes are held back until then. */
export function syncReporter(
  organizationId: string,
  output: SyncOutput,
): SyncReport & { end(): void } {
  let bar: Progress | undefined
  const held: string[] = []

  function write(line: string): void {
    if (bar === undefined) output.note(`${organizationId}: ${line}`)
    else held.push(line)
  }
  const notes = firstLines(write, 'notes')

  return {
    window({ from, until, events, added }) {
      if (output.bar || events === 0) return
      const count = `${plural(events, 'event')}, ${added.toLocaleString('en')} new`
      const beginning = from === BEGINNING ? 'the beginning' : second(from)
      write(`${beginning} to ${until === null ? 'now' : second(until)}: ${count}`)
    },
    progress(read, total) {
      if (!output.bar || total === 0) return
      bar ??= progressBar(total, organizationId)
      bar.at(read, read, total)
    },
    note: notes.add,
    end() {
      bar?.end()
      bar = undefined
      for (const line of held.splice(0)) write(line)
      notes.end()
    },
  }
}

function second(instant: Instant): string {
  return `${formatInstant(instant).slice(0, 19)}Z`
}

/** Whether a run changed anything, or left something to read again. */
export function isNews({ added, written, removed, unsettled }: SyncSummary): boolean {
  return added + written + removed + unsettled > 0
}

/** What a run did, and which principal it detected as Scaleway. */
export function summaryOf(
  organizationId: string,
  summary: SyncSummary,
  { notScalewayPrincipalIds }: Pick<Config, 'notScalewayPrincipalIds'>,
): string[] {
  const { written, removed, unsettled, forbidden, scalewayId, took } = summary
  const parts = [
    appendedText(summary),
    `directory: ${written} new or changed, ${removed} removed`,
    ...(forbidden === 0 ? [] : [`${plural(forbidden, 'list')} not allowed and left unchanged`]),
    ...(unsettled === 0 ? [] : [`${plural(unsettled, 'time range')} to read again`]),
    `took ${(took / MICROSECONDS_PER_SECOND).toFixed(1)} s`,
  ]
  const overruled = scalewayId !== null && notScalewayPrincipalIds.includes(scalewayId)
  const scaleway = overruled
    ? `${scalewayId} created the default groups, but by IAM_LOGS_SCALEWAY_PRINCIPAL_IDS it is not Scaleway`
    : `${scalewayId} created the default groups, so it counts as Scaleway; set IAM_LOGS_SCALEWAY_PRINCIPAL_IDS=!${scalewayId} if not`
  return [
    ...(scalewayId === null ? [] : [`${organizationId}: ${scaleway}`]),
    `${organizationId}: ${parts.join('; ')}`,
  ]
}
