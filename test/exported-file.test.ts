// Files of exports, in every format: verifying complete, incomplete and changed files, and continuing incomplete ones.

import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CSV, csvFormat } from '../src/transfer/csv.ts'
import type { ExportFormat } from '../src/transfer/export-format.ts'
import { EXPORT_FORMATS } from '../src/transfer/export-formats.ts'
import { readPartialExport, verifyExport } from '../src/transfer/exported-file.ts'
import { NDJSON } from '../src/transfer/ndjson.ts'
import { OCSF } from '../src/transfer/ocsf.ts'
import { temporaryFolder } from './support/command.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'

const recordedAt = at('2026-02-01T00:00:00Z')
const principal = {
  kind: 'unknown',
  organizationId: ORGANIZATION,
  id: uuid(1),
  name: 'Unknown',
} as const

const EVENTS = [1, 2, 3].map(number =>
  event({
    id: uuid(number),
    createdAt: at('2026-01-01T00:00:00.000001Z') + number,
    // In CSV, this is a quoted value with quotes and a line break in it.
    userAgent: 'a "quoted"\nline, é',
  }),
)

const rows = EVENTS.map(one => ({
  event: { ...one, recordedAt },
  principal,
  resourceName: null,
}))

let folder: ReturnType<typeof temporaryFolder>
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(() => folder[Symbol.dispose]())

function fileOf(bytes: string | Uint8Array): string {
  const path = join(folder.path, 'export')
  writeFileSync(path, bytes)
  return path
}

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The export of the first `count` events: its header and rows, the complete file, and the SHA-256 in its trailer. */
function exported(format: ExportFormat, count = EVENTS.length) {
  const included = rows.slice(0, count)
  const body = format.header + format.rows(included)
  const [before, after] = format.trailer({
    organizationId: ORGANIZATION,
    snapshot: uuid(3),
    events: count,
    first: included[0]?.event.id ?? null,
    last: included.at(-1)?.event.id ?? null,
  })
  const hash = sha256(body + before)
  return { body, complete: body + before + hash + after, hash }
}

test('every format is found by the extension of a file name, and has a name of its own', () => {
  const found = EXPORT_FORMATS.map(format =>
    EXPORT_FORMATS.find(({ extension }) => `ORG${format.extension}`.endsWith(extension)),
  )
  expect(found).toEqual(EXPORT_FORMATS)
  expect(new Set(EXPORT_FORMATS.map(({ name }) => name)).size).toBe(EXPORT_FORMATS.length)
})

test('the trailer of NDJSON and OCSF is one JSON line under the key iam_logs_export', () => {
  const trailer = { organizationId: ORGANIZATION, snapshot: uuid(8), events: 2 }
  for (const format of [NDJSON, OCSF]) {
    expect(format.trailer({ ...trailer, first: uuid(1), last: null })).toEqual([
      `{"iam_logs_export":{"organization_id":"${ORGANIZATION}","snapshot":"${uuid(8)}","events":2,"first":"${uuid(1)}","last":null,"sha256":"`,
      '"}}\n',
    ])
  }
})

test('an NDJSON row has its fields in a fixed order; the ID and date of the event are read from it, and from no other line', () => {
  const { name, mediaType, extension, header, quotes } = NDJSON
  expect({ name, mediaType, extension, header, quotes }).toEqual({
    name: 'ndjson',
    mediaType: 'application/x-ndjson',
    extension: '.ndjson',
    header: '',
    quotes: false,
  })
  const [first] = rows
  if (first === undefined) throw new Error('no row')
  const later = { ...first, event: { ...first.event, recordedAt: recordedAt + 1000 } }
  const row = (date: string) =>
    `{"id":"${uuid(1)}","created_at":"2026-01-01T00:00:00.000002Z","action":"created","resource_type":"application","resource_id":"${first.event.resourceId}","resource_name":null,"bearer_id":"${uuid(1)}","principal_kind":"unknown","principal_name":"Unknown","ip":"192.0.2.1","user_agent":"a \\"quoted\\"\\nline, é","organization_id":"${ORGANIZATION}","recorded_at":"${date}"}\n`
  const [one, other] = ['2026-02-01T00:00:00.000000Z', '2026-02-01T00:00:00.001000Z'].map(row)
  expect(NDJSON.rows([first, later, first])).toBe(`${one}${other}${one}`)
  expect(NDJSON.placeOf(one ?? '')).toEqual({ id: uuid(1), createdAt: first.event.createdAt })
  const notEvents = ['', 'null', '[]', '{}', '{"id":7,"created_at":"2026-01-01T00:00:00Z"}']
  const withoutDate = [`{"id":"${uuid(1)}"}`, `{"id":"${uuid(1)}","created_at":"x"}`]
  for (const text of [...notEvents, ...withoutDate]) expect(NDJSON.placeOf(text)).toBeNull()
})

const FORMS: readonly (readonly [string, ExportFormat])[] = [
  ...EXPORT_FORMATS.map(format => [format.name, format] as const),
  ['csv with semicolons', csvFormat({ separator: ';', spreadsheet: false })],
  ['csv for a spreadsheet', csvFormat({ separator: ',', spreadsheet: true })],
  ['csv for a spreadsheet, with semicolons', csvFormat({ separator: ';', spreadsheet: true })],
]

describe.each(FORMS)('%s', (_, format) => {
  const { body, complete, hash } = exported(format)

  test('a complete file is verified, with its number of events and its SHA-256', async () => {
    expect(await verifyExport(fileOf(complete))).toEqual({ events: 3, sha256: hash })
    const empty = exported(format, 0)
    expect(await verifyExport(fileOf(empty.complete))).toEqual({ events: 0, sha256: empty.hash })
  })

  test('a file larger than one block of reading is verified, and is continued after its last complete row', async () => {
    const manyRows = Array.from({ length: 2000 }, () => rows[0]).filter(row => row !== undefined)
    const long = format.header + format.rows(manyRows)
    const [before, after] = format.trailer({
      organizationId: ORGANIZATION,
      snapshot: uuid(3),
      events: 2000,
      first: uuid(1),
      last: uuid(1),
    })
    const sum = sha256(long + before)
    expect(long.length).toBeGreaterThan(4 * 64 * 1024)
    expect(await verifyExport(fileOf(long + before + sum + after))).toEqual({
      events: 2000,
      sha256: sum,
    })
    expect(await readPartialExport(fileOf(`${long}{"a`), format)).toMatchObject({
      bytes: Buffer.byteLength(long),
      begun: { events: 2000 },
    })
  })

  test('a file with a changed byte is reported with its SHA-256 and the one in its trailer', async () => {
    const changed = complete.replace('192.0.2.1', '192.0.2.2')
    const now = sha256(changed.slice(0, changed.lastIndexOf(hash)))
    expect(await verifyExport(fileOf(changed))).toEqual({
      fault: `was changed: its content has the SHA-256 ${now}, but its trailer says ${hash}`,
    })
  })

  test('a file cut off in its third row is reported as incomplete, and is continued after its second row', async () => {
    const bytes = Buffer.from(body)
    const two = Buffer.byteLength(format.header + format.rows(rows.slice(0, 2)))
    for (const length of [two, two + 1, bytes.length - 1]) {
      const path = fileOf(bytes.subarray(0, length))
      expect(await verifyExport(path)).toEqual({
        fault: `is incomplete: 2 complete events in ${two} bytes, the last ${uuid(2)}, and no trailer`,
      })
      const { bytes: kept, begun } = await readPartialExport(path, format)
      expect([kept, begun?.events, begun?.first, begun?.last]).toEqual([
        two,
        2,
        uuid(1),
        { id: uuid(2), createdAt: EVENTS[1]?.createdAt },
      ])
      expect(begun?.hash.digest('hex')).toBe(sha256(bytes.subarray(0, two)))
    }
  })

  test('a file of one row without a trailer is continued after that row', async () => {
    const one = format.header + format.rows(rows.slice(0, 1))
    const { bytes, begun } = await readPartialExport(fileOf(one), format)
    expect([bytes, begun?.events, begun?.first, begun?.last.id]).toEqual([
      Buffer.byteLength(one),
      1,
      uuid(1),
      uuid(1),
    ])
  })

  test('a file with a cut-off trailer is incomplete, and a file with a line after its trailer was changed', async () => {
    const all = `is incomplete: 3 complete events in ${Buffer.byteLength(body)} bytes, the last ${uuid(3)}, and no trailer`
    expect(await verifyExport(fileOf(complete.slice(0, -1)))).toEqual({ fault: all })
    expect(await verifyExport(fileOf(complete.slice(0, body.length + 9)))).toEqual({ fault: all })
    expect(await verifyExport(fileOf(`${complete}x\n`))).toEqual({
      fault: 'was changed: its last line is neither an event nor a trailer',
    })
  })

  test('a file without a complete event is not an export, and is started from the beginning', async () => {
    for (const content of ['', format.header, body.slice(0, format.header.length + 9), 'a\nb\n']) {
      const path = fileOf(content)
      expect(await verifyExport(path)).toEqual({
        fault: 'is not an export, or contains no complete event',
      })
      expect(await readPartialExport(path, format)).toEqual({ bytes: 0, begun: null })
    }
  })
})

test('an NDJSON file is not continued as CSV or OCSF', async () => {
  const { body } = exported(NDJSON)
  expect(await readPartialExport(fileOf(body), CSV)).toEqual({ bytes: 0, begun: null })
  expect(await readPartialExport(fileOf(body), OCSF)).toEqual({ bytes: 0, begun: null })
})

test('verifying a file that does not exist fails with ENOENT', async () => {
  await expect(verifyExport(join(folder.path, 'nothing'))).rejects.toThrow('ENOENT')
})
