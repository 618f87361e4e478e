// Whether the file that is open is still the one of its name. SQLite goes on with one that was deleted or replaced as
// if nothing had happened, and whatever is written into it is gone with the process.

import { statSync } from 'node:fs'
import { quoted, Refusal } from '../../errors.ts'

/** To be called when the file is open; what it returns throws a refusal once another or none has the name. */
export function movedCheck(file: string): () => void {
  if (file === ':memory:' || file === '') return () => {}
  const opened = identityOf(file)
  return () => {
    if (identityOf(file) === opened) return
    throw new Refusal(
      'BAD_USER_INPUT',
      `database ${quoted(file)} was moved or deleted while it was in use; start again to use the file that is there now`,
    )
  }
}

function identityOf(file: string): string | null {
  const found = statSync(file, { throwIfNoEntry: false })
  return found === undefined ? null : `${found.dev} ${found.ino}`
}
