// Node's HTTP server around the app, with timeouts for slow clients and a graceful shutdown.

import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { InputError } from '../errors.ts'
import type { App } from './app.ts'
import { type Crowded, createConnections } from './connections.ts'
import { HttpError } from './http-error.ts'

export interface RunningServer {
  /** The URL of the server, without a slash at the end. */
  readonly url: string
  /**
   * Ends the app's streams, soon accepts no more requests, and closes connections in use after nine seconds. Requests
   * sent before that are answered.
   */
  close(): Promise<void>
}

/** Milliseconds after which a slow client is disconnected. */
const TIMEOUTS = {
  /** For sending the headers of a request. */
  head: 10_000,
  /** For sending a complete request. */
  request: 15_000,
  /** For reading a response; streams and exports have their own limits. */
  answer: 60_000,
  /** For sending the next request on a connection: longer than load balancers keep idle connections. */
  idle: 75_000,
}

const MAX_CONNECTIONS = 1_000

export interface ListenOptions extends Partial<Readonly<typeof TIMEOUTS>> {
  /** The maximum number of open connections. */
  readonly connections?: number
  /** Called for each connection that is closed because there are too many. */
  readonly crowded?: (closed: Crowded) => void
}

/** Milliseconds between two checks for slow senders; never longer than their timeout. */
const CHECK_INTERVAL = 1_000

/** Milliseconds: one second less than service managers wait. */
const CLOSE_TIMEOUT = 9_000

/**
 * On shutdown, requests are accepted until none arrived for `silence` milliseconds, and for at most `most`: clients may
 * have sent them before they could notice the shutdown. The event loop accepts one connection per turn, so under load
 * this takes a while.
 */
const LAST_REQUESTS = { silence: 100, most: 1_000 } as const

const UNSOUND = new HttpError(
  400,
  'the request must have exactly one valid Host header, a path of this server as its target, and no Transfer-Encoding but chunked',
)

const UNEXPECTED = new HttpError(417, 'the Expect header must be 100-continue')

const NO_REQUEST = new HttpError(400, 'this is not a valid HTTP/1.1 request')

/** By the code of Node's error; `NO_REQUEST` for any other. */
const PARSE_ERRORS: Readonly<Record<string, HttpError>> = {
  ERR_HTTP_REQUEST_TIMEOUT: new HttpError(
    408,
    'the request was not received within the time limit; send it again',
  ),
  HPE_HEADER_OVERFLOW: new HttpError(
    431,
    'the request headers are longer than 16 kB; send fewer or shorter ones',
  ),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new HttpError(
    413,
    'the chunk extensions of the request body are too long; send none',
  ),
}

/** Requests in progress on one connection; a client that pipelines more is disconnected. */
const MAX_PIPELINED = 100

/** Resolves when it listens; port 0 chooses a free port. Options override `TIMEOUTS` and `MAX_CONNECTIONS`. */
export async function listen(
  app: App,
  host: string,
  port: number,
  { connections: most = MAX_CONNECTIONS, crowded = () => {}, ...given }: ListenOptions = {},
): Promise<RunningServer> {
  const timeouts = { ...TIMEOUTS, ...given }
  const connections = createConnections(most, app.proxies, crowded)
  let closing = false
  /** When a connection was opened or the last request arrived. */
  let activeAt = 0
  const server = createServer(
    {
      headersTimeout: timeouts.head,
      requestTimeout: timeouts.request,
      keepAliveTimeout: timeouts.idle,
      connectionsCheckingInterval: Math.min(CHECK_INTERVAL, timeouts.head),
      // Checked by `isSound` instead, so that every response is logged.
      requireHostHeader: false,
    },
    (request, response) => receive(request, response),
  )
  server.on('checkExpectation', (request, response) => receive(request, response, UNEXPECTED))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const { lastResponse = null, requestsInProgress = 0 } = connections.get(socket) ?? {}
    const isCut = error.code === 'HPE_INVALID_EOF_STATE' && requestsInProgress > 0
    // A request whose body or response has begun is logged as if the client had disconnected.
    if (!socket.writable || lastResponse?.headersSent || isCut) socket.destroy()
    else refuseRaw(PARSE_ERRORS[error.code ?? ''] ?? NO_REQUEST, socket)
  })
  server.on('connection', socket => {
    if (connections.add(socket) !== null) activeAt = performance.now()
  })

  function receive(request: IncomingMessage, response: ServerResponse, refusal?: HttpError): void {
    const { socket } = request
    const connection = connections.get(socket)
    // The end of an invalid request is ambiguous, so nothing after it is accepted (request smuggling).
    if (connection === undefined || !connection.isSound) return
    activeAt = performance.now()
    connection.activeAt = activeAt
    if (++connection.requestsInProgress > MAX_PIPELINED) return void socket.destroy()
    connections.requestStarted(connection, request)
    connection.lastResponse = response
    connection.isSound = isSound(request)
    response.once('close', () => {
      if (--connection.requestsInProgress > 0) return
      connections.idle(connection)
      if (closing) socket.destroySoon()
    })
    if (closing || !connection.isSound) response.shouldKeepAlive = false
    const refused = connection.isSound ? refusal : UNSOUND
    if (refused === undefined) {
      app.listener(withPath(request), response, timeouts.answer)
      return
    }
    const { status, headers, body } = app.refuse(refused, request)
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
  }

  /** Responds to data that is not a request, and closes the connection. */
  function refuseRaw(refusal: HttpError, socket: Socket): void {
    const { status, headers, body } = app.refuse(refusal, { socket, headers: {} })
    const lines = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
    ]
    socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy())
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(refusalFor(error, host, port)))
    server.listen(port, host, resolve)
  })
  const { address, port: taken, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    async close() {
      closing = true
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT)
      app.close()
      // `Connection: close` makes clients send no more requests.
      for (const [, { lastResponse }] of connections) {
        if (lastResponse !== null) lastResponse.shouldKeepAlive = false
      }
      await lastRequests(() => activeAt)
      const closed = new Promise(resolve => server.close(resolve))
      for (const [socket, { requestsInProgress }] of connections) {
        if (requestsInProgress === 0) socket.destroy()
      }
      await closed
      clearTimeout(cut)
    },
  }
}

/** See `LAST_REQUESTS`. */
async function lastRequests(activeAt: () => number): Promise<void> {
  const { silence, most } = LAST_REQUESTS
  const end = performance.now() + most
  let until = performance.now() + silence
  while (performance.now() < until) {
    await new Promise(resolve => setTimeout(resolve, until - performance.now()))
    // Lets the event loop accept a waiting connection in one turn and read its request in the next.
    for (let turn = 0; turn < 2; turn++) await new Promise(setImmediate)
    until = Math.min(end, activeAt() + silence)
  }
}

function refusalFor(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new InputError(
      `port ${port} of ${host} is in use by another program; choose another with --port`,
    )
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND' || error.code === 'EACCES') {
    return new InputError(
      `cannot listen on ${host} port ${port}: ${error.code}; check --host and --port`,
    )
  }
  return error
}

/** The host of an absolute URL, as proxies send it, takes precedence over the Host header. */
function withPath(request: IncomingMessage): IncomingMessage {
  const { url = '/' } = request
  if (!url.startsWith('/')) {
    const { host, pathname, search } = new URL(url)
    request.headers.host = host
    request.url = `${pathname}${search}`
  }
  return request
}

/** A path that does not begin with `//`, which would name a host; or an absolute URL, as proxies send it. */
function isSoundTarget(url: string): boolean {
  if (url.startsWith('/')) return !url.startsWith('//') && !url.startsWith('/\\')
  return /^http:\/\/[\w.:[\]-]+(?:[/?]|$)/i.test(url) && URL.canParse(url)
}

/** Whether every proxy agrees where the body ends. */
function isFramed({ httpVersion, headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding']
  return coding === undefined || (coding.toLowerCase() === 'chunked' && httpVersion === '1.1')
}

/** Whether the end of the request is unambiguous and its URL valid. It must name one host, except with HTTP/1.0. */
function isSound(request: IncomingMessage): boolean {
  const { url = '', headersDistinct, httpVersion } = request
  const [host, another] = headersDistinct.host ?? (httpVersion === '1.0' ? ['localhost'] : [])
  if (host === undefined || another !== undefined) return false
  if (!isSoundTarget(url) || !isFramed(request)) return false
  return /^[\w.:[\]-]+$/.test(host) && URL.canParse(`http://${host}`)
}
