// The cookies of sign-in. They are accepted only for requests that a page of this server sends by script: other sites'
// pages can make a browser send its cookies here, but cannot set our header.

import { parseCookie, stringifySetCookie } from 'cookie'

const PAGE_HEADER = 'x-iam-logs-page'

export type Cookies = ReturnType<typeof createCookies>

type CookieName = 'session' | 'attempt'

/** `publicUrl`: the URL under which browsers reach this server, without a slash at its end. */
export function createCookies(publicUrl: string) {
  const { origin, protocol, pathname: path } = new URL(publicUrl)
  const secure = protocol === 'https:'
  // With these prefixes, browsers accept the cookies only from this host, over https.
  const prefix = secure ? (path === '/' ? '__Host-' : '__Secure-') : ''
  const nameOf = (what: CookieName) => `${prefix}iam-logs-${what}`

  /** Whether a page of this server sent the request. */
  function isFromOurPage({ headers }: Pick<Request, 'headers'>): boolean {
    const site = headers.get('sec-fetch-site') ?? 'same-origin'
    const from = headers.get('origin') ?? origin
    return headers.get(PAGE_HEADER) !== null && site === 'same-origin' && from === origin
  }

  function read({ headers }: Pick<Request, 'headers'>, what: CookieName): string | null {
    return parseCookie(headers.get('cookie') ?? '')[nameOf(what)] || null
  }

  return {
    isFromOurPage,
    read,
    /** The secret of the session, if a page of this server sent the request. */
    ofOurPage: (request: Pick<Request, 'headers'>) =>
      isFromOurPage(request) ? read(request, 'session') : null,
    /** A Set-Cookie header; `null` removes the cookie. */
    write: (what: CookieName, value: string | null, seconds: number) =>
      stringifySetCookie({
        ...{ name: nameOf(what), value: value ?? '', path, secure },
        ...{ httpOnly: true, sameSite: 'lax', maxAge: value === null ? 0 : seconds },
      }),
  }
}
