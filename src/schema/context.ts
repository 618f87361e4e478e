// The context of resolvers: the viewer, and readers limited to what the viewer may see. Resolvers have no other access
// to data, so no resolver can forget to check rights.

import type { FeedCursor } from '../event.ts'
import type { LogReader } from '../log-reader.ts'
import type { Clock, SavedViews } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { createLoaders } from './loaders.ts'

export type GraphContext = ReturnType<typeof createGraphContext>

/** The state of a subscription, shared by its resolver and the stream that sends its results. */
export interface Subscription {
  /** Aborted when the client is gone. */
  readonly ending: AbortController
  /** The Last-Event-ID of a client that reconnects; it takes precedence over the argument `after`. */
  readonly lastEventId: string | null
  /** The cursor after the event that is being resolved. */
  offered: FeedCursor
  /** The cursor to resume from: after all events that were sent, and those after them that do not match. */
  reached: FeedCursor
}

/** The reader and the views are those of this viewer. */
export function createGraphContext(
  viewer: Viewer,
  log: LogReader,
  savedViews: SavedViews,
  clock: Clock,
) {
  /** `null` for queries and mutations. */
  const subscription = null as Subscription | null
  return { viewer, log, load: createLoaders(log), savedViews, clock, subscription }
}
