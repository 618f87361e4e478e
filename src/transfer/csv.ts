// Events as CSV by RFC 4180, for spreadsheets. A cell that a spreadsheet could take for a formula has an
// apostrophe before it: what is in a log was written by whoever made the request.

import { stringify } from 'csv-stringify/sync'
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

/** In place of an ID, so that a row that is no event is not taken for one. */
const END = '#end'

export const CSV: ExportFormat = {
  name: 'csv',
  mediaType: 'text/csv; charset=utf-8; header=present',
  extension: '.csv',
  header: records([COLUMNS]),
  rows: events =>
    records(
      events.map(event => {
        const row = rowOf(event)
        return COLUMNS.map(column => plainCell(row[column] ?? ''))
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
    const empty = new Array(COLUMNS.length - said.length - 1).fill('')
    return [records([[...said, ...empty, 'sha256=']]).trimEnd(), '\r\n']
  },
  quotes: true,
  placeOf(row) {
    // Neither an ID nor a date is ever quoted.
    const [id, date] = row.split(',', 2)
    return placeFrom(id, date)
  },
}

function records(rows: readonly (readonly string[])[]): string {
  return stringify([...rows], { record_delimiter: 'windows', quoted_match: /[\r\n\0]/ })
}

/** What spreadsheets calculate, also behind blanks and in full-width forms; and the apostrophe itself. */
const FORMULA = "[\\s\\u200b\\ufeff]*[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20]|'"
/** At the beginning of a cell also the control characters that they skip. */
const AT_START = new RegExp(`^(?=${FORMULA}|[\\t\\r\\n\\0])`)
/** Some readers split at newlines, quotes or not. */
const AT_NEWLINE = new RegExp(`(\\r\\n|\\r|\\n)(?=${FORMULA})`, 'g')

/** With apostrophes where they are needed: without the first of each line, where it has one, it is the text again. */
export function plainCell(text: string): string {
  return text.replace(AT_NEWLINE, "$1'").replace(AT_START, "'")
}
