// By which addresses and user agents: the figures of which no list is kept, told by a look at the events
// (counts-look.ts) that both share.

import type { Awaitable, EventCounts } from '../../store.ts'
import { addressOfText, asText } from '../codec.ts'
import { addEvents, mostCommon, type ValueSum } from '../value-counts.ts'
import type { Look, LookedAt } from './counts-look.ts'
import type { SqliteDatabase } from './database.ts'

/** `begin` is called when the first of them is asked for. */
export function valueCounts(
  db: SqliteDatabase,
  organization: number,
  begin: () => Awaitable<Look>,
): Pick<EventCounts, 'addresses' | 'userAgents'> {
  let begun: Awaitable<Look> | undefined

  async function count(first: number, keyOf: (event: LookedAt) => number, texts: Texts) {
    begun ??= begin()
    const look = await begun
    const sums = new Map<number | null, ValueSum>()
    for (const event of await look.events()) {
      addEvents(sums, keyOf(event) || null, { events: 1, latest: event[0] })
    }
    const values = await mostCommon(sums, first, async keys => {
      const rows = db.rows<[key: number, text: string]>({
        text: `SELECT key, ${texts.column} FROM ${texts.table}
          WHERE organization = ? AND key IN (SELECT value FROM json_each(?))`,
        values: [organization, JSON.stringify(keys)],
      })
      return new Map(rows.map(([key, text]) => [key, texts.decode(text)]))
    })
    return { since: look.since, values }
  }

  return {
    addresses: first => count(first, ([, , , address]) => address, ADDRESSES),
    userAgents: first => count(first, ([, , , , userAgent]) => userAgent, USER_AGENTS),
  }
}

/** Where what a key stands for is found. */
interface Texts {
  readonly table: string
  readonly column: string
  readonly decode: (text: string) => string
}

const ADDRESSES: Texts = { table: 'addresses', column: asText('address'), decode: addressOfText }
const USER_AGENTS: Texts = { table: 'user_agents', column: 'text', decode: text => text }
