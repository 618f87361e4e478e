// Exports as CSV: no cell is a formula in a spreadsheet, the original texts can be restored, and the columns are fixed.

import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordedEvent } from '../src/event.ts'
import { CSV, csvFormat, plainCell, type Separator } from '../src/transfer/csv.ts'
import { at, event, ORGANIZATION, uuid } from './support/events.ts'
import { NASTY } from './support/nasty.ts'

const recordedAt = 1_800_000_000_000_000

function enriched(given: Partial<RecordedEvent>[]) {
  return given.map(fields => {
    const one = { ...event(fields), recordedAt, ...fields }
    const { organizationId, principalId: id } = one
    const principal = { kind: 'unknown', organizationId, id, name: 'Unknown' } as const
    return { event: one, principal, resourceName: null }
  })
}

function rowsOf(given: Partial<RecordedEvent>[]) {
  const text = CSV.header + CSV.rows(enriched(given))
  return parse(text, { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[]
}

/** The original text of a cell. */
function withoutApostrophes(cell: string): string {
  return cell.replace(/(^|\r\n|[\r\n\t,;])'/g, '$1')
}

const FORMULA = /^[\s\u200b\ufeff]*[=+\-@＝＋－＠]/
const DANGEROUS = /^[\s\u200b\ufeff]*[=+\-@＝＋－＠]|^[\t\r\n\0]/

test.each([
  '=1+1',
  "=cmd|' /C calc'!A0",
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '\0=1',
  ' =1',
  '\u00a0=1',
  '\ufeff=1',
  '＝1+1',
  '＋1',
  '－1',
  '＠SUM(A1)',
  "-2+3+cmd|' /C calc'!D2",
  '=HYPERLINK("http://evil.example","click")',
  '"=1"',
  'curl\n=1+1',
  'curl\r\n+1',
  "'=1",
])('%j is not a formula in any cell, and can be restored', text => {
  const [row] = rowsOf([{ userAgent: text, action: text, resourceId: text }])
  for (const cell of [row?.user_agent, row?.action, row?.resource_id]) {
    expect(cell).not.toMatch(DANGEROUS)
    for (const line of cell?.split(/\r\n|\r|\n/) ?? []) expect(line).not.toMatch(FORMULA)
    expect(withoutApostrophes(cell ?? '')).toBe(text)
  }
})

test('strings known to break programs are not formulas in any cell, and can be restored', () => {
  const texts = NASTY.filter(text => text.isWellFormed())
  const rows = rowsOf(texts.map(text => ({ userAgent: text, action: text, resourceId: text })))
  expect(rows).toHaveLength(texts.length)
  rows.forEach((row, at) => {
    for (const cell of [row.user_agent, row.action, row.resource_id]) {
      expect(cell).not.toMatch(DANGEROUS)
      for (const line of cell?.split(/\r\n|\r|\n/) ?? []) expect(line).not.toMatch(FORMULA)
      expect(withoutApostrophes(cell ?? '')).toBe(texts[at])
    }
  })
})

const INJECTED = [
  "x;=cmd|' /C calc'!A0;y",
  'agent\t=1+1\tz',
  'a,=1+1,b',
  'a;"=1+1"',
  'a;""=1+1',
  'a; \t=1',
  'a;\0=1',
  'a";=1',
  "a;'=1",
  'a\r\n;=1',
  '=1;=2\t=3,=4',
  ';;=1',
  'Mozilla/5.0 (compatible; bot/2.1; +http://bot.example)',
]

/** The cells for a program that expects this separator, and takes every newline for the end of a row. */
function seenBy(separator: string, text: string): string[] {
  const relaxed = parse(text, {
    ...{ delimiter: separator, relax_quotes: true, relax_column_count: true, bom: true },
    record_delimiter: '\r\n',
  }) as string[][]
  const split = text.split(/\r\n|\r|\n/).flatMap(line => line.split(separator))
  return [...relaxed.flat(), ...split, ...split.map(cell => cell.replace(/^"+/, ''))]
}

test.each([',', ';'] as const)(
  'a file separated by "%s" contains no formula, whichever separator a program expects',
  separator => {
    const texts = [...INJECTED, ...NASTY.filter(text => text.isWellFormed())]
    for (const spreadsheet of [false, true]) {
      const format = csvFormat({ separator, spreadsheet })
      for (const text of texts) {
        const file = format.rows(enriched([{ userAgent: text, action: text, resourceId: text }]))
        for (const other of [',', ';', '\t']) {
          let cells: string[] = []
          try {
            cells = seenBy(other, file)
          } catch {
            // This parser may reject the quotes.
            cells = file.split(/\r\n|\r|\n/).flatMap(line => line.split(other))
          }
          expect(cells.filter(cell => /^[\s\0"\u200b\ufeff]*[=+\-@＝＋－＠]/.test(cell))).toEqual(
            [],
          )
        }
      }
    }
  },
)

test('a text with separators can be restored from its cell', () => {
  for (const text of INJECTED) expect(withoutApostrophes(plainCell(text))).toBe(text)
})

test.each([',', ';'] as Separator[])(
  'a file for spreadsheets, separated by "%s", is marked as UTF-8 and has dates that spreadsheets recognise',
  separator => {
    const format = csvFormat({ separator, spreadsheet: true })
    const createdAt = at('2026-02-09T10:00:01.123456Z')
    const [row] = enriched([{ createdAt, userAgent: 'agent de Zoé, 2; "x"' }])
    const text = format.header + format.rows(row === undefined ? [] : [row])
    expect(text.startsWith('\ufeffid')).toBe(true)
    const [found] = parse(text, { columns: true, delimiter: separator, bom: true }) as Record<
      string,
      string
    >[]
    expect(found).toMatchObject({
      created_at_utc: '2026-02-09 10:00:01',
      recorded_at_utc: '2027-01-15 08:00:00',
      created_at: '2026-02-09T10:00:01.123456Z',
      user_agent: 'agent de Zoé, 2; "x"',
    })
    expect(Object.keys(found ?? {}).slice(0, 3)).toEqual(['id', 'created_at_utc', 'action'])
    expect(format.placeOf(format.rows(row === undefined ? [] : [row]))).toEqual({
      id: row?.event.id,
      createdAt,
    })
  },
)

test('a text that is not a formula is not changed', () => {
  for (const text of ['curl/8.0', 'Mozilla/5.0 (X11; Linux)', 'a=b', 'a, "b"\r\nc', '100%', '']) {
    expect(plainCell(text)).toBe(text)
  }
})

test('a cell with any kind of newline is quoted, because some programs take each for the end of a row', () => {
  for (const newline of ['\n', '\r', '\r\n']) {
    expect(CSV.rows(enriched([{ userAgent: `a${newline}b` }]))).toMatch(`,"a${newline}b",`)
  }
})

test('any text can be restored by another CSV parser, and is not a formula (2,000 texts)', () => {
  const nasty = fc.string({
    unit: fc.oneof(
      fc.constantFrom(
        '=',
        '+',
        '-',
        '@',
        '\t',
        '\r',
        '\n',
        "'",
        '"',
        ',',
        ' ',
        '＝',
        '\ufeff',
        ';',
      ),
      fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
    ),
    maxLength: 12,
  })
  fc.assert(
    fc.property(fc.array(nasty, { minLength: 1, maxLength: 4 }), texts => {
      const rows = rowsOf(texts.map(text => ({ userAgent: text })))
      const agents = rows.map(row => row.user_agent ?? '')
      expect(agents.map(withoutApostrophes)).toEqual(texts)
      expect(agents.filter(agent => DANGEROUS.test(agent))).toEqual([])
    }),
    { numRuns: 2000 },
  )
})

test('a file has a fixed header, a row for each event, from which its place can be read, and a trailer', () => {
  const { name, mediaType, extension, quotes } = CSV
  expect({ name, mediaType, extension, quotes }).toEqual({
    name: 'csv',
    mediaType: 'text/csv; charset=utf-8; header=present',
    extension: '.csv',
    quotes: true,
  })
  expect(CSV.header).toBe(
    'id,created_at,action,resource_type,resource_id,resource_name,bearer_id,principal_kind,principal_name,ip,user_agent,organization_id,recorded_at\r\n',
  )
  const createdAt = at('2026-01-01T00:00:00.000001Z')
  const scaleway = { kind: 'scaleway', organizationId: ORGANIZATION, id: uuid(1) } as const
  const one = {
    event: { ...event({ id: uuid(9), createdAt, resourceId: uuid(7) }), recordedAt },
    principal: { ...scaleway, name: 'Scaleway' },
    resourceName: 'a, "b"',
  }
  const empty = { ipAddress: null, userAgent: null }
  const bare = { ...one, event: { ...one.event, ...empty }, resourceName: null }
  const start = `${uuid(9)},2026-01-01T00:00:00.000001Z,created,application,${uuid(7)}`
  const end = `${ORGANIZATION},2027-01-15T08:00:00.000000Z\r\n`
  const row = `${start},"a, ""b""",${uuid(1)},scaleway,Scaleway,192.0.2.1,curl/8.0,${end}`
  expect(CSV.rows([one, bare])).toBe(`${row}${start},,${uuid(1)},scaleway,Scaleway,,,${end}`)
  expect(CSV.rows([])).toBe('')
  expect(CSV.placeOf(row)).toEqual({ id: uuid(9), createdAt })
  for (const text of ['', CSV.header, row.slice(0, 40), '#end,events=1']) {
    expect(CSV.placeOf(text)).toBeNull()
  }
  const trailer = { organizationId: ORGANIZATION, snapshot: uuid(8), events: 2 }
  const place = `organization_id=${ORGANIZATION},snapshot=${uuid(8)},,,,,,,sha256=`
  expect(CSV.trailer({ ...trailer, first: uuid(1), last: uuid(2) })).toEqual([
    `#end,events=2,first=${uuid(1)},last=${uuid(2)},${place}`,
    '\r\n',
  ])
  expect(CSV.trailer({ ...trailer, first: null, last: null })).toEqual([
    `#end,events=2,first=,last=,${place}`,
    '\r\n',
  ])
})
