// A process that takes events into one file after the other, each when it is told its name on a line of standard
// input, and says on a line what became of it: how many events were new and how many known, or what failed.

import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { scalewayIds } from '../../src/principal.ts'
import { openStore } from '../../src/storage/open.ts'
import { openStoreForIntake } from '../../src/storage/sqlite/append-thread.ts'
import { numbered, windowOf } from './writer.ts'

export const RACER = fileURLToPath(import.meta.url)

/** Of so many events each takes all, in batches. */
export const EVENTS = 60
const BATCH = 7

async function takeIn(file: string, way: string): Promise<string> {
  const open = way === 'thread' ? openStoreForIntake : openStore
  const store = await open(file, { scalewayIds: scalewayIds() })
  const wanted = way === 'open' ? 0 : EVENTS
  let [added, known] = [0, 0]
  for (let from = 0; from < wanted; from += BATCH) {
    const length = Math.min(BATCH, wanted - from)
    const events = Array.from({ length }, (_, more) => numbered(from + more))
    const taken =
      way === 'read'
        ? await store.appendRead(events, [windowOf(events)])
        : await store.append(events)
    added += taken.added
    known += taken.known
  }
  await store.close()
  return `${added} ${known}`
}

if (process.argv[1] === import.meta.filename) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [file = '', way = ''] = line.split(' ')
    const said = await takeIn(file, way).catch(error => `! ${error.message}`)
    process.stdout.write(`${said}\n`)
  }
}
