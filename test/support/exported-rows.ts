// The rows of an export or of a page of the feed, in every format, without a trailer.

import type { ExportFormat } from '../../src/transfer/export-format.ts'

export interface ExportedRow {
  readonly id: string | null
  readonly bearer_id: string | null
  readonly principal_kind: string | null
  readonly principal_name: string | null
  readonly resource_id: string | null
  readonly resource_name: string | null
}

/** The kinds of principals by their types in OCSF. */
const KINDS: Readonly<Record<string, string>> = {
  ...{ User: 'user', Service: 'application', System: 'scaleway', Unknown: 'unknown' },
}

export const ROWS_OF: Record<ExportFormat['name'], (text: string) => ExportedRow[]> = {
  ndjson: text => parsed(text).map(rowOf),
  csv: text => {
    const [head = [], ...rows] = text
      .trimEnd()
      .split('\r\n')
      .map(line => line.split(','))
    return rows.map(row => rowOf(Object.fromEntries(head.map((name, at) => [name, row[at]]))))
  },
  ocsf: text =>
    parsed(text).map(({ metadata, actor: { user }, entity }) => ({
      id: metadata.uid,
      bearer_id: user.uid,
      principal_kind: KINDS[user.type] ?? null,
      // In OCSF, an Unknown has no name.
      principal_name: user.name ?? user.type,
      resource_id: entity.uid,
      resource_name: entity.name ?? null,
    })),
}

// biome-ignore lint/suspicious/noExplicitAny: rows are what is tested
function parsed(text: string): any[] {
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}

export function rowOf(row: Partial<ExportedRow>): ExportedRow {
  return {
    id: row.id || null,
    bearer_id: row.bearer_id || null,
    principal_kind: row.principal_kind || null,
    principal_name: row.principal_name || null,
    resource_id: row.resource_id || null,
    resource_name: row.resource_name || null,
  }
}
