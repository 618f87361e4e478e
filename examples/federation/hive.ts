// Hive Gateway's runtime, with Hive Router's query planner, because its own planner does not support interface objects.
// It forwards the user's own token, which the logs subgraph requires.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime'
import { unifiedGraphHandler } from '@graphql-hive/router-runtime'
import http from '@graphql-mesh/transport-http'

export async function startHive(supergraph: string, port: number): Promise<string> {
  const gateway = createGatewayRuntime({
    supergraph: () => supergraph,
    unifiedGraphHandler,
    transports: { http },
    propagateHeaders: {
      fromClientToSubgraphs({ request }) {
        const authorization = request.headers.get('authorization')
        return authorization === null ? {} : { authorization }
      },
    },
  })
  const server = createServer(gateway)
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
}
