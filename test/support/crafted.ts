// Requests, as bytes, about which two servers in a row may not agree where they end or which host they are for. Each
// hides a request for /smuggled, or names a host that is not served.

/** The hidden request, which the server must not receive. */
export const HIDDEN = 'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n'

const POST = 'POST /health/live HTTP/1.1\r\nHost: localhost\r\n'
const GET = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\n'
const CHUNKED = 'Transfer-Encoding: chunked\r\n'
/** The last chunk of a chunked body. */
const END = '0\r\n\r\n'

const length = (text: string) => `Content-Length: ${text.length}\r\n`

/** The server must receive at most one request of each, and refuse requests for hosts other than localhost. */
export const CRAFTED: readonly (readonly [name: string, bytes: string])[] = [
  ['a length and chunks', `${POST}${length(END + HIDDEN)}${CHUNKED}\r\n${END}${HIDDEN}`],
  ['chunks and a length', `${POST}${CHUNKED}Content-Length: 5\r\n\r\n2a\r\n${HIDDEN}\r\n${END}`],
  ['an unknown coding', `${POST}Transfer-Encoding: xchunked\r\n\r\n${END}${HIDDEN}`],
  ['two codings', `${POST}Transfer-Encoding: gzip, chunked\r\n\r\n${END}${HIDDEN}`],
  [
    'two headers with codings',
    `${POST}Transfer-Encoding: identity\r\n${CHUNKED}\r\n${END}${HIDDEN}`,
  ],
  ['codings in the wrong order', `${POST}${CHUNKED}Transfer-Encoding: x\r\n\r\n${END}${HIDDEN}`],
  ['a coding in quotes', `${POST}Transfer-Encoding: "chunked"\r\n\r\n${END}${HIDDEN}`],
  [
    'a coding behind a vertical tab',
    `${POST}Transfer-Encoding: \vchunked\r\n${length(END + HIDDEN)}\r\n${END}${HIDDEN}`,
  ],
  [
    'a space before the colon',
    `${POST}Transfer-Encoding : chunked\r\n${length(END + HIDDEN)}\r\n${END}${HIDDEN}`,
  ],
  [
    'chunks in HTTP/1.0',
    `POST /health/live HTTP/1.0\r\nConnection: keep-alive\r\n${CHUNKED}\r\n${END}${HIDDEN}`,
  ],
  [
    'a folded line',
    `${POST}X: y\r\n Transfer-Encoding: chunked\r\n${length(END)}\r\n${END}${HIDDEN}`,
  ],
  ['a folded first line', `GET /health/live HTTP/1.1\r\n Host: evil.example\r\n\r\n${HIDDEN}`],
  ['two lengths', `${POST}Content-Length: 0\r\n${length(HIDDEN)}\r\n${HIDDEN}`],
  ['a list of lengths', `${POST}Content-Length: 0, ${HIDDEN.length}\r\n\r\n${HIDDEN}`],
  ['a length with a sign', `${POST}Content-Length: +0\r\n\r\n${HIDDEN}`],
  ['a negative length', `${POST}Content-Length: -1\r\n\r\n${HIDDEN}`],
  ['a hexadecimal length', `${POST}Content-Length: 0x0\r\n\r\n${HIDDEN}`],
  ['a length that is too large', `${POST}Content-Length: 18446744073709551616\r\n\r\n${HIDDEN}`],
  [
    'lines without a carriage return',
    `POST /health/live HTTP/1.1\nHost: localhost\nX: y\n\n${HIDDEN}`,
  ],
  ['a last line without a carriage return', `${GET}X: y\n\n${HIDDEN}`],
  ['a carriage return without a line feed', `${POST}X: y\rContent-Length: 99\r\n\r\n${HIDDEN}`],
  ['a chunk with an open quote', `${POST}${CHUNKED}\r\n1;a="\r\nx\r\n0\r\n${HIDDEN}`],
  [
    'a chunk with a line feed without a carriage return',
    `${POST}${CHUNKED}\r\n2;\nxx\r\n2a\r\n${END}${HIDDEN}`,
  ],
  ['a chunk with the prefix 0x', `${POST}${CHUNKED}\r\n0x0\r\n\r\n${HIDDEN}`],
  ['a chunk longer than its size', `${POST}${CHUNKED}\r\n1\r\nxyz\r\n${END}${HIDDEN}`],
  ['a chunk with a size that is too large', `${POST}${CHUNKED}\r\n10000000000000000\r\n${HIDDEN}`],
  ['two Hosts', `${GET}Host: evil.example\r\n\r\n`],
  ['a Host with two names', 'GET /health/live HTTP/1.1\r\nHost: localhost, evil.example\r\n\r\n'],
  ['a Host with a user', 'GET /health/live HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n'],
  ['a Host with a name for a port', 'GET / HTTP/1.1\r\nHost: localhost:evil.example\r\n\r\n'],
  [
    'a complete URL of another host',
    'GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  ],
  ['a URL without a scheme', 'GET //evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['a CONNECT request', `CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n${HIDDEN}`],
  ['a host instead of a path', `GET evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n`],
  ['another major version', `GET / HTTP/2.0\r\nHost: localhost\r\n\r\n${HIDDEN}`],
  ['HTTP/2 from the start', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a target of two words', `GET / x HTTP/1.1\r\nHost: localhost\r\n\r\n`],
]
