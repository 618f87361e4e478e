// Who asks, for all that needs a token: anew for each request, so that revoking a token has effect on the next. What
// lasts looks again from time to time.

import { authenticate } from '../../auth/authenticate.ts'
import type { JwtVerifier } from '../../auth/jwt.ts'
import { Refusal } from '../../errors.ts'
import type { AuditStore, Clock } from '../../store.ts'
import type { Viewer } from '../../viewer.ts'
import { networkOf } from '../proxies.ts'
import { createRates, type Rate } from '../rates.ts'
import { HttpRefusal } from '../refusal.ts'
import type { Plugin, RequestContext } from '../request-context.ts'
import { answering } from '../routes/route.ts'

/** Of requests with a wrong token, from one address of IPv4 or one /64 of IPv6. */
const WRONG_TOKENS: Rate = { perSecond: 1 / 6, burst: 20 }

export interface ViewerOptions {
  readonly store: AuditStore
  readonly clock: Clock
  readonly jwt: JwtVerifier | null
  /** Told where the rights of who is being answered changed. */
  readonly rightsChanged: (context: RequestContext) => void
}

export function useViewer({ store, clock, jwt, rightsChanged }: ViewerOptions): Plugin {
  const wrongTokens = createRates(WRONG_TOKENS, tooManyTries)

  async function viewerOf(headers: Headers, { address }: RequestContext): Promise<Viewer> {
    try {
      return await authenticate(headers, store.tokens, clock(), jwt)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      // Who tries one wrong token after the other is told to wait. A right one is never asked to.
      if (error.code === 'UNAUTHENTICATED' && address !== null) {
        wrongTokens.charge(networkOf(address), 1)
      }
      throw denied(error, headers)
    }
  }

  return {
    onRequest: answering(async ({ request: { headers }, context }) => {
      const viewer = await viewerOf(headers, context)
      context.viewer = viewer
      context.recheck = async () => {
        try {
          const viewerNow = await authenticate(headers, store.tokens, clock(), jwt)
          if (rightsOf(viewerNow) === rightsOf(viewer)) return
          throw new Refusal('FORBIDDEN', 'your rights changed; connect again')
        } catch (error) {
          if (error instanceof Refusal) rightsChanged(context)
          throw error
        }
      }
      return undefined
    }),
  }
}

/** Why access is refused. */
function denied({ code, message }: Refusal, headers: Headers): Refusal {
  const sent = headers.get('x-auth-token') ?? headers.get('authorization')
  if (code === 'UNAUTHENTICATED') {
    const reason = sent === null ? 'no_token' : 'wrong_token'
    return new HttpRefusal(401, message, { denied: { reason, asked: null } })
  }
  if (code !== 'FORBIDDEN') return new Refusal(code, message)
  return new HttpRefusal(403, message, { denied: { reason: 'no_rights', asked: null } })
}

function tooManyTries(seconds: number): HttpRefusal {
  return new HttpRefusal(
    429,
    `too many wrong access tokens came from this address; go on after ${seconds} s`,
    {
      headers: { 'retry-after': String(seconds) },
      denied: { reason: 'too_many_wrong_tokens', asked: null },
    },
  )
}

/** Equal for the same rights, in whichever order they were found. */
function rightsOf({ id, memberships }: Viewer): string {
  const rights = memberships.map(({ organizationId, owner, permissionSets }) =>
    JSON.stringify([organizationId, owner, permissionSets.toSorted()]),
  )
  return JSON.stringify([id, rights.sort()])
}
