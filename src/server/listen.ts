// The app on a port: Node's HTTP server around it, with time limits for slow clients, and an orderly end.

import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { InputError } from '../errors.ts'
import type { App } from './app.ts'
import { createConnections } from './connections.ts'
import { HttpError } from './http-error.ts'

export interface RunningServer {
  /** Where it can be reached, without a slash at the end. */
  readonly url: string
  /**
   * Ends the app's streams, soon takes no more requests, lets what is under way end for up to nine seconds, then cuts
   * it off. What was sent before is answered.
   */
  close(): Promise<void>
}

/** How long a client may take, in milliseconds. Who takes longer is cut off, so that it holds nothing for ever. */
export interface ListenTimeouts {
  /** To send the head of a request. */
  readonly head: number
  /** To send all of a request. */
  readonly request: number
  /** To take an answer, once it is made; of streams and exports see theirs. */
  readonly answer: number
  /** To send another request on a connection that was answered: longer than balancers before it keep theirs. */
  readonly idle: number
}

const PATIENCE: ListenTimeouts = { head: 10_000, request: 15_000, answer: 60_000, idle: 75_000 }

const MOST_CONNECTIONS = 1_000

export interface ListenOptions extends Partial<ListenTimeouts> {
  /** How many may be open. */
  readonly connections?: number
}

/** So often it is looked whether a client takes too long to send, in milliseconds; no less often than it may. */
const LOOK_EVERY = 1_000

/** In milliseconds: a second less than service managers give. */
const GRACE = 9_000

/**
 * Questions are still heard that were sent before anyone could know of the end: until none has come for so long, and
 * for no longer than the second, in milliseconds. Connections are taken one a turn, so under load it takes a while
 * until all are heard who were there.
 */
const LAST_QUESTIONS = { silence: 100, most: 1_000 } as const

const UNSOUND = new HttpError(
  400,
  'the request names no host, several, or none that can be; or asks for no path of this server',
)

const UNEXPECTED = new HttpError(417, 'Expect may be nothing but 100-continue')

const NO_REQUEST = new HttpError(400, 'this is no request of HTTP/1.1')

/** By the code of Node's error; `NO_REQUEST` for any other. */
const NO_REQUESTS: Readonly<Record<string, HttpError>> = {
  __proto__: null as never,
  ERR_HTTP_REQUEST_TIMEOUT: new HttpError(408, 'the request took too long to come'),
  HPE_HEADER_OVERFLOW: new HttpError(431, 'the headers are longer than 16 kB'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new HttpError(413, 'chunks hold too much that is none'),
}

/** So many requests may be under way on one connection; who sends more ahead is cut off. */
const MOST_AHEAD = 100

/** Resolves when it listens. Port 0 takes a free one. `PATIENCE` but for what is given, as are its connections. */
export async function listen(
  app: App,
  host: string,
  port: number,
  { connections: most = MOST_CONNECTIONS, ...given }: ListenOptions = {},
): Promise<RunningServer> {
  const patience = { ...PATIENCE, ...given }
  const connections = createConnections(most, app.proxies, app.crowded)
  let closing = false
  /** When a connection or a request came last. */
  let heardAt = 0
  const server = createServer(
    {
      headersTimeout: patience.head,
      requestTimeout: patience.request,
      keepAliveTimeout: patience.idle,
      connectionsCheckingInterval: Math.min(LOOK_EVERY, patience.head),
      // Whatever is answered is told of: see `isSound`.
      requireHostHeader: false,
    },
    (request, answer) => hear(request, answer),
  )
  server.on('checkExpectation', (request, answer) => hear(request, answer, UNEXPECTED))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    // Of a request that had begun it is told as of one whose client left; and who is gone is told nothing.
    if (!socket.writable || connections.get(socket)?.last?.headersSent) socket.destroy()
    else refuseRaw(NO_REQUESTS[error.code ?? ''] ?? NO_REQUEST, socket)
  })
  server.on('connection', socket => {
    if (connections.add(socket) !== null) heardAt = performance.now()
  })

  function hear(request: IncomingMessage, answer: ServerResponse, refusal?: HttpError): void {
    const { socket } = request
    const connection = connections.get(socket)
    // Where one that is not sound ends may be understood in two ways, so nothing behind it is heard.
    if (connection === undefined || !connection.isSound) return
    heardAt = performance.now()
    connection.heardAt = heardAt
    if (++connection.underWay > MOST_AHEAD) return void socket.destroy()
    connections.asked(connection, request)
    connection.last = answer
    connection.isSound = isSound(request)
    answer.once('close', () => {
      if (--connection.underWay > 0) return
      connections.answered(connection)
      if (closing) socket.destroySoon()
    })
    if (closing || !connection.isSound) answer.shouldKeepAlive = false
    const refused = connection.isSound ? refusal : UNSOUND
    if (refused === undefined) {
      app.listener(asServer(request), answer, patience.answer)
      return
    }
    const { status, headers, body } = app.refuse(refused, request)
    answer.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
  }

  /** The last words on a connection: to what came on it and is no request. */
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
      const cut = setTimeout(() => {
        for (const [socket] of connections) socket.destroy()
      }, GRACE)
      app.close()
      // Who is told that the connection ends asks nothing more on it.
      for (const [, { last }] of connections) if (last !== null) last.shouldKeepAlive = false
      await lastQuestions(() => heardAt)
      // Ends the connections, too, that wait for a next question.
      const closed = new Promise(resolve => server.close(resolve))
      for (const [socket, { underWay }] of connections) if (underWay === 0) socket.destroy()
      await closed
      clearTimeout(cut)
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

function refusalFor(error: NodeJS.ErrnoException, host: string, port: number): Error {
  if (error.code === 'EADDRINUSE') {
    return new InputError(
      `port ${port} of ${host} is taken by another program; choose one with --port`,
    )
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND' || error.code === 'EACCES') {
    return new InputError(`cannot listen on ${host} port ${port}: ${error.code}`)
  }
  return error
}

/** A whole URL, as proxies send it, names the host, whatever Host says. */
function asServer(request: IncomingMessage): IncomingMessage {
  const { url = '/' } = request
  if (!url.startsWith('/')) {
    const { host, pathname, search } = new URL(url)
    request.headers.host = host
    request.url = `${pathname}${search}`
  }
  return request
}

/** A path, which `//` at the beginning would make a host of; or a whole URL, as proxies send it. */
function isSoundTarget(url: string): boolean {
  if (url.startsWith('/')) return !url.startsWith('//') && !url.startsWith('/\\')
  return /^http:\/\/[\w.:[\]-]+(?:[/?]|$)/i.test(url) && URL.canParse(url)
}

let soundHost = 'localhost'

/** Whether the body ends where every server before this one thinks so. */
function isFramed({ httpVersion, headers }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding']
  return coding === undefined || (coding.toLowerCase() === 'chunked' && httpVersion === '1.1')
}

/**
 * Whether it is clear where the request ends, and a URL can be made of what it names; a host it must name once, but
 * for HTTP/1.0.
 */
function isSound(request: IncomingMessage): boolean {
  const { url = '', headersDistinct, httpVersion } = request
  const [host, another] = headersDistinct.host ?? (httpVersion === '1.0' ? ['localhost'] : [])
  if (host === undefined || another !== undefined) return false
  if (!isSoundTarget(url) || !isFramed(request)) return false
  if (host === soundHost) return true
  if (!/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return false
  // Nearly all requests name the same one.
  soundHost = host
  return true
}
