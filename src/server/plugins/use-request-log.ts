// Gives every request an ID, reports it once when it is complete or its stream has ended, and writes an audit record if
// access was denied.

import type { ServerResponse } from 'node:http'
import { type Audit, cutShort } from '../../audit-record.ts'
import type { Proxies } from '../proxies.ts'
import {
  type Answered,
  answeredOf,
  askerOf,
  type Denial,
  type Plugin,
  type ReportFault,
  type RequestContext,
  requestContext,
} from '../request-context.ts'
import { wantsPage } from '../routes/pages-route.ts'

export function useRequestLog(
  report: ReportFault,
  answered: (answered: Answered) => void,
  audit: Audit,
  proxies: Proxies,
): Plugin {
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
      const { requestContext: context, res, patience } = serverContext
      const { requestId, stream } = context
      if (response.headers.get('x-request-id') === null) {
        response.headers.set('x-request-id', requestId)
      }
      const { status } = response
      if (context.denied !== null) auditDenied(audit, context, status, context.denied)
      const report = () => answered(answeredOf(context, status))
      if (stream === null && res !== undefined) disconnectAfter(res, patience)
      if (stream === null || stream.ended) report()
      else stream.onEnd = report
    },
  }
}

/** Node's own timeouts restart whenever the client sends something. */
function disconnectAfter(response: ServerResponse, patience: number | undefined): void {
  const cut = setTimeout(() => response.destroy(), patience)
  response.once('close', () => clearTimeout(cut))
}

export function auditDenied(
  audit: Audit,
  context: RequestContext,
  status: number,
  { reason, requested = null }: Denial,
): void {
  const { method, path } = context
  audit({
    event: 'access_denied',
    ...{ reason, ...askerOf(context), method, path, status },
    requested: requested === null ? null : cutShort(requested),
  })
}
