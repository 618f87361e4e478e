// iam-logs sample: writes a realistic sample history into the database, always the same for a seed.

import { type Instant, now } from '../instant.ts'
import { type SampleOptions, sampleHistory } from '../sample/history.ts'
import { type Appended, type AuditStore, NOTHING_APPENDED, sumAppended } from '../store.ts'
import {
  DATABASE,
  type DatabaseOption,
  date,
  keepMemoryFlat,
  wholeNumber,
  withStoreMade,
} from './command.ts'
import type { CliCommand } from './help.ts'
import { appendedText, progressBar } from './progress.ts'
import { stopSignal } from './stop-signal.ts'

export const SAMPLE = { events: 20_000, seed: 1, organizations: 3 } as const

interface Options extends DatabaseOption {
  readonly events: number
  readonly seed: number
  readonly organizations: number
  readonly until?: Instant
}

export function define(command: CliCommand): void {
  command
    .option('--events <n>', 'how many events', wholeNumber(1, 10_000_000), SAMPLE.events)
    .option(
      '--seed <s>',
      'another seed gives another history',
      wholeNumber(0, 2 ** 32 - 1),
      SAMPLE.seed,
    )
    .option(
      '--organizations <k>',
      'how many Organizations',
      wholeNumber(1, 1000),
      SAMPLE.organizations,
    )
    .option('--until <date>', 'when the history ends (default: the last midnight UTC)', date)
    .addOption(DATABASE)
    .examples(
      'iam-logs sample --database sample.db',
      'iam-logs sample --events 1_000_000 --seed 7 --organizations 5 --until 2026-11-01',
    )
    .action(async (options: Options) => {
      keepMemoryFlat()
      const stop = stopSignal()
      await withStoreMade(options, async store => {
        const until = options.until ?? midnight()
        const appended = await writeSample(store, { ...options, until }, stop)
        if (stop.aborted) process.exitCode = 1
        process.stdout.write(`${appendedText(appended, 'new sample event')}\n`)
      })
    })
}

/** Writes the history and its directory, unless it is stopped; what was written is kept. */
export async function writeSample(
  store: AuditStore,
  options: SampleOptions,
  stop?: AbortSignal,
): Promise<Appended> {
  const history = sampleHistory(options)
  const bar = progressBar(options.events, 'creating a sample history')
  let sums = NOTHING_APPENDED
  try {
    for (const organization of history.organizations) await store.nameOrganization(organization)
    for (const events of history.batches()) {
      sums = sumAppended(sums, await store.append(events))
      const done = sums.added + sums.known + sums.expired
      bar.at(done, done)
      // Lets the event loop draw the bar and handle signals.
      await new Promise(setImmediate)
      if (stop?.aborted) break
    }
    if (stop?.aborted) return sums
    // If every event was already stored, so are the former names, and would replace newer ones.
    const former = sums.added > 0 ? history.formerNames() : []
    for (const listing of [...former, ...history.directory()]) await store.updateDirectory(listing)
  } finally {
    bar.end()
    if (stop?.aborted) {
      process.stderr.write(
        'stopped: events created so far are kept; to continue, run: iam-logs sample\n',
      )
    }
  }
  return sums
}

/** The last midnight, so that a history created twice on one day is the same. */
export function midnight(): Instant {
  const day = 86_400 * 1_000_000
  return Math.floor(now() / day) * day
}
