// The file of persisted documents that a server is told to keep to: read once, at the start.

import { readFileSync } from 'node:fs'
import { InputError, quoted } from '../errors.ts'
import type { PersistedDocuments } from '../schema/persisted.ts'
import { plural } from './progress.ts'

/** Refuses a file with any fault, and tells each on a line of its own on standard error. */
export async function readPersistedFile(file: string): Promise<PersistedDocuments> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new InputError(
      `persisted documents ${quoted(file)} cannot be read (${code}); give the file that the client's build writes`,
    )
  }
  // Loaded here, as it brings the whole graph, and few starts need it.
  const { readPersisted } = await import('../schema/persisted.ts')
  const { documents, faults } = readPersisted(text)
  if (documents !== undefined) return documents
  for (const fault of faults) process.stderr.write(`${file}: ${fault}\n`)
  throw new InputError(
    `persisted documents ${quoted(file)} have ${plural(faults.length, 'fault')}; build the client against this version's api.graphql`,
  )
}
