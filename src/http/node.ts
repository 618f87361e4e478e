// Between Node's requests and responses and the server's own words for them (exchange.ts). Every request goes
// through here, so nothing is built that most of them do not need.

import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { bodyCollector, type Call, HungUp, type Reply } from './exchange.ts'

/** How long a client may take to read the last words of a stream that has ended, in milliseconds. */
const LAST_WORDS = 2_000

/** Of a request that is not `isSound`, to be refused: for nothing that is here. */
export function callTo(request: IncomingMessage, answer: ServerResponse, sound: boolean): Call {
  const { method = 'GET' } = request
  const { host = 'localhost' } = request.headers
  const url = sound ? (request.url ?? '/') : ''
  const whole = url === '/graphql' || !sound ? null : new URL(url, `http://${host}`)
  return {
    method,
    path: whole?.pathname ?? url,
    query: () => new URLSearchParams(whole?.search),
    // Who names it in the URL means that one.
    host: whole === null || url.startsWith('/') ? host : whole.host,
    address: request.socket.remoteAddress ?? null,
    headers: {
      get(name) {
        const value = request.headers[name]
        return (typeof value === 'string' ? value : value?.join(', ')) ?? null
      },
    },
    body: () => readBody(request),
    hasLeft: () => answer.destroyed,
    left() {
      const leaving = new AbortController()
      if (answer.destroyed) leaving.abort()
      else answer.once('close', () => leaving.abort())
      return leaving.signal
    },
    // Who reads nothing would hold its connection for ever.
    hangUp() {
      const cut = setTimeout(() => answer.destroy(), LAST_WORDS)
      answer.once('close', () => clearTimeout(cut))
    },
  }
}

/** What came on a connection and is no request, to be refused. */
export function noCall({ remoteAddress }: Pick<Socket, 'remoteAddress'>): Call {
  return {
    method: '',
    path: '',
    query: () => new URLSearchParams(),
    host: '',
    address: remoteAddress ?? null,
    headers: { get: () => null },
    body: async () => '',
    hasLeft: () => false,
    left: () => new AbortController().signal,
    hangUp() {},
  }
}

function readBody(request: IncomingMessage): Promise<string> {
  const body = bodyCollector()
  return new Promise((resolve, reject) => {
    // Every request closes; of most nobody waits for more by then.
    const gone = () => request.complete || reject(new HungUp())
    if (request.destroyed) gone()
    request.on('data', chunk => {
      try {
        body.add(chunk)
      } catch (error) {
        // The rest is let go by.
        request.removeAllListeners('data').resume()
        reject(error)
      }
    })
    request.once('end', () => resolve(body.text()))
    request.once('error', gone)
    request.once('close', gone)
  })
}

/** A body that is no stream is to be taken within `patience`, in milliseconds. */
export function send(
  { status, headers, body }: Reply,
  answer: ServerResponse,
  patience: number,
): void {
  if (body instanceof ReadableStream) {
    answer.writeHead(status, headers)
    pipe(body, answer).catch(() => answer.destroy())
    return
  }
  const length = body === null ? 0 : Buffer.byteLength(body)
  answer.writeHead(status, { ...headers, 'content-length': length })
  // As many bytes as characters: it is ASCII, which need not be converted.
  if (typeof body === 'string' && length === body.length) answer.end(body, 'latin1')
  else answer.end(body)
  // Nearly always the system has taken all of it by now.
  if (answer.writableFinished || !answer.socket?.writableLength) return
  const cut = setTimeout(() => answer.destroy(), patience)
  answer.once('close', () => clearTimeout(cut))
}

/** The last words on a connection: to what came on it and is no request. */
export function sendRaw({ status, headers, body }: Reply, socket: Duplex): void {
  if (socket.writable) {
    const text = typeof body === 'string' ? body : ''
    const lines = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      `content-length: ${Buffer.byteLength(text)}`,
      'connection: close',
    ]
    socket.write(`${lines.join('\r\n')}\r\n\r\n${text}`)
  }
  socket.end(() => socket.destroy())
}

/** As fast as the client takes it; lets it go where the client leaves. */
async function pipe(body: ReadableStream<Uint8Array>, answer: ServerResponse): Promise<void> {
  const reader = body.getReader()
  const left = new Promise(resolve => answer.once('close', resolve))
  // A body that failed cannot be let go any more, and says so.
  left.then(() => reader.cancel()).catch(() => {})
  for (;;) {
    const { done, value } = await reader.read()
    if (done || answer.destroyed) break
    if (answer.write(value)) continue
    const { promise: drained, resolve } = Promise.withResolvers<void>()
    answer.once('drain', resolve)
    await Promise.race([drained, left])
    answer.off('drain', resolve)
  }
  answer.end()
  // It may have left before anyone listened.
  await reader.cancel()
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
export function isSound(request: IncomingMessage): boolean {
  const { url = '', headers, rawHeaders, httpVersion } = request
  const { host = 'localhost' } = headers
  let hosts = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  if (hosts > 1 || (hosts === 0 && httpVersion !== '1.0')) return false
  if (!isSoundTarget(url) || !isFramed(request)) return false
  if (host === soundHost) return true
  if (!/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return false
  // Nearly all requests name the same one.
  soundHost = host
  return true
}
