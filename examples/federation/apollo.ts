// Apollo's gateway. It forwards the user's own token, which the logs subgraph requires.

import {
  ApolloGateway,
  type GraphQLDataSourceProcessOptions,
  RemoteGraphQLDataSource,
} from '@apollo/gateway'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'

interface Context {
  readonly authorization?: string | undefined
}

class WithToken extends RemoteGraphQLDataSource<Context> {
  override willSendRequest({ request, context }: GraphQLDataSourceProcessOptions<Context>) {
    if (context.authorization) request.http?.headers.set('authorization', context.authorization)
  }
}

export async function startApollo(supergraphSdl: string, port: number): Promise<string> {
  const server = new ApolloServer<Context>({
    includeStacktraceInErrorResponses: false,
    gateway: new ApolloGateway({
      supergraphSdl,
      buildService: ({ url = '' }) => new WithToken({ url }),
    }),
  })
  const { url } = await startStandaloneServer(server, {
    listen: { host: '127.0.0.1', port },
    context: async ({ req }) => ({ authorization: req.headers.authorization }),
  })
  return url
}
