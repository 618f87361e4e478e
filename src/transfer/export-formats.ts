// The export formats, and their options.

import { InputError, quoted } from '../errors.ts'
import { CSV, csvFormat } from './csv.ts'
import type { ExportFormat } from './export-format.ts'
import { NDJSON } from './ndjson.ts'
import { OCSF } from './ocsf.ts'

export const EXPORT_FORMATS: readonly ExportFormat[] = [OCSF, NDJSON, CSV]

/** `trailer=no`; for CSV also `separator=;`, `for=spreadsheet`. */
export const FORM_NAMES = ['trailer', 'separator', 'for'] as const

export interface ExportForm {
  readonly format: ExportFormat
  /** Whether the last line proves completeness; some programs would read it as one more row. */
  readonly trailer: boolean
}

/** `value` returns an option, `null` if it is not given. Refuses unknown values. */
export function exportForm(
  format: ExportFormat,
  value: (name: (typeof FORM_NAMES)[number]) => string | null,
): ExportForm {
  const one = <T extends string>(name: (typeof FORM_NAMES)[number], values: readonly T[]) => {
    const text = value(name)
    const found = values.find(each => each === text)
    if (text === null || found !== undefined) return found
    const are = values.map(each => quoted(each)).join(' or ')
    throw new InputError(`${name}: ${quoted(text)} is not allowed; give ${are}`)
  }
  const trailer = one('trailer', ['yes', 'no']) !== 'no'
  const [separator, reader] = [one('separator', [',', ';']), one('for', ['spreadsheet'])]
  if (separator === undefined && reader === undefined) return { format, trailer }
  if (format !== CSV) {
    throw new InputError('separator and for are only for CSV; omit them, or export CSV')
  }
  const spreadsheet = reader !== undefined
  return { format: csvFormat({ separator: separator ?? ',', spreadsheet }), trailer }
}
