// Stores that tests of a `describe` block open, and that are closed after each test.

import { afterEach } from 'vitest'
import type { AuditStore } from '../../src/store.ts'

export function closedAfterEach<Options extends unknown[]>(
  open: (...options: Options) => Promise<AuditStore>,
): (...options: Options) => Promise<AuditStore> {
  const opened: AuditStore[] = []
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })
  return async (...options) => {
    const store = await open(...options)
    opened.push(store)
    return store
  }
}
