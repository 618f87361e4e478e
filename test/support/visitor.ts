// A browser without a page: it keeps cookies by host and port, and follows redirects one by one, so that a test can
// intervene.

import { parseSetCookie } from 'cookie'

export class Visitor {
  readonly #cookies = new Map<string, Map<string, string>>()

  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  /** The cookies of the server. */
  get cookies(): Map<string, string> {
    return this.#of(this.url)
  }

  #of(url: string): Map<string, string> {
    const { host } = new URL(url)
    const cookies = this.#cookies.get(host) ?? new Map<string, string>()
    this.#cookies.set(host, cookies)
    return cookies
  }

  /** Sends a request with cookies, and does not follow redirects. */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const cookies = this.#of(url)
    const headers = new Headers(init.headers)
    const sent = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    if (sent !== '') headers.set('cookie', sent)
    const response = await fetch(url, { ...init, headers, redirect: 'manual' })
    for (const line of response.headers.getSetCookie()) {
      const { name, value = '', maxAge, expires } = parseSetCookie(line)
      const isGone = maxAge === 0 || (expires !== undefined && expires.getTime() < Date.now())
      if (isGone) cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }

  /** Sends a request as a page of the server does. */
  ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('x-iam-logs-page', '1')
    if (init.method === 'POST') headers.set('origin', this.url)
    return this.fetch(`${this.url}${path}`, { ...init, headers })
  }

  async graph(query: string, headers: Record<string, string> = {}): Promise<Graph> {
    const response = await this.ask('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    })
    return { status: response.status, ...(await response.json()) }
  }

  /** Begins a sign-in, goes to the issuer, and returns the URL of the callback without following it. */
  async toCallback(to = ''): Promise<string> {
    const begun = await this.ask(`/sign-in?to=${encodeURIComponent(to)}`, { method: 'POST' })
    if (begun.status !== 200) throw new Error(await begun.text())
    let { location } = await begun.json()
    while (!location.startsWith(`${this.url}/`)) {
      const next = await this.fetch(location)
      const from = location
      location = new URL(next.headers.get('location') ?? '', from).href
      if (location === from) throw new Error(await next.text())
    }
    return location
  }

  /** Signs in; returns the URL of the page that is shown then. */
  async signIn(to = ''): Promise<string> {
    const back = await this.fetch(await this.toCallback(to))
    return back.headers.get('location') ?? ''
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the type of a response depends on its query
export type Graph = { status: number; data?: any; errors?: any[] }
