// Reading and importing events from Scaleway's JSON: every shape of input, and every way in which it can be damaged.
// Events are appended to an array here; how a database stores them is tested by the contract of the store.

import { createReadStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Event, NIL_ID } from '../src/event.ts'
import { formatInstant } from '../src/instant.ts'
import { decodeEvent } from '../src/scaleway/wire.ts'
import { importEvents } from '../src/transfer/import.ts'
import { type JsonItem, readJson, readJsonValue } from '../src/transfer/json.ts'
import { at, event, ORGANIZATION, OTHER_ORGANIZATION, uuid } from './support/events.ts'
import { logOf } from './support/scaleway-items.ts'

const RECORDED = join(import.meta.dirname, '../../shared/data/recorded')

/** Texts that could confuse a parser of brackets, quotes and lines. */
const awkward = fc
  .string({
    unit: fc.oneof(fc.constantFrom(...'{}[]",:\\\n\r\t é😀'), fc.string({ minLength: 1 })),
  })
  .map(text => text.replaceAll('\0', ''))

const arbitraryEvent: fc.Arbitrary<Event> = fc.record({
  id: fc.uuid(),
  organizationId: fc.constantFrom(ORGANIZATION, OTHER_ORGANIZATION),
  createdAt: fc.integer({ min: at('1970-01-01T00:00:00Z'), max: at('2100-01-01T00:00:00Z') }),
  action: fc.constantFrom('created', 'updated', 'deleted', 'archived'),
  category: fc.constantFrom('api_key', 'user', 'saml'),
  resourceId: fc.constantFrom('SCWAAAAAAAAAAAAAAAAA', uuid(1)),
  principalId: fc.constantFrom(NIL_ID, uuid(2), 'someone'),
  ipAddress: fc.constantFrom(null, '192.0.2.1', '2001:db8::1', 'no address'),
  userAgent: fc.option(awkward.filter(text => text !== '')),
})

const SHAPES: Record<string, (items: readonly string[]) => string> = {
  array: items => `[${items.join(',')}]`,
  'array, one item a line': items => `[\n${items.join(',\n')}\n]\n`,
  page: items => `{"logs":[${items.join(',')}],"total_count":${items.length}}`,
  'page that counts first': items => `{ "total_count": 9, "logs" : [ ${items.join(' , ')} ] }`,
  'pages in a row': items => items.map(item => `{"logs":[${item}],"total_count":9}`).join('\n'),
  'pages without a newline': items => items.map(item => `{"logs":[${item}]}`).join(''),
  'array of pages': items => `[${items.map(item => `{"logs":[${item}]}`).join(',')}]`,
  lines: items => items.join('\n'),
  'lines of Windows': items => `\ufeff${items.map(item => `${item}\r\n\r\n`).join('')}`,
}

const shape = fc.constantFrom(...Object.keys(SHAPES))

function render(name: string, items: readonly string[]): string {
  return SHAPES[name]?.(items) ?? ''
}

async function* chunked(text: string | Uint8Array, size = 64 * 1024): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

async function itemsOf(text: string | Uint8Array, size?: number): Promise<JsonItem[]> {
  const items: JsonItem[] = []
  for await (const batch of readJson(chunked(text, size))) items.push(...batch)
  return items
}

/** The items, and the problems as `line: problem`. */
async function resultsOf(text: string | Uint8Array): Promise<unknown[]> {
  const items = await itemsOf(text)
  return items.map(item => ('value' in item ? item.value : `${item.line}: ${item.problem}`))
}

async function imported(text: string, size?: number) {
  const events: Event[] = []
  const batches: number[] = []
  const problems: string[] = []
  const ids = new Set<string>()
  const summary = await importEvents(
    chunked(text, size),
    decodeEvent,
    batch => {
      const fresh = batch.filter(({ id }) => !ids.has(id) && ids.add(id))
      events.push(...fresh)
      batches.push(batch.length)
      return { added: fresh.length, known: batch.length - fresh.length, expired: 0 }
    },
    { problem: (line, problem) => problems.push(`${line}: ${problem}`) },
  )
  return { events, batches, problems, summary }
}

describe('reading JSON items', () => {
  test('returns all items unchanged from every shape, however the bytes are split', async () => {
    const values = fc.array(fc.dictionary(awkward, fc.jsonValue({ maxDepth: 3 })))
    await fc.assert(
      fc.asyncProperty(
        values,
        shape,
        fc.nat(99),
        fc.boolean(),
        async (objects, name, cut, indented) => {
          const lines = name.startsWith('lines')
          const items = objects.filter(value => !('logs' in value))
          const texts = items.map(value => JSON.stringify(value, null, indented && !lines ? 2 : 0))
          const read = await itemsOf(render(name, texts), cut + 1)
          const plain = items.map(value => JSON.parse(JSON.stringify(value)))
          expect(read.map(item => 'value' in item && item.value)).toEqual(plain)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('accepts indented objects one after another', async () => {
    const text = '{\n  "id": 1,\n  "in": [{ "x": {} }]\n}\n{\n  "id": 2\n}\n'
    expect(await itemsOf(text)).toEqual([
      { line: 1, value: { id: 1, in: [{ x: {} }] } },
      { line: 5, value: { id: 2 } },
    ])
  })

  test('gives the line on which each item starts', async () => {
    const text = '\n{"total_count": 2,\n "logs": [\n  {"id": 1},\n\n  {\n  "id": 2}]}\n\n{"id":3}'
    expect((await itemsOf(text)).map(({ line }) => line)).toEqual([4, 6, 9])
  })

  test('finds no items in an empty text, list or page', async () => {
    const empty = ['', ' \n', '[]', '{"logs":[],"total_count":0}', '{"logs":null}', '\ufeff']
    for (const text of empty) expect(await itemsOf(text)).toEqual([])
  })

  test('reports a truncated input with one problem, after its complete items', async () => {
    const page = '{"total_count":2,"logs":[\n{"id":1},\n{"id":2,"x":{"y":"z"}}\n],"next":null}'
    const ends = ['1}', '}}'].map(end => page.indexOf(end) + 2)
    for (let length = 1; length < page.length; length++) {
      const read = await itemsOf(page.slice(0, length))
      const problems = read.filter(item => 'problem' in item)
      expect(problems.map(item => item.problem)).toEqual(['the input is incomplete'])
      expect(read.at(-1)).toBe(problems[0])
      const complete = ends.filter(end => length >= end)
      expect(read.length - 1).toBe(complete.length)
    }
  })

  test('reports each invalid line by its number, and returns the items on all others', async () => {
    const text =
      '{"id":1}\ngarbage\n{"id":\n{"id":4,"x":"y}\n{"id":5\n\n"text"\n{"id":8}\n]\n{"id":10}\n'
    expect(await resultsOf(text)).toEqual([
      { id: 1 },
      '2: not a JSON object',
      '3: not valid JSON',
      '4: not valid JSON',
      '5: not valid JSON',
      '7: not a JSON object',
      { id: 8 },
      '9: not a JSON object',
      { id: 10 },
    ])
  })

  test('skips the indented lines that are left of a broken item', async () => {
    const broken = '{"a": [}\n  "left": 1,\n\t5\n'
    expect(await resultsOf(`${broken}{"id":2}\n`)).toEqual(['1: not valid JSON', { id: 2 }])
    expect(await resultsOf(`${broken}"text"\n{"id":2}\n`)).toEqual([
      '1: not valid JSON',
      '4: not a JSON object',
      { id: 2 },
    ])
  })

  test('skips what is left of a broken item if it is not indented', async () => {
    // The closing brackets of the broken item are not indented; within a list, indentation has no meaning.
    expect(await resultsOf('{\n  "id": 1 "x"\n}\n]\n{"id":2}\n')).toEqual([
      '1: not valid JSON',
      { id: 2 },
    ])
    expect(await resultsOf('[{"a" "b",\n"c": 1\n},\n{"id":2}]\n"text"')).toEqual([
      '1: not valid JSON',
      { id: 2 },
      '5: not a JSON object',
    ])
  })

  test('ends an item that lost its closing bracket where its list ends', async () => {
    expect(await resultsOf('[{"id":1},{"id":2]\n"text"\n{"id":3}')).toEqual([
      { id: 1 },
      '1: not valid JSON',
      '2: not a JSON object',
      { id: 3 },
    ])
  })

  test('ends an item that lost a quote at the end of its line', async () => {
    expect(await resultsOf('{"id":1,"x":"y}\n[]')).toEqual(['1: not valid JSON'])
  })

  test('finds the items inside a broken item that lost a quote or its end', async () => {
    expect(await resultsOf('[{"a":"x}{"id":2}{"id":3}]')).toEqual([
      '1: not valid JSON',
      { id: 2 },
      { id: 3 },
    ])
    expect(await resultsOf('[{"a":"x, {y" "b"},{"id":2}]')).toEqual([
      '1: not valid JSON',
      { id: 2 },
    ])
    expect(await resultsOf('[{"a":1,"x":[{"id":2},{"id":3}],"b":')).toContainEqual({ id: 3 })
  })

  test('reports what follows a list with a broken item, unless it is an object', async () => {
    expect(await resultsOf('[{"a" "b"}] 5\n{"id":2}')).toEqual([
      '1: not valid JSON',
      '1: not a JSON object',
      { id: 2 },
    ])
  })

  test('accepts lists nested up to 64 levels, and reports deeper ones', async () => {
    const within = (levels: number) => `${'['.repeat(levels)}{"id":1}${']'.repeat(levels)}`
    expect(await resultsOf(within(64))).toEqual([{ id: 1 }])
    expect(await resultsOf(within(65))).toEqual([
      '1: nested deeper than 64 levels',
      { id: 1 },
      '1: not a JSON object',
    ])
  })

  test('continues a list after a bracket in what is left of a broken item, and ends it at its own bracket', async () => {
    expect(await resultsOf('[{"id":1},\n{"a" "b ] c"},\n{"id":3}]\n{"id":4}')).toEqual([
      { id: 1 },
      '2: not valid JSON',
      { id: 3 },
      { id: 4 },
    ])
    expect(await resultsOf('[{"id":1},\n{"a" "b"}]\n"text"')).toEqual([
      { id: 1 },
      '2: not valid JSON',
      '3: not a JSON object',
    ])
  })

  test('does not take a list called "logs" inside an item for a page', async () => {
    const item = { id: 1, x: { logs: [{ y: 2 }] }, z: [{ logs: [{ y: 3 }] }] }
    for (const name of Object.keys(SHAPES)) {
      expect(await resultsOf(render(name, [JSON.stringify(item)])), name).toEqual([item])
    }
  })

  test('loses no other event to a broken one, however it is damaged', async () => {
    const damage = fc.record({
      item: fc.nat(3),
      place: fc.nat(400),
      mode: fc.constantFrom('cut', 'remove', 'insert', 'replace'),
      byte: fc.constantFrom(...'"{}[],:\\x1 '),
    })
    const events = fc.tuple(arbitraryEvent, arbitraryEvent, arbitraryEvent, arbitraryEvent)
    await fc.assert(
      fc.asyncProperty(
        events,
        shape,
        damage,
        fc.integer({ min: 1, max: 300 }),
        async (originals, name, fault, cut) => {
          const texts = originals.map(one => JSON.stringify(logOf(one)))
          const text = texts[fault.item] ?? ''
          const place = fault.place % text.length
          const rest = {
            cut: '',
            remove: text.slice(place + 1),
            insert: fault.byte + text.slice(place),
            replace: fault.byte + text.slice(place + 1),
          }
          texts[fault.item] = text.slice(0, place) + rest[fault.mode as keyof typeof rest]
          const others = originals.filter((_, index) => index !== fault.item)
          const { events } = await imported(render(name, texts), cut)
          const ids = new Set(others.map(({ id }) => id))
          expect(events.filter(({ id }) => ids.has(id))).toEqual(others)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('reports an item with invalid UTF-8, and loses no other', async () => {
    const text = Buffer.from('[{"id":1},{"id":"\u00e9"},{"id":3}]')
    const broken = Buffer.from(text.map(byte => (byte === 0xa9 ? 0x22 : byte)))
    expect(await resultsOf(text)).toEqual([{ id: 1 }, { id: 'é' }, { id: 3 }])
    expect((await resultsOf(broken)).filter(item => typeof item === 'object')).toEqual([
      { id: 1 },
      { id: 3 },
    ])
    const latin = Buffer.from('[{"id":1},{"id":"\u00e9"},{"id":3}]', 'latin1')
    expect(await resultsOf(latin)).toEqual([{ id: 1 }, '1: not valid UTF-8', { id: 3 }])
  })

  test('omits an item larger than 1 MiB in every shape, and no other', async () => {
    const fits = JSON.stringify({ id: 2, text: 'x'.repeat(1024 * 1024 - 18) })
    const large = JSON.stringify({ id: 3, text: 'x'.repeat(3 * 1024 * 1024) })
    expect(fits.length).toBe(1024 * 1024)
    for (const name of Object.keys(SHAPES)) {
      const items = await itemsOf(render(name, ['{"id":1}', fits, `${fits} `, large, '{"id":4}']))
      expect(
        items.map(item => ('value' in item ? (item.value as Event).id : item.problem)),
      ).toEqual([1, 2, 2, 'larger than 1 MiB', 4])
    }
  })

  test('omits an item that is one byte larger than 1 MiB', async () => {
    const text = (length: number) => JSON.stringify({ id: 2, text: 'x'.repeat(length) })
    const fits = text(1024 * 1024 - 18)
    expect(await resultsOf(`${text(1024 * 1024 - 17)}\n${fits}\n{"id":3}`)).toEqual([
      '1: larger than 1 MiB',
      JSON.parse(fits),
      { id: 3 },
    ])
  })

  test('returns 20,000 items after one that is never closed', async () => {
    const lines = Array.from({ length: 20_000 }, (_, id) =>
      JSON.stringify({ id, text: 'x'.repeat(90) }),
    )
    const items = await resultsOf(`[{"broken":[,${lines.join(',')}]`)
    expect(items.filter(item => typeof item === 'object')).toHaveLength(20_000)
    expect(items).toContain('1: larger than 1 MiB')
  })

  test('accepts items nested up to 64 levels, reports deeper ones, and does not fail on 100,000 levels', async () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    const [fits] = await itemsOf(`[${nested(64)}]`)
    expect(fits).toHaveProperty('value')
    expect(await resultsOf(`[{"id":1},${nested(65)},{"id":2}]`)).toEqual([
      { id: 1 },
      '1: nested deeper than 64 levels',
      { id: 2 },
    ])
    await itemsOf(nested(100_000))
    await itemsOf('['.repeat(100_000))
    expect(await resultsOf(`${'[{"a":'.repeat(100_000)}\n{"id":1}`)).toContainEqual({ id: 1 })
  })

  test('returns the items of truncated pages, and of the pages after them', async () => {
    const pages = Array.from({ length: 100 }, (_, id) => `{"logs":[{"id":${id}},\n`).join('')
    const items = await resultsOf(`${pages}{"logs":[{"id":100}]}`)
    expect(items.filter(item => typeof item === 'object')).toHaveLength(101)
    expect(items).toContain('2: the list before this line is incomplete')
  })
})

describe('an event', () => {
  const item = logOf(event())

  function problemWith(change: Record<string, unknown>): string {
    const decoded = decodeEvent({ ...item, ...change })
    return 'value' in decoded ? 'no problem' : `${decoded.field} ${decoded.problem}`
  }

  function decoded(change: Record<string, unknown>): Event {
    const result = decodeEvent({ ...item, ...change })
    if ('value' in result) return result.value
    throw new Error(`${result.field} ${result.problem}`)
  }

  test('is decoded unchanged, to the microsecond', () => {
    fc.assert(
      fc.property(arbitraryEvent, one => {
        expect(decodeEvent(logOf(one))).toEqual({ value: one })
      }),
    )
  })

  test('has its UUIDs in lower case, and its other IDs unchanged', () => {
    const upper = uuid(0xabc, 'ABCDEF00').toUpperCase()
    const ids = { id: upper, organization_id: upper, bearer_id: upper, resource_id: upper }
    const { id, organizationId, principalId, resourceId } = decoded(ids)
    expect(new Set([id, organizationId, principalId, resourceId])).toEqual(
      new Set([upper.toLowerCase()]),
    )
    expect(decoded({ resource_id: 'SCWABCDEF' }).resourceId).toBe('SCWABCDEF')
    expect(decoded({ bearer_id: 'SomeOne' }).principalId).toBe('SomeOne')
  })

  test('has the nil ID as its principal if Scaleway gives none', () => {
    for (const none of [undefined, null, '']) {
      expect(decoded({ bearer_id: none }).principalId).toBe(NIL_ID)
    }
  })

  test('has its IP address in canonical form, or unchanged if it is not an IP address', () => {
    const forms: [unknown, string | null][] = [
      ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['::ffff:192.0.2.1', '192.0.2.1'],
      ['::FFFF:C000:0201', '192.0.2.1'],
      ['192.0.2.1', '192.0.2.1'],
      ['1', '1'],
      ['fe80::1%eth0', 'fe80::1%eth0'],
      ['FE80:0::1%eth0', 'FE80:0::1%eth0'],
      ['192.0.2.1:443', '192.0.2.1:443'],
      ['', null],
      [null, null],
      [undefined, null],
    ]
    for (const [ip, address] of forms) expect(decoded({ ip }).ipAddress).toBe(address)
    fc.assert(
      fc.property(fc.ipV6(), ip => {
        const canonical = decoded({ ip }).ipAddress
        expect(decoded({ ip: canonical }).ipAddress).toBe(canonical)
      }),
    )
  })

  test('keeps unknown actions and resource types, and ignores unknown fields', () => {
    const { action, category } = decoded({ action: 'Archived', resource_type: 'saml', more: [] })
    expect([action, category]).toEqual(['Archived', 'saml'])
  })

  test('that is invalid is reported with the field and its problem', () => {
    expect(problemWith({ id: undefined })).toBe('id is missing')
    expect(problemWith({ id: null })).toBe('id is null')
    expect(problemWith({ id: 'abc' })).toBe('id is not a UUID: "abc"')
    expect(problemWith({ id: 7 })).toBe('id is not a UUID: "7"')
    expect(problemWith({ organization_id: '' })).toBe('organization_id is not a UUID: ""')
    expect(problemWith({ created_at: null })).toBe('created_at is null')
    expect(problemWith({ created_at: undefined })).toBe('created_at is missing')
    expect(problemWith({ created_at: '2026-02-30T00:00:00Z' })).toBe(
      'created_at is not an RFC 3339 date with an offset: "2026-02-30T00:00:00Z"',
    )
    expect(problemWith({ created_at: '0001-01-01T00:00:00Z' })).toBe(
      'created_at is not between the years 1685 and 2254: "0001-01-01T00:00:00Z"',
    )
    expect(problemWith({ action: '' })).toBe('no problem')
    expect(problemWith({ action: ['created'] })).toBe('action is not a string: "[\\"created\\"]"')
    expect(problemWith({ resource_type: 'x'.repeat(101) })).toBe(
      'resource_type is longer than 100 characters',
    )
    for (const field of ['action', 'resource_type', 'ip']) {
      expect(problemWith({ [field]: 'x'.repeat(100) })).toBe('no problem')
      expect(problemWith({ [field]: 'x'.repeat(101) })).toBe(
        `${field} is longer than 100 characters`,
      )
    }
    for (const field of ['resource_id', 'bearer_id']) {
      expect(problemWith({ [field]: 'x'.repeat(255) })).toBe('no problem')
      expect(problemWith({ [field]: 'x'.repeat(256) })).toBe(
        `${field} is longer than 255 characters`,
      )
    }
    expect(problemWith({ resource_id: null })).toBe('resource_id is null')
    expect(problemWith({ bearer_id: false })).toBe('bearer_id is not a string: "false"')
    expect(problemWith({ user_agent: 'x'.repeat(65_536) })).toBe('no problem')
    expect(problemWith({ user_agent: 'x'.repeat(65_537) })).toBe(
      'user_agent is longer than 65,536 characters',
    )
    expect(problemWith({ user_agent: 'a\0b' })).toBe('user_agent contains a NUL character')
    expect(problemWith({ ip: 'a\ud800b' })).toBe('ip contains half of a surrogate pair')
    for (const none of [null, 7, 'text', []]) {
      expect(decodeEvent(none)).toEqual({ field: 'event', problem: 'is not a JSON object' })
    }
  })
})

describe('an import', () => {
  test('appends every event in the order of the file, whatever its shape', async () => {
    const events = fc.uniqueArray(arbitraryEvent, { selector: ({ id }) => id })
    await fc.assert(
      fc.asyncProperty(
        events,
        shape,
        fc.integer({ min: 1, max: 300 }),
        async (originals, name, cut) => {
          const text = render(
            name,
            originals.map(one => JSON.stringify(logOf(one))),
          )
          const read = await imported(text, cut)
          expect(read.events).toEqual(originals)
          expect(read.summary).toEqual({ added: originals.length, known: 0, expired: 0, failed: 0 })
        },
      ),
    )
  })

  test('counts a repeated event as known', async () => {
    const line = JSON.stringify(logOf(event()))
    const { summary } = await imported([line, line, line].join('\n'))
    expect(summary).toEqual({ added: 1, known: 2, expired: 0, failed: 0 })
  })

  test('reports the line and field of each invalid event, and imports all others', async () => {
    const [first, second, third] = [event(), event(), event()]
    const lines = [logOf(first), { ...logOf(second), ip: 7 }, logOf(third)].map(one =>
      JSON.stringify(one),
    )
    const { events, problems, summary } = await imported([...lines, '{"id":'].join('\n'))
    expect(events).toEqual([first, third])
    expect(problems).toEqual(['2: ip is not a string: "7"', '4: the input is incomplete'])
    expect(summary).toEqual({ added: 2, known: 0, expired: 0, failed: 2 })
  })

  test('reports a trailer whose count differs from the number of events since the trailer before it', async () => {
    const lines = Array.from({ length: 3 }, () => JSON.stringify(logOf(event())))
    const trailer = (events: unknown) => JSON.stringify({ iam_logs_export: { events } })
    const [one, two, three] = lines
    const complete = await imported([one, two, trailer(2), three, trailer(1)].join('\n'))
    expect([complete.problems, complete.summary]).toEqual([
      [],
      { added: 3, known: 0, expired: 0, failed: 0 },
    ])
    const wrong = await imported([one, trailer(2), '{', two, three, trailer(2)].join('\n'))
    expect(wrong.problems).toEqual([
      '2: the export that ends here has 2 events, but the file has 1: export it again',
      '3: not valid JSON',
      '6: the export that ends here has 2 events, but the file has 3: export it again',
    ])
    expect(wrong.summary).toEqual({ added: 3, known: 0, expired: 0, failed: 3 })
    // An item without a number of events is not a trailer, but an invalid event.
    for (const none of ['{"iam_logs_export":null}', '{"iam_logs_export":{}}', trailer('2')]) {
      expect((await imported(none)).problems).toEqual(['1: id is missing'])
    }
  })

  test('appends in batches of 4,000 events, or fewer if the events are large', async () => {
    const line = JSON.stringify(logOf(event()))
    const many = await imported(`${line}\n`.repeat(4_001))
    expect(many.batches).toEqual([4_000, 1])
    const large = JSON.stringify(logOf(event({ userAgent: 'x'.repeat(4096) })))
    const { batches } = await imported(`${large}\n`.repeat(8_000))
    expect(batches).toHaveLength(9)
  })

  test('reports its progress in bytes and events', async () => {
    const text = `${JSON.stringify(logOf(event()))}\n`.repeat(3)
    const reported: number[][] = []
    await importEvents(chunked(text), decodeEvent, () => ({ added: 0, known: 3, expired: 0 }), {
      problem: () => {},
      progress: (bytes, events) => reported.push([bytes, events]),
    })
    expect(reported.at(-1)).toEqual([text.length, 3])
  })

  test('fails with the error of the store', async () => {
    const text = JSON.stringify(logOf(event()))
    const full = () => Promise.reject(new Error('disk full'))
    const read = importEvents(chunked(text), decodeEvent, full, { problem: () => {} })
    await expect(read).rejects.toThrow('disk full')
  })
})

describe('an input in another encoding', () => {
  /** The text as PowerShell and other programs write it. */
  const encoded = (text: string, encoding: string, mark: boolean): Uint8Array => {
    const little = Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le')
    if (encoding === 'UTF-16LE') return little
    if (encoding === 'UTF-16BE') return little.swap16()
    const points = Array.from((mark ? '\ufeff' : '') + text, char => char.codePointAt(0) ?? 0)
    return new Uint8Array(Uint32Array.from(points).buffer)
  }
  const take = async (input: AsyncIterable<Uint8Array>) => {
    const events: Event[] = []
    const problems: string[] = []
    const append = (batch: readonly Event[]) => {
      events.push(...batch)
      return { added: batch.length, known: 0, expired: 0 }
    }
    const problem = (line: number, text: string) => problems.push(`${line}: ${text}`)
    await importEvents(input, decodeEvent, append, { problem })
    return { events, problems }
  }
  const one = event({ userAgent: 'agent de Zoé 😀' })
  const text = `${JSON.stringify(logOf(one))}\r\n{"id":7}\r\n`

  test.each(['UTF-16LE', 'UTF-16BE'])(
    'is read if it is %s, with or without a byte order mark',
    async encoding => {
      for (const mark of [true, false]) {
        for (const size of [1, 2, 3, 5, 64 * 1024]) {
          const { events, problems } = await take(chunked(encoded(text, encoding, mark), size))
          expect(events).toEqual([one])
          expect(problems).toEqual(['2: id is not a UUID: "7"'])
        }
        const value = await readJsonValue(chunked(encoded('{"a":"é"}', encoding, mark), 3), 100)
        expect(value).toEqual({ a: 'é' })
      }
    },
  )

  test('is refused if it is damaged UTF-16, or UTF-32', async () => {
    const half = encoded(text, 'UTF-16LE', true).subarray(0, -1)
    await expect(take(chunked(half))).rejects.toThrow('not valid UTF-16: convert it to UTF-8')
    const lone = encoded('{"id":"\ud800"}', 'UTF-16LE', true)
    await expect(take(chunked(lone))).rejects.toThrow('not valid UTF-16')
    for (const mark of [true, false]) {
      const wide = encoded(text, 'UTF-32LE', mark)
      await expect(take(chunked(wide, 3))).rejects.toThrow('encoded in UTF-32: convert it to UTF-8')
    }
  })

  test('of a compressed file is named, so that it is decompressed first', async () => {
    await expect(take(chunked(gzipSync(text)))).rejects.toThrow(
      'compressed with gzip: decompress it first',
    )
  })

  test('is not assumed if the input is empty or only a few bytes long', async () => {
    for (const bytes of ['', '{', '{}', '\ufeff']) {
      expect((await take(chunked(bytes))).events).toEqual([])
    }
  })
})

describe('a small file', () => {
  test('is read as one JSON value; a larger file, invalid JSON and invalid UTF-8 are refused', async () => {
    expect(await readJsonValue(chunked('\ufeff{"a":\n"é"}', 1), 100)).toEqual({ a: 'é' })
    await expect(readJsonValue(chunked('{"a":1}'), 6)).rejects.toThrow('larger than 6 bytes')
    await expect(readJsonValue(chunked('{"a":\n1'), 100)).rejects.toThrow('not valid JSON')
    await expect(readJsonValue(chunked('{"a":1\n"b"}'), 100)).rejects.toThrow('(line 2 column 1)')
    await expect(readJsonValue(chunked(new Uint8Array([0xff])), 9)).rejects.toThrow(
      'not valid UTF-8',
    )
  })
})

describe.skipIf(!existsSync(RECORDED))('a recorded response of Scaleway', () => {
  test('has 91 events, which are all read', async () => {
    const events: Event[] = []
    const faults: string[] = []
    const append = (batch: readonly Event[]) => {
      events.push(...batch)
      return { added: batch.length, known: 0, expired: 0 }
    }
    const input = createReadStream(join(RECORDED, 'logs.json'))
    const summary = await importEvents(input, decodeEvent, append, {
      problem: (_, text) => faults.push(text),
    })
    expect(faults).toEqual([])
    expect(summary).toEqual({ added: 91, known: 0, expired: 0, failed: 0 })
    expect(formatInstant(events[0]?.createdAt ?? 0)).toBe('2025-11-17T17:10:30.448542Z')
    expect(new Set(events.map(({ category }) => category)).size).toBe(5)
  })
})
