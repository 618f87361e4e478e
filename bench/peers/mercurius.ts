// Mercurius on Fastify, with its JIT from the first request.

import { fastify } from 'fastify'
import { type IResolvers, mercurius } from 'mercurius'
import { contextOf } from './drizzle.ts'
import { resolvers, typeDefs } from './sdl.ts'

// Mercurius calls this resolver `resolveType`.
const { Principal, ...others } = resolvers
const app = fastify()
app.register(mercurius, {
  schema: typeDefs,
  resolvers: {
    ...others,
    Principal: { resolveType: Principal.__resolveType },
  } as unknown as IResolvers,
  context: request => contextOf(request.headers['x-auth-token']),
  jit: 1,
})
process.stdout.write(`${await app.listen({ port: 0, host: '127.0.0.1' })}\n`)
