// Saved views of the Logs page: its filters and settings under a name, private or shared with everyone who may see
// the events of the Organization.

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
  /** The name of its creator when it was saved; `null`: unknown, or the viewer may not see users. */
  readonly author: string | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type SavedViewContent = Pick<SavedView, 'name' | 'pageQuery' | 'shared'>

export const VIEW_LIMITS = {
  /** The maximum length of a name and of a query string, in characters. */
  name: 100,
  pageQuery: 4_000,
  /** The maximum number of views of one viewer in one Organization. */
  own: 50,
  /** The maximum number of views that all viewers together share in one Organization. */
  shared: 100,
} as const
