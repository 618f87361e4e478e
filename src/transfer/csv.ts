// Events as CSV by RFC 4180, for programs and for spreadsheets. What a spreadsheet could take for a formula has an
// apostrophe before it, by whichever separator it reads the file: what is in a log was written by whoever made the request.

import { stringify } from 'csv-stringify/sync'
import type { Position } from '../event.ts'
import type { ExportFormat } from './export-format.ts'
import { placeFrom, type Row, rowOf } from './ndjson.ts'

const COLUMNS: readonly (keyof Row)[] = [
  'id',
  'created_at',
  'action',
  'resource_type',
  'resource_id',
  'resource_name',
  'bearer_id',
  'principal_kind',
  'principal_name',
  'ip',
  'user_agent',
  'organization_id',
  'recorded_at',
]

/** What spreadsheets that expect a decimal comma take for the separator is a semicolon. */
export type Separator = ',' | ';'

export interface CsvOptions {
  readonly separator: Separator
  /** For a person's spreadsheet: UTF-8 is marked, and dates are such as it takes for dates, to the second. */
  readonly spreadsheet: boolean
}

type Column = readonly [name: string, cell: (row: Row) => string | null]

const AS_THEY_ARE = COLUMNS.map((name): Column => [name, row => row[name]])

/** No column means something else than in other files; the whole date is in the last. */
const FOR_SPREADSHEETS = [
  ...AS_THEY_ARE.map(([name, cell]): Column => {
    if (name !== 'created_at' && name !== 'recorded_at') return [name, cell]
    return [`${name}_utc`, row => row[name].slice(0, 19).replace('T', ' ')]
  }),
  ['created_at', row => row.created_at] satisfies Column,
]

/** By it Excel knows UTF-8. */
const BYTE_ORDER_MARK = '\ufeff'

/** In place of an ID, so that a row that is no event is not taken for one. */
const END = '#end'

export function csvFormat({ separator, spreadsheet }: CsvOptions): ExportFormat {
  const columns = spreadsheet ? FOR_SPREADSHEETS : AS_THEY_ARE

  function records(rows: readonly (readonly string[])[]): string {
    const options = { record_delimiter: 'windows', quoted_match: /[\r\n\0]/ } as const
    return stringify([...rows], { ...options, delimiter: separator })
  }

  return {
    name: 'csv',
    mediaType: 'text/csv; charset=utf-8; header=present',
    extension: '.csv',
    header: `${spreadsheet ? BYTE_ORDER_MARK : ''}${records([columns.map(([name]) => name)])}`,
    rows: events =>
      records(
        events.map(event => {
          const row = rowOf(event)
          return columns.map(([, cell]) => plainCell(cell(row) ?? ''))
        }),
      ),
    trailer({ organizationId, snapshot, events, first, last }) {
      const said = [
        END,
        `events=${events}`,
        `first=${first ?? ''}`,
        `last=${last ?? ''}`,
        `organization_id=${organizationId}`,
        `snapshot=${snapshot}`,
      ]
      const empty = new Array(columns.length - said.length - 1).fill('')
      return [records([[...said, ...empty, 'sha256=']]).trimEnd(), '\r\n']
    },
    quotes: true,
    placeOf,
  }
}

export const CSV = csvFormat({ separator: ',', spreadsheet: false })

/** Of a row of any of these. Neither an ID nor a date is ever quoted. */
function placeOf(row: string): Position | null {
  const [id, date] = row.split(/[,;]/, 2)
  const last = /[,;]([^,;]*?)\s*$/.exec(row)?.[1]
  return placeFrom(id, date) ?? placeFrom(id, last)
}

/** What spreadsheets calculate, also behind blanks and in full-width forms; and the apostrophe itself. */
const FORMULA = "[\\s\\0\\u200b\\ufeff]*[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20]|'"
/** At the beginning of a cell also the control characters that they skip. */
const AT_START = new RegExp(`^(?=${FORMULA}|[\\t\\r\\n\\0])`)
/** Where a reader may see the beginning of a cell, as it takes another separator, or splits at newlines, quotes or not. */
const INSIDE = new RegExp(`(\\r\\n|[\\r\\n\\t,;])(?="*(?:${FORMULA}))`, 'g')

/**
 * With apostrophes where they are needed: without the first of each part, where it has one, it is the text again. Parts
 * are what is between newlines, tabs, commas and semicolons.
 */
export function plainCell(text: string): string {
  return text.replace(INSIDE, "$1'").replace(AT_START, "'")
}
