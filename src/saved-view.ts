// Saved views: what the Logs page shows, kept under a name by who looks at it often; one's own, or shared with everyone
// who may see the events of the Organization.

import type { Instant } from './instant.ts'
import type { DirectoryKey } from './principal.ts'

export interface SavedView extends DirectoryKey {
  readonly name: string
  /** The query string of the page's address, without the question mark. */
  readonly pageQuery: string
  readonly shared: boolean
  /** Whether it is the viewer's own. */
  readonly mine: boolean
  /** Whether the viewer may delete it. */
  readonly deletable: boolean
  /** What its maker was called when it was saved; `null`: nobody knows, or the viewer may see no users. */
  readonly author: string | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type SavedViewContent = Pick<SavedView, 'name' | 'pageQuery' | 'shared'>

export const VIEW_LIMITS = {
  /** Characters of a name and of a query string. */
  name: 100,
  pageQuery: 4_000,
  /** Of one viewer in one Organization. */
  own: 50,
  /** By all viewers in one Organization. */
  shared: 100,
} as const
