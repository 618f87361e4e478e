// The app on a port: Node's HTTP server around it, with time limits for slow clients, and an orderly end.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServerAdapter } from '@whatwg-node/server'
import { Refusal } from '../errors.ts'
import type { App } from './app.ts'

export interface RunningServer {
  /** Where it can be reached, without a slash at the end. */
  readonly url: string
  /** Takes no more requests, lets those under way end for up to ten seconds, then cuts them off. */
  close(): Promise<void>
}

const GRACE = 10_000

/** Resolves when it listens. Port 0 takes a free one. */
export async function listen(app: App, host: string, port: number): Promise<RunningServer> {
  const adapter = createServerAdapter(request => app.fetch(request))
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 15_000 },
    (request, answer) => {
      // A Host that no URL can have would end in an answer with a stack.
      if (!/^[\w.:[\]-]+$/.test(request.headers.host ?? 'none')) {
        answer.writeHead(400).end()
        return
      }
      adapter(request, answer)
    },
  )
  server.maxConnections = 1000
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(refusalFor(error, host, port)))
    server.listen(port, host, resolve)
  })
  const { address, port: taken, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    close: () =>
      new Promise(resolve => {
        const cut = setTimeout(() => server.closeAllConnections(), GRACE)
        server.close(() => {
          clearTimeout(cut)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

function refusalFor(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new Refusal(
      'BAD_USER_INPUT',
      `port ${port} of ${host} is taken by another program; choose one with --port`,
    )
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND' || error.code === 'EACCES') {
    return new Refusal('BAD_USER_INPUT', `cannot listen on ${host} port ${port}: ${error.code}`)
  }
  return error
}
