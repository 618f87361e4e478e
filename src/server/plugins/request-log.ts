// Every request has an ID, which its answer carries; whoever keeps count is told of it once, when it is answered, and of
// what lasts at its end. Who was kept from something stands in an audit record. It sees all.

import type { ServerResponse } from 'node:http'
import { type Audit, cutShort } from '../../audit-record.ts'
import type { Proxies } from '../proxies.ts'
import {
  type Answered,
  askerOf,
  type Denial,
  type Plugin,
  type ReportFault,
  type RequestContext,
  requestContext,
} from '../request-context.ts'
import { wantsPage } from '../routes/pages.ts'

export interface RequestLogOptions {
  readonly report: ReportFault
  /** Told of each request once. */
  readonly answered: (answered: Answered) => void
  readonly audit: Audit
  readonly proxies: Proxies
  /** See `App.listener`. */
  readonly patience: () => number
}

export function useRequestLog(options: RequestLogOptions): Plugin {
  const { report, answered, audit, proxies, patience } = options
  return {
    onRequest({ request, url, serverContext }) {
      const { method, headers } = request
      const { req } = serverContext
      const address = req === undefined ? null : proxies.clientOf(req)
      const isPage = url.pathname === '/graphql' && wantsPage(request)
      const path = isPage ? '/graphql/' : url.pathname
      serverContext.requestContext = requestContext(
        method,
        path,
        headers.get('x-request-id'),
        address,
        report,
      )
    },
    onResponse({ response, serverContext }) {
      const { requestContext: context, res } = serverContext
      const { requestId, lasting } = context
      if (response.headers.get('x-request-id') === null) {
        response.headers.set('x-request-id', requestId)
      }
      const { status } = response
      const denied = context.denied ?? (DENYING.has(status) ? OTHER : null)
      if (denied !== null) auditDenied(audit, context, status, denied)
      const tell = () => answered(answeredOf(context, status))
      if (lasting === null && res !== undefined) cutOffAfter(res, patience())
      if (lasting === null || lasting.over) tell()
      else lasting.tell = tell
    },
  }
}

/** Whatever the client sends meanwhile, which Node's own timeouts would take for life. */
function cutOffAfter(response: ServerResponse, patience: number): void {
  const cut = setTimeout(() => response.destroy(), patience)
  response.once('close', () => clearTimeout(cut))
}

export function answeredOf(context: RequestContext, status: number): Answered {
  const { requestId, method, path, address, operation, codes, traceId } = context
  const { viewer, lasting, startedAt } = context
  return {
    ...{ requestId, method, path, address, operation, status, codes, traceId },
    viewerId: viewer?.id ?? null,
    lasting: lasting !== null,
    duration: performance.now() - startedAt,
  }
}

/** Statuses with which somebody is kept out. */
const DENYING: ReadonlySet<number> = new Set([401, 403, 421])

const OTHER: Denial = { reason: 'other', asked: null }

export function auditDenied(
  audit: Audit,
  context: RequestContext,
  status: number,
  { reason, asked }: Denial,
): void {
  const { method, path } = context
  audit({
    event: 'access_denied',
    ...{ reason, ...askerOf(context), method, path, status },
    asked: asked === null ? null : cutShort(asked),
  })
}
