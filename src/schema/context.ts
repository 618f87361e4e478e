// The context of resolvers: the viewer, and readers limited to what the viewer may see. Resolvers have no other access
// to data, so no resolver can forget to check rights.

import type { FeedCursor } from '../event.ts'
import type { LogReader } from '../log-reader.ts'
import type { Clock, SavedViews } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { type Visibility, visibilityOf } from '../visibility.ts'
import { createLoaders, type Loaders } from './loaders.ts'

export interface GraphContext {
  readonly viewer: Viewer
  readonly log: LogReader
  readonly load: Loaders
  readonly savedViews: SavedViews
  readonly clock: Clock
  /** `null` for queries and mutations. */
  readonly subscription: Subscription | null
}

/** The state of a subscription, shared by its resolver and the stream that sends its results. */
export interface Subscription {
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal
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
): GraphContext {
  const visibility = visibilityOf(viewer)
  const log = read(visibility)
  const load = createLoaders(log)
  return { viewer, log, load, savedViews: viewsOf(visibility), clock, subscription: null }
}
