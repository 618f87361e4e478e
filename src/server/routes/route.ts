// What is answered besides the graph, before Yoga looks for a question: by paths, each with its own function.

import { JSON_TYPE, RESPONSE_UTF8 } from '../accept.ts'
import { type ReportFault, refused } from '../refusal.ts'
import type { Plugin, RequestContext, ServerContext } from '../request-context.ts'

type OnRequest = NonNullable<Plugin['onRequest']>
type Hook = Parameters<OnRequest>[0]

export interface Asked {
  readonly request: Request
  readonly url: URL
  readonly context: RequestContext
  readonly server: ServerContext
  /** As the platform's; cheaper for what is whole. */
  readonly Response: Hook['fetchAPI']['Response']
}

/** A hook of Yoga's that may answer, let the request go on, or throw: what it throws becomes the answer. */
export type Answering = (
  route: (asked: Asked) => Response | undefined | Promise<Response | undefined>,
) => OnRequest

export function answeringWith(report: ReportFault): Answering {
  return route =>
    ({ request, url, serverContext, fetchAPI, endResponse }) => {
      const { requestContext: context } = serverContext
      const { Response } = fetchAPI
      const fail = (error: unknown) => {
        const { body, ...init } = refused(error, context, report, errorType(url))
        endResponse(new Response(body, init))
      }
      const end = (response: Response | undefined) => {
        if (response !== undefined) endResponse(response)
      }
      try {
        const answer = route({ request, url, context, server: serverContext, Response })
        return answer instanceof Promise ? answer.then(end).catch(fail) : end(answer)
      } catch (error) {
        return fail(error)
      }
    }
}

/** Everything below a path. */
export function routeBelow(
  path: string,
  answer: (asked: Asked) => Promise<Response>,
  answering: Answering,
): Plugin {
  return {
    onRequest: answering(asked =>
      asked.url.pathname.startsWith(path) ? answer(asked) : undefined,
    ),
  }
}

/** Clients of GraphQL read an error's words only in this type. */
function errorType({ pathname }: URL): string {
  return pathname === '/graphql' ? RESPONSE_UTF8 : JSON_TYPE
}
