// The cookies of sign-in. They count only for requests that a page of this server sends by itself: other sites' pages can
// make a browser send its cookies here, but not our header.

import { parseCookie, stringifySetCookie } from 'cookie'

const PAGE_HEADER = 'x-iam-logs-page'

export type Cookies = ReturnType<typeof createCookies>

type CookieName = 'session' | 'attempt'

/** `publicUrl`: as browsers know this server, without a slash at its end. */
export function createCookies(publicUrl: string) {
  const { origin, protocol, pathname: path } = new URL(publicUrl)
  const secure = protocol === 'https:'
  // By these prefixes a browser lets only this host set them, over https.
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
    /** For a Set-Cookie header; `null` removes it. */
    write: (what: CookieName, value: string | null, seconds: number) =>
      stringifySetCookie({
        ...{ name: nameOf(what), value: value ?? '', path, secure },
        ...{ httpOnly: true, sameSite: 'lax', maxAge: value === null ? 0 : seconds },
      }),
  }
}
