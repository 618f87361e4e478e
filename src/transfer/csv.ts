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

/**
 * At the beginning, and after a newline, as some readers split there: what spreadsheets calculate, also behind
 * blanks and in full-width forms; the control characters they skip; and the apostrophe itself, so that taking
 * away the first one of each line gives back what there was.
 */
const FORMULA = /(^|[\r\n])(?=['\t\r\n\0]|[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20])/g

export function plainCell(text: string): string {
  return text.replace(FORMULA, "$1'")
}
