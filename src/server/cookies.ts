// The cookies of a browser that signs in, and which of its requests they count for: only those that a page of this server
// makes by itself. Other sites' pages can send a browser here with its cookies, but not with a header of ours.

import { parseCookie, stringifySetCookie } from 'cookie'

/** What the pages send with each request that a session shall answer; another site's page may not. */
const PAGE_HEADER = 'x-iam-logs-page'

export interface Cookies {
  /** Whether a page of this server asks. */
  isFromOurPage(request: Pick<Request, 'headers'>): boolean
  /** The secret of its session, where a page of this server asks. */
  ofOurPage(request: Pick<Request, 'headers'>): string | null
  read(request: Pick<Request, 'headers'>, what: Kept): string | null
  /** For a Set-Cookie header; `null` removes it. */
  write(what: Kept, value: string | null, seconds: number): string
}

type Kept = 'session' | 'attempt'

/** `publicUrl`: as browsers know this server, without a slash at its end. */
export function createCookies(publicUrl: string): Cookies {
  const { origin, protocol, pathname: path } = new URL(publicUrl)
  const secure = protocol === 'https:'
  // By its name alone a browser keeps it from being set by anyone but this host, over https.
  const prefix = secure ? (path === '/' ? '__Host-' : '__Secure-') : ''
  const nameOf = (what: Kept) => `${prefix}iam-logs-${what}`
  function isFromOurPage({ headers }: Pick<Request, 'headers'>): boolean {
    const site = headers.get('sec-fetch-site') ?? 'same-origin'
    const from = headers.get('origin') ?? origin
    return headers.get(PAGE_HEADER) !== null && site === 'same-origin' && from === origin
  }

  function read({ headers }: Pick<Request, 'headers'>, what: Kept): string | null {
    return parseCookie(headers.get('cookie') ?? '')[nameOf(what)] || null
  }

  return {
    isFromOurPage,
    read,
    ofOurPage: request => (isFromOurPage(request) ? read(request, 'session') : null),
    write: (what, value, seconds) =>
      stringifySetCookie({
        ...{ name: nameOf(what), value: value ?? '', path, secure },
        ...{ httpOnly: true, sameSite: 'lax', maxAge: value === null ? 0 : seconds },
      }),
  }
}
