// What a resolver has: who asks, the part of the log it may see, and look-ups over that part. Nothing else,
// so a resolver that forgets to check cannot be written.

import type { LogReader } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { createLoaders, type Loaders } from './loaders.ts'

export interface GraphContext {
  readonly viewer: Viewer
  readonly log: LogReader
  readonly load: Loaders
}

/** `log` must be limited to what `viewer` may see. */
export function createGraphContext(viewer: Viewer, log: LogReader): GraphContext {
  return { viewer, log, load: createLoaders(log) }
}
