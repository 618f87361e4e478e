// The file with the only documents that the server executes; it is read once, at the start.

import { readFileSync } from 'node:fs'
import { InputError, quoted } from '../errors.ts'
import type { PersistedDocuments } from '../schema/persisted.ts'
import { plural } from '../text.ts'
import { codeOf } from './file-errors.ts'

/** Refuses a file with any fault, and writes each fault to standard error. */
export async function readPersistedFile(file: string): Promise<PersistedDocuments> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new InputError(
      `persisted documents ${quoted(file)} cannot be read (${codeOf(error)}); give the file that the client's build writes`,
    )
  }
  // Loaded here, because it loads the whole schema, and few starts need it.
  const { readPersisted } = await import('../schema/persisted.ts')
  const { documents, faults } = readPersisted(text)
  if (documents !== undefined) return documents
  for (const fault of faults) process.stderr.write(`${file}: ${fault}\n`)
  throw new InputError(
    `persisted documents ${quoted(file)} have ${plural(faults.length, 'fault')}; build the client against this version's api.graphql`,
  )
}
