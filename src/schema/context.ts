// The context of resolvers: the viewer, and readers limited to what the viewer may see. Resolvers have no other access
// to data, so no resolver can forget to check rights.

import type { FeedCursor } from '../event.ts'
import type { LogReader } from '../log-reader.ts'
import type { Clock, SavedViews } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { type Visibility, visibilityOf } from '../visibility.ts'
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

export function createGraphContext(
  viewer: Viewer,
  read: (visibility: Visibility) => LogReader,
  viewsOf: (visibility: Visibility) => SavedViews,
  clock: Clock,
) {
  const visibility = visibilityOf(viewer)
  const log = read(visibility)
  /** `null` for queries and mutations. */
  const subscription = null as Subscription | null
  const savedViews = viewsOf(visibility)
  return { viewer, log, load: createLoaders(log), savedViews, clock, subscription }
}
