// The app on a port: Node's HTTP server around it, with time limits for slow clients, and an orderly end.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Refusal } from '../errors.ts'
import type { App } from './app.ts'
import type { Reply } from './exchange.ts'
import { callTo, isSound, noCall, send, sendRaw } from './node.ts'
import { watchPressure } from './pressure.ts'
import { refusal } from './refusal.ts'
import { createTurns } from './turns.ts'

export interface RunningServer {
  /** Where it can be reached, without a slash at the end. */
  readonly url: string
  /**
   * Ends the app's streams, soon takes no more requests, lets what is under way end for up to ten seconds, then cuts
   * it off. What was sent before is answered.
   */
  close(): Promise<void>
}

/** How long a client may take, in milliseconds. Who takes longer is cut off, so that it holds nothing for ever. */
export interface Patience {
  /** To send the head of a request. */
  readonly head: number
  /** To send all of a request. */
  readonly request: number
  /** To take an answer, once it is made; of streams and exports see theirs. */
  readonly answer: number
}

const PATIENCE: Patience = { head: 10_000, request: 15_000, answer: 60_000 }

/** So often it is looked whether a client takes too long to send, in milliseconds; no less often than it may. */
const LOOK_EVERY = 1_000

const GRACE = 10_000

/**
 * Questions are still heard that were sent before anyone could know of the end: until none has come for so long, and
 * for no longer than the second, in milliseconds. Connections are taken one a turn, so under load it takes a while
 * until all are heard who were there.
 */
const LAST_QUESTIONS = { silence: 100, most: 1_000 } as const

const BUSY = refusal(503, 'LIMIT_EXCEEDED', 'the server has too much to do; go on after 1 s', {
  'retry-after': '1',
})

const UNSOUND = refusal(
  400,
  'BAD_USER_INPUT',
  'the request names no host, several, or none that can be; or asks for no path of this server',
)

const UNEXPECTED = refusal(417, 'BAD_USER_INPUT', 'Expect may be nothing but 100-continue')

const NO_REQUEST = refusal(400, 'BAD_USER_INPUT', 'this is no request of HTTP/1.1')

/** By the code of Node's error; `NO_REQUEST` for any other. */
const NO_REQUESTS: Readonly<Record<string, Reply>> = {
  __proto__: null as never,
  ERR_HTTP_REQUEST_TIMEOUT: refusal(408, 'LIMIT_EXCEEDED', 'the request took too long to come'),
  HPE_HEADER_OVERFLOW: refusal(431, 'LIMIT_EXCEEDED', 'the headers are longer than 16 kB'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: refusal(
    413,
    'LIMIT_EXCEEDED',
    'chunks hold too much that is none',
  ),
}

/** Resolves when it listens. Port 0 takes a free one. `PATIENCE` but for what is given. */
export async function listen(
  app: App,
  host: string,
  port: number,
  given: Partial<Patience> = {},
): Promise<RunningServer> {
  const patience = { ...PATIENCE, ...given }
  // Connections without a request under way, silent or kept alive for a next one, must not hold up the end.
  const connections = new Set<Socket>()
  const turns = createTurns()
  const pressure = watchPressure()
  let closing = false
  /** When a connection or a request came last. */
  let heardAt = 0
  const server = createServer(
    {
      headersTimeout: patience.head,
      requestTimeout: patience.request,
      connectionsCheckingInterval: Math.min(LOOK_EVERY, patience.head),
      // Whatever is answered is answered by the app, so that it is told of: see `isSound`.
      requireHostHeader: false,
    },
    (request, answer) => hear(request, answer),
  )
  server.on('checkExpectation', (request, answer) => hear(request, answer, UNEXPECTED))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const refused = NO_REQUESTS[error.code ?? ''] ?? NO_REQUEST
    // Of a request that had begun it is told as of one whose client left; and who is gone is told nothing.
    const under = turns.current.get(socket as Socket)
    if (!socket.writable || under?.headersSent) socket.destroy()
    else if (under !== undefined) sendRaw(refused, socket)
    else app.answer(noCall(socket as Socket), refused).then(reply => sendRaw(reply, socket))
  })

  function hear(request: IncomingMessage, answer: ServerResponse, refused?: Reply): void {
    heardAt = performance.now()
    turns.take(request.socket, { answer, serve: () => serve(request, answer, refused) })
  }

  function serve(request: IncomingMessage, answer: ServerResponse, refused?: Reply): void {
    const { socket } = request
    const sound = isSound(request)
    // Where one that is not sound ends may be understood in two ways, so nothing behind it is heard.
    if (closing || !sound) answer.shouldKeepAlive = false
    answer.once('close', () => {
      if (closing && !turns.current.has(socket)) socket.destroySoon()
    })
    const call = callTo(request, answer, sound)
    const busy = pressure.isHigh() && !isOperators(call.path) ? BUSY : undefined
    const instead = sound ? (refused ?? busy) : UNSOUND
    app.answer(call, instead).then(reply => send(reply, answer, patience.answer))
  }

  server.maxConnections = 1000
  server.on('connection', socket => {
    heardAt = performance.now()
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
    async close() {
      closing = true
      const cut = setTimeout(() => server.closeAllConnections(), GRACE)
      app.close()
      // Who is told that the connection ends asks nothing more on it.
      for (const answer of turns.current.values()) answer.shouldKeepAlive = false
      await lastQuestions(() => heardAt)
      // Ends the connections, too, that wait for a next question.
      const closed = new Promise(resolve => server.close(resolve))
      for (const socket of connections) if (!turns.current.has(socket)) socket.destroy()
      await closed
      clearTimeout(cut)
      pressure.stop()
    },
  }
}

/** See `LAST_QUESTIONS`. */
async function lastQuestions(heardAt: () => number): Promise<void> {
  const { silence, most } = LAST_QUESTIONS
  const end = performance.now() + most
  let until = performance.now() + silence
  while (performance.now() < until) {
    await new Promise(resolve => setTimeout(resolve, until - performance.now()))
    // What came while this process did something else is looked at first: a connection in one turn, what it asks in the next.
    for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate)
    until = Math.min(end, heardAt() + silence)
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
