// Authenticates each request, so that revoking a token takes effect at the next one. Streams check again at intervals.

import { UserError } from '../../errors.ts'
import type { Viewer } from '../../viewer.ts'
import type { Cookies } from '../cookies.ts'
import type { Identify } from '../identify.ts'
import type { Plugin, RequestContext } from '../request-context.ts'
import { answering } from '../routes/route.ts'

export interface ViewerOptions {
  readonly identify: Identify
  /** `null` without sign-in. */
  readonly cookies: Cookies | null
  /** Called when the viewer's rights have changed during a stream. */
  readonly rightsChanged: (context: RequestContext) => void
}

export function useViewer({ identify, cookies, rightsChanged }: ViewerOptions): Plugin {
  return {
    onRequest: answering(async ({ request, url, context }) => {
      const proofs = {
        headers: request.headers,
        session: cookies && sessionOf(cookies, request, url.pathname),
      }
      const viewer = await identify.first(proofs, context)
      context.viewer = viewer
      context.recheck = async () => {
        try {
          const viewerNow = await identify.again(proofs, context)
          if (rightsOf(viewerNow) === rightsOf(viewer)) return
          throw new UserError('FORBIDDEN', 'your rights changed; connect again')
        } catch (error) {
          if (error instanceof UserError) rightsChanged(context)
          throw error
        }
      }
      return undefined
    }),
  }
}

/** Only for requests that the pages send by script; others are not authenticated by a cookie. */
function sessionOf(cookies: Cookies, request: Request, path: string): string | null {
  const isAsked = path === '/graphql' ? request.method === 'POST' : path.startsWith('/export/')
  return isAsked ? cookies.ofOurPage(request) : null
}

/** The same for any order of memberships. */
function rightsOf({ id, memberships }: Viewer): string {
  const rights = memberships.map(({ organizationId, owner, permissionSets }) =>
    JSON.stringify([organizationId, owner, permissionSets.toSorted()]),
  )
  return JSON.stringify([id, rights.sort()])
}
