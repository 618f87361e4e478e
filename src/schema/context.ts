// What a resolver has: who asks, the part of the log it may see, and look-ups over that part. Nothing else,
// so a resolver that forgets to check cannot be written.

import type { FeedMark } from '../event.ts'
import type { Clock, LogReader, SavedViews } from '../store.ts'
import type { Viewer } from '../viewer.ts'
import { type Visibility, visibilityOf } from '../visibility.ts'
import { createLoaders, type Loaders } from './loaders.ts'

export interface GraphContext {
  readonly viewer: Viewer
  readonly log: LogReader
  readonly load: Loaders
  readonly savedViews: SavedViews
  readonly clock: Clock
  /** `null` of what is no subscription. */
  readonly subscription: Subscription | null
}

/**
 * A subscription while it lasts: whoever sends its answers ends it, its resolver says how far it came.
 */
export interface Subscription {
  /** Aborted when nobody listens any more. */
  readonly signal: AbortSignal
  /** What the client saw last, where it comes back; goes before the argument `after`. */
  readonly lastEventId: string | null
  /** Behind the event that is being answered. */
  offered: FeedMark
  /** Where to resume from: behind everything that was sent, and what did not match after it. */
  reached: FeedMark
}

/** `read` and `viewsOf` must give what a viewer may see. */
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
