// Who asks, for all that needs to know: anew for each request, so that revoking a token has effect on the next. What
// lasts looks again from time to time.

import { UserError } from '../../errors.ts'
import type { Viewer } from '../../viewer.ts'
import type { Cookies } from '../cookies.ts'
import type { Identify } from '../identify.ts'
import type { Plugin, RequestContext } from '../request-context.ts'
import { answering } from '../routes/route.ts'

export interface ViewerOptions {
  readonly identify: Identify
  /** `null` where nobody has a session. */
  readonly cookies: Cookies | null
  /** Told where the rights of who is being answered changed. */
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

/** Of what the pages ask for by themselves; nothing else is answered by a cookie. */
function sessionOf(cookies: Cookies, request: Request, path: string): string | null {
  const isAsked = path === '/graphql' ? request.method === 'POST' : path.startsWith('/export/')
  return isAsked ? cookies.ofOurPage(request) : null
}

/** Equal for the same rights, in whichever order they were found. */
function rightsOf({ id, memberships }: Viewer): string {
  const rights = memberships.map(({ organizationId, owner, permissionSets }) =>
    JSON.stringify([organizationId, owner, permissionSets.toSorted()]),
  )
  return JSON.stringify([id, rights.sort()])
}
