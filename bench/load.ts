// A client in its own process: repeats one request on a few keep-alive connections, and prints its measurements as JSON.
// It parses responses only to find where they end, so that the client is not the bottleneck.

import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { parseArgs } from 'node:util'

export interface Load {
  readonly answers: number
  readonly seconds: number
  /** Response times in milliseconds. */
  readonly p50: number
  readonly p99: number
  /** The mean size of a response with its headers. */
  readonly bytes: number
  /** The number of different response bodies. */
  readonly different: number
}

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: '' },
    token: { type: 'string', default: '' },
    body: { type: 'string', default: '' },
    seconds: { type: 'string', default: '1' },
    connections: { type: 'string', default: '16' },
  },
})
const { hostname, port, pathname, host } = new URL(values.url)
const request = Buffer.from(
  [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    'Accept: application/json',
    'Content-Type: application/json',
    `X-Auth-Token: ${values.token}`,
    `Content-Length: ${Buffer.byteLength(values.body)}`,
    '',
    values.body,
  ].join('\r\n'),
)
const times: number[] = []
const bodies = new Set<string>()
let bytes = 0
const start = performance.now()
const end = start + Number(values.seconds) * 1000

await Promise.all(Array.from({ length: Number(values.connections) }, repeatRequest))

const seconds = (performance.now() - start) / 1000
times.sort((a, b) => a - b)
const at = (part: number) => times[Math.floor((times.length - 1) * part)] ?? 0
const load: Load = {
  answers: times.length,
  seconds,
  p50: at(0.5),
  p99: at(0.99),
  bytes: bytes / times.length,
  different: bodies.size,
}
process.stdout.write(JSON.stringify(load))

function repeatRequest(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname).setNoDelay()
    let asked = 0
    let chunks: Buffer[] = []
    let length = 0
    /** The length of the response, known after its head; `null` if it is chunked. */
    let whole: number | null | undefined
    const ask = () => {
      asked = performance.now()
      socket.write(request)
    }
    socket.once('connect', ask)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('the server closed a connection')))
    socket.on('data', chunk => {
      chunks.push(chunk)
      length += chunk.length
      if (whole === undefined) {
        const head = Buffer.concat(chunks).toString('latin1')
        const body = head.indexOf('\r\n\r\n') + 4
        if (body < 4) return
        if (!head.startsWith('HTTP/1.1 200 ')) return reject(new Error(head))
        const told = /\r\ncontent-length: *(\d+)/i.exec(head.slice(0, body))?.[1]
        whole = told === undefined ? null : body + Number(told)
      }
      const ended =
        whole === null ? chunk.subarray(-7).toString('latin1') === '\r\n0\r\n\r\n' : length >= whole
      if (!ended) return
      const now = performance.now()
      times.push(now - asked)
      bytes += length
      // Only a sample, because hashing every body would make the client the bottleneck.
      if (times.length % 256 === 1) bodies.add(hashOfBody(Buffer.concat(chunks), whole === null))
      chunks = []
      length = 0
      whole = undefined
      if (now < end) return ask()
      socket.removeAllListeners('close').destroy()
      resolve()
    })
  })
}

function hashOfBody(answer: Buffer, chunked: boolean): string {
  const body = answer.subarray(answer.indexOf('\r\n\r\n') + 4).toString('latin1')
  const text = chunked ? body.replace(/(^|\r\n)[0-9a-f]+\r\n/g, '') : body
  return createHash('sha256').update(text).digest('hex')
}
