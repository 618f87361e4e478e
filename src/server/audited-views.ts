// Saved views for one request: every change is written to the audit log.

import type { Audit, ViewChanged } from '../audit-record.ts'
import type { SavedView } from '../saved-view.ts'
import type { SavedViews } from '../store.ts'
import { askerOf, type RequestContext } from './request-context.ts'

export function auditedViews(views: SavedViews, context: RequestContext, audit: Audit): SavedViews {
  function record(event: ViewChanged['event'], view: SavedView | null): SavedView | null {
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
    save: async (...given) => record('view_saved', await views.save(...given)),
    change: async (...given) => record('view_changed', await views.change(...given)),
    delete: async (...given) => record('view_deleted', await views.delete(...given)),
  }
}
