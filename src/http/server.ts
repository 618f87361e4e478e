// The app on a port: Node's HTTP server around it, with time limits for slow clients, and an orderly end.

import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Refusal } from '../errors.ts'
import type { App } from './app.ts'
import { callTo, isSound, send } from './node.ts'
import { watchPressure } from './pressure.ts'
import { refusal } from './refusal.ts'

export interface RunningServer {
  /** Where it can be reached, without a slash at the end. */
  readonly url: string
  /** Takes no more requests, ends the app's streams, lets what is under way end for up to ten seconds, then cuts it off. */
  close(): Promise<void>
}

const GRACE = 10_000

const BUSY = refusal(503, 'LIMIT_EXCEEDED', 'the server has too much to do; go on after 1 s', {
  'retry-after': '1',
})

/** Resolves when it listens. Port 0 takes a free one. */
export async function listen(app: App, host: string, port: number): Promise<RunningServer> {
  // Connections without a request under way, silent or kept alive for a next one, must not hold up the end.
  const connections = new Set<Socket>()
  const asking = new Set<Socket>()
  const pressure = watchPressure()
  let closing = false
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 15_000 },
    (request, answer) => {
      const { socket } = request
      asking.add(socket)
      answer.once('close', () => {
        asking.delete(socket)
        if (closing) socket.destroySoon()
      })
      if (!isSound(request)) {
        answer.writeHead(400).end()
        return
      }
      const call = callTo(request, answer)
      const instead = pressure.isHigh() && !isOperators(call.path) ? BUSY : undefined
      app.answer(call, instead).then(reply => send(reply, answer))
    },
  )
  server.maxConnections = 1000
  server.on('connection', socket => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(refusalFor(error, host, port)))
    server.listen(port, host, resolve)
  })
  const { address, port: taken, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    close: () =>
      new Promise(resolve => {
        closing = true
        const cut = setTimeout(() => server.closeAllConnections(), GRACE)
        server.close(() => {
          clearTimeout(cut)
          pressure.stop()
          resolve()
        })
        app.close()
        for (const socket of connections) if (!asking.has(socket)) socket.destroy()
      }),
  }
}

/** Who operates the server needs to know the more, the more there is to do. */
function isOperators(path: string): boolean {
  return path.startsWith('/health/') || path === '/metrics'
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
