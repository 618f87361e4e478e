// A process that appends events to the file that each line of standard input names, and prints the numbers of new and of
// known events, or an error.

import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { scalewayIds } from '../../src/principal.ts'
import { openStore } from '../../src/storage/open.ts'
import { openStoreForIntake } from '../../src/storage/sqlite/append-thread.ts'
import { numbered, windowOf } from './writer.ts'

export const RACER = fileURLToPath(import.meta.url)

/** The number of events that each racer appends, in batches. */
export const EVENTS = 60
const BATCH = 7

async function appendTo(file: string, way: string): Promise<string> {
  const open = way === 'thread' ? openStoreForIntake : openStore
  const store = await open(file, { scalewayIds: scalewayIds() })
  const wanted = way === 'open' ? 0 : EVENTS
  let [added, known] = [0, 0]
  for (let from = 0; from < wanted; from += BATCH) {
    const length = Math.min(BATCH, wanted - from)
    const events = Array.from({ length }, (_, more) => numbered(from + more))
    const result =
      way === 'read'
        ? await store.appendRead(events, [windowOf(events)])
        : await store.append(events)
    added += result.added
    known += result.known
  }
  await store.close()
  return `${added} ${known}`
}

if (process.argv[1] === import.meta.filename) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [file = '', way = ''] = line.split(' ')
    const result = await appendTo(file, way).catch(error => `! ${error.message}`)
    process.stdout.write(`${result}\n`)
  }
}
