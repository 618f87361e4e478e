// What is answered besides the graph, before Yoga looks for a question: by paths, each with its own function.

import { JSON_TYPE, RESPONSE_UTF8 } from '../accept.ts'
import { refused } from '../error-answers.ts'
import type { Plugin, RequestContext, ServerContext } from '../request-context.ts'

type OnRequest = NonNullable<Plugin['onRequest']>

export interface Asked {
  readonly request: Request
  readonly url: URL
  readonly context: RequestContext
  readonly server: ServerContext
  /** As the platform's; cheaper for what is whole. */
  readonly Response: Parameters<OnRequest>[0]['fetchAPI']['Response']
}

/** A hook of Yoga's that may answer, let the request go on, or throw: what it throws becomes the answer. */
export function answering(
  route: (asked: Asked) => Response | undefined | Promise<Response | undefined>,
): OnRequest {
  return ({ request, url, serverContext: server, fetchAPI: { Response }, endResponse }) => {
    const { requestContext: context } = server
    const fail = (error: unknown) => {
      // Clients of GraphQL read an error's words only in this type.
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

/** Everything below a path; `rest` of it is told. */
export function routeBelow(
  path: string,
  answer: (asked: Asked & { readonly rest: string }) => Promise<Response>,
): Plugin {
  return {
    onRequest: answering(asked => {
      const { pathname } = asked.url
      if (!pathname.startsWith(path)) return undefined
      return answer({ ...asked, rest: pathname.slice(path.length) })
    }),
  }
}
