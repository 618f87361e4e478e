// Saved views as one request writes them: each time with a record of who it was.

import type { Audit, ViewChanged } from '../audit-record.ts'
import type { SavedView } from '../saved-view.ts'
import type { SavedViews } from '../store.ts'
import { askerOf, type RequestContext } from './request-context.ts'

export function auditedViews(views: SavedViews, context: RequestContext, audit: Audit): SavedViews {
  function tell(event: ViewChanged['event'], view: SavedView | null): SavedView | null {
    if (view === null) return null
    const { organizationId, id: viewId, name, pageQuery, shared, mine } = view
    audit({
      ...{ event, ...askerOf(context), organizationId },
      ...{ viewId, name, pageQuery, shared, mine },
    })
    return view
  }
  return {
    ...views,
    save: async (...given) => tell('view_saved', await views.save(...given)),
    change: async (...given) => tell('view_changed', await views.change(...given)),
    delete: async (...given) => tell('view_deleted', await views.delete(...given)),
  }
}
