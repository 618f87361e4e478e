// The formats there are, by name.

import { CSV } from './csv.ts'
import type { ExportFormat } from './export-format.ts'
import { NDJSON } from './ndjson.ts'
import { OCSF } from './ocsf.ts'

export const EXPORT_FORMATS: readonly ExportFormat[] = [OCSF, NDJSON, CSV]
