// Apollo Server's standalone server.

import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { type Context, contextOf } from './drizzle.ts'
import { resolvers, typeDefs } from './sdl.ts'

const server = new ApolloServer<Context>({ typeDefs, resolvers })
const { url } = await startStandaloneServer(server, {
  context: ({ req }) => contextOf(req.headers['x-auth-token']),
  listen: { port: 0, host: '127.0.0.1' },
})
process.stdout.write(`${url}\n`)
