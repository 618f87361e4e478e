// Routes besides the GraphQL API, by path. They run before Yoga parses a request.

import { JSON_TYPE, RESPONSE_UTF8 } from '../accept.ts'
import { refused } from '../error-answers.ts'
import type { Plugin, RequestContext, ServerContext } from '../request-context.ts'

type OnRequest = NonNullable<Plugin['onRequest']>

export interface RouteRequest {
  readonly request: Request
  readonly url: URL
  readonly context: RequestContext
  readonly server: ServerContext
  /** Yoga's own class, which is cheaper for complete bodies. */
  readonly Response: Parameters<OnRequest>[0]['fetchAPI']['Response']
}

/** A Yoga hook that may respond, pass the request on, or throw an error that becomes the response. */
export function answering(
  route: (request: RouteRequest) => Response | undefined | Promise<Response | undefined>,
): OnRequest {
  return ({ request, url, serverContext: server, fetchAPI: { Response }, endResponse }) => {
    const { requestContext: context } = server
    const fail = (error: unknown) => {
      // GraphQL clients accept errors only in this type.
      const type = url.pathname === '/graphql' ? RESPONSE_UTF8 : JSON_TYPE
      const { body, ...init } = refused(error, context, type)
      endResponse(new Response(body, init))
    }
    const end = (response: Response | undefined) => {
      if (response !== undefined) endResponse(response)
    }
    try {
      const answer = route({ request, url, context, server, Response })
      return answer instanceof Promise ? answer.then(end).catch(fail) : end(answer)
    } catch (error) {
      return fail(error)
    }
  }
}
