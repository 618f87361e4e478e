// Events as CSV by RFC 4180, for programs and for spreadsheets. A text that a spreadsheet could take for a formula gets
// an apostrophe, whichever separator the spreadsheet uses, because attackers can choose their user agent.

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

/** A semicolon is for spreadsheets in languages with a decimal comma. */
export type Separator = ',' | ';'

export interface CsvOptions {
  readonly separator: Separator
  /** With a byte order mark for UTF-8, and dates to the second in a format that spreadsheets recognise. */
  readonly spreadsheet: boolean
}

/** Shortened dates have different column names; the full date is in the last column. */
const SPREADSHEET_COLUMNS = [...COLUMNS.map(name => name.replace(/ed_at$/, '$&_utc')), 'created_at']

/** With dates to the second, as spreadsheets recognise them. */
function withShortDates(row: Row) {
  const short = (date: string) => date.slice(0, 19).replace('T', ' ')
  return { ...row, created_at_utc: short(row.created_at), recorded_at_utc: short(row.recorded_at) }
}

/** Excel recognises UTF-8 by it. */
const BYTE_ORDER_MARK = '\ufeff'

/** In place of an ID, so that the trailer is not mistaken for an event. */
const END = '#end'

export function csvFormat({ separator, spreadsheet }: CsvOptions): ExportFormat {
  const columns: readonly string[] = spreadsheet ? SPREADSHEET_COLUMNS : COLUMNS

  function records(rows: readonly (readonly string[])[]): string {
    const options = { record_delimiter: 'windows', quoted_match: /[\r\n\0]/ } as const
    return stringify([...rows], { ...options, delimiter: separator })
  }

  return {
    name: 'csv',
    mediaType: 'text/csv; charset=utf-8; header=present',
    extension: '.csv',
    header: `${spreadsheet ? BYTE_ORDER_MARK : ''}${records([columns])}`,
    rows: events =>
      records(
        events.map(event => {
          const row = rowOf(event)
          const cells: Record<string, string | null> = spreadsheet ? withShortDates(row) : row
          return columns.map(name => plainCell(cells[name] ?? ''))
        }),
      ),
    trailer({ organizationId, snapshot, events, first, last }) {
      const cells = [
        END,
        `events=${events}`,
        `first=${first ?? ''}`,
        `last=${last ?? ''}`,
        `organization_id=${organizationId}`,
        `snapshot=${snapshot}`,
      ]
      const empty = new Array(columns.length - cells.length - 1).fill('')
      return [records([[...cells, ...empty, 'sha256=']]).trimEnd(), '\r\n']
    },
    quotes: true,
    placeOf,
  }
}

export const CSV = csvFormat({ separator: ',', spreadsheet: false })

/** For all these variants. IDs and dates are never quoted. */
function placeOf(row: string): Position | null {
  const [id, date] = row.split(/[,;]/, 2)
  const last = /[,;]([^,;]*?)\s*$/.exec(row)?.[1]
  return placeFrom(id, date) ?? placeFrom(id, last)
}

/** Text that spreadsheets evaluate, also after blanks and in full-width forms; and the apostrophe itself. */
const FORMULA = "[\\s\\0\\u200b\\ufeff]*[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20]|'"
/** At the start of a cell also control characters, which they skip. */
const AT_START = new RegExp(`^(?=${FORMULA}|[\\t\\r\\n\\0])`)
/** After any character that a reader may take for the end of a cell: another separator, or a newline within quotes. */
const INSIDE = new RegExp(`(\\r\\n|[\\r\\n\\t,;])(?="*(?:${FORMULA}))`, 'g')

/**
 * Adds an apostrophe to each part between newlines, tabs, commas and semicolons that needs one; removing the first
 * apostrophe of each part restores the text.
 */
export function plainCell(text: string): string {
  return text.replace(INSIDE, "$1'").replace(AT_START, "'")
}
