// iam-logs verify: reads the whole database and reports every fault, and whether the events are those that were added.
// This cannot detect a log that was rewritten as a whole: heads that are stored elsewhere can.

import { appendFileSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { InputError, quoted, unreadable, unwritable } from '../errors.ts'
import { formatInstant, now } from '../instant.ts'
import { shownAddress } from '../storage/database-address.ts'
import type { Chain, Head } from '../store.ts'
import { plural } from '../text.ts'
import { DATABASE, type DatabaseOption, withStore } from './command.ts'
import type { CliCommand } from './help.ts'

interface VerifyOptions extends DatabaseOption {
  readonly heads?: string
  readonly against?: string
}

export function define(command: CliCommand): void {
  command
    .option('--heads <file>', 'append the number of events and their hash to this file')
    .option('--against <file>', 'check that all events that such a file counts are still present')
    .addOption(DATABASE)
    .examples(
      [
        'iam-logs verify --database /var/lib/iam-logs/iam-logs.db',
        'exits with 1 if there is a fault',
      ],
      [
        'iam-logs verify --heads /mnt/elsewhere/heads',
        'keep the file where nobody on this machine can change it',
      ],
      ['iam-logs verify --against heads', 'also detects a log that was cut off or rewritten'],
    )
    .action(verify)
}

async function verify(options: VerifyOptions): Promise<void> {
  const kept = options.against === undefined ? [] : readHeads(options.against)
  await withStore(options, async (store, config) => {
    const database = shownAddress(config.database)
    const faults = await store.verify()
    const chains = await store.chains(kept)
    const present = new Set(chains.map(({ organizationId }) => organizationId))
    const missing = kept.filter(({ organizationId }) => !present.has(organizationId))
    const all = [
      ...faults,
      ...chains.flatMap(({ organizationId, faults }) =>
        faults.map(fault => `Organization ${organizationId}: ${fault}`),
      ),
      ...missing.map(
        ({ organizationId }) =>
          `Organization ${organizationId}: the file of --against has a head of it, but this database has no events of it`,
      ),
    ]
    for (const fault of all) process.stderr.write(`${database}: ${fault}\n`)
    if (all.length > 0) {
      process.exitCode = 1
      return
    }
    for (const chain of chains) process.stdout.write(shown(chain))
    if (options.heads !== undefined) addHeads(options.heads, chains)
    if (kept.length > 0) process.stdout.write(`${plural(kept.length, 'kept head')} found again\n`)
    process.stdout.write(`${database}: no faults found\n`)
  })
}

function shown({ organizationId, head, dropped, droppedBefore }: Chain): string {
  const sealed = head === null ? 'no seal' : `${plural(head.events, 'event')}, ${head.hash}`
  const note =
    dropped === 0 || droppedBefore === null
      ? ''
      : `; ${plural(dropped, 'event')} dropped, dated before ${formatInstant(droppedBefore)}`
  return `${organizationId}: ${sealed}${note}\n`
}

const HEAD = z.object({
  organizationId: z.string(),
  events: z.int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})

function readHeads(file: string): Head[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw unreadable(file)
  }
  return text.split('\n').flatMap((line, at) => {
    if (line.trim() === '') return []
    try {
      return [HEAD.parse(JSON.parse(line))]
    } catch {
      throw new InputError(
        `line ${at + 1} of ${quoted(file)} is not a head; give a file that verify --heads wrote`,
      )
    }
  })
}

function addHeads(file: string, chains: readonly Chain[]): void {
  const verifiedAt = formatInstant(now())
  const lines = chains.flatMap(({ head }) =>
    head === null ? [] : [`${JSON.stringify({ ...head, verifiedAt })}\n`],
  )
  try {
    appendFileSync(file, lines.join(''))
  } catch (error) {
    throw unwritable('--heads', file, error)
  }
}
