// How the page authenticates: with the token of this tab; or else with this browser's session, whose cookie no script
// can read; or as the user whom a proxy in front of the server authenticated.

import { computed, effect, signal } from '@preact/signals'
import { read, write } from '../kept.ts'

// The access token of this browser tab, stored under the same name as by GraphiQL: taken from the address and stored in
// sessionStorage, so it ends with the tab; in localStorage only if the viewer asked for it. Duplicating the tab copies
// it. If the browser forbids storage, the token is only in memory.

export const KEY = 'iam-logs.token'

/** `null` if there is no token. */
export const token = signal<string | null>(read(KEY, 'sessionStorage') ?? read(KEY))

/** Whether the server refused the last token. */
export const tokenRefused = signal(false)

/**
 * Accepts a token, or a link that ends in one. Returns false if the text cannot be a token: a header holds visible
 * ASCII only. `stay` stores it for all tabs, also after the browser was closed.
 */
export function keepToken(text: string, stay = false): boolean {
  const secret = text.split('#token=').at(-1)?.trim() ?? ''
  if (!/^[!-~]+$/.test(secret)) return false
  if (stay) write(KEY, secret)
  write(KEY, secret, 'sessionStorage')
  tokenRefused.value = false
  token.value = secret
  return true
}

function forgetToken(refused: boolean): void {
  write(KEY, null, 'sessionStorage')
  write(KEY, null)
  tokenRefused.value = refused
  token.value = null
}

/** Moves a token from the address into storage. */
export function takeToken(): void {
  const secret = takeFromHash('token')
  if (secret !== null) keepToken(secret)
}

/** Removes a value from behind the # of the address, so that it is not in the history. */
function takeFromHash(name: string): string | null {
  const value = new URLSearchParams(location.hash.slice(1)).get(name)
  if (value !== null) history.replaceState(history.state, '', location.pathname + location.search)
  return value
}

/** Signing out in one tab signs out all tabs with the same token. */
addEventListener('storage', ({ key, oldValue, newValue }) => {
  if (key === KEY && newValue === null && oldValue === token.value) forgetToken(false)
})

/** This browser's session, used if there is no token. */
const session = signal<'pending' | 'there' | 'none'>('pending')

/** Whether people can sign in with an identity provider. */
export const offered = signal(false)

/**
 * The token; empty if the server identifies the viewer by session or proxy; `null` if nobody is signed in; `undefined`
 * until that is known.
 */
export const account = computed(
  () => token.value ?? { pending: undefined, there: '', none: null }[session.value],
)

/** Why no session could be started, or why the last one ended. */
type Outcome = 'ended' | 'late' | 'refused' | 'away' | 'failed'
export const outcome = signal<Outcome | null>(null)

/** Proves that the request comes from our own page: pages of other sites cannot set this header. */
const OURS = { 'x-iam-logs-page': '1' }

/** The headers and cookie mode that authenticate a request. */
export function proofs() {
  return token.value === null
    ? ({ headers: OURS, credentials: 'same-origin' } as const)
    : ({ headers: { 'x-auth-token': token.value }, credentials: 'omit' } as const)
}

/** Must be called once, after the address has been checked for a token. Then determines who is signed in. */
export function watchSession(): void {
  takeOutcome()
  effect(() => {
    if (token.value === null) look()
  })
  // The viewer may have signed in in another tab.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && account.value === null) look()
  })
}

function takeOutcome(): void {
  const said = takeFromHash('sign-in')
  if (said === null) return
  outcome.value = said === 'late' || said === 'refused' || said === 'away' ? said : 'failed'
}

async function look(): Promise<void> {
  for (let failures = 0; token.peek() === null; failures++) {
    const response = await fetch('session', { headers: OURS, redirect: 'error' }).catch(() => null)
    if (response !== null && response.status < 500 && response.status !== 429) {
      const { signIn = false, signedIn = false } = await response.json().catch(() => ({}))
      offered.value = signIn
      session.value = signedIn ? 'there' : 'none'
      return
    }
    await new Promise(resolve => setTimeout(resolve, waitAfter(failures)))
  }
}

/** The delay before the next attempt after this many failures, in milliseconds. */
export function waitAfter(failures: number): number {
  return Math.min(250 * 2 ** Math.max(0, failures), 4_000)
}

/** Goes to the identity provider, which returns to the current view; sets `outcome` if that is not possible. */
export async function signIn(): Promise<void> {
  outcome.value = null
  const page = location.pathname.endsWith('/graphql') ? 'graphql' : ''
  const to = await post(`sign-in?to=${encodeURIComponent(page + location.search)}`)
  if (typeof to === 'string') location.assign(to)
  else outcome.value = to === 503 ? 'away' : 'failed'
}

/** Whether the viewer can sign out here: a viewer authenticated by a proxy signs out there. */
export const canSignOut = computed(() => token.value !== null || offered.value)

/** Resolves to true if the browser leaves the page to sign out at the identity provider too. */
export async function signOut(): Promise<boolean> {
  if (token.value !== null) {
    forgetToken(false)
    return false
  }
  const to = await post('sign-out')
  if (typeof to === 'number') return false
  session.value = 'none'
  if (to !== null) location.assign(to)
  return to !== null
}

/** Must be called when the server refused the token or session of a request. */
export function forget(sender: string): void {
  if (account.value !== sender) return
  if (token.value !== null) {
    forgetToken(true)
    return
  }
  tokenRefused.value = false
  outcome.value = 'ended'
  session.value = 'none'
}

/** The address to go to next; or the status of a refusal, 503 if there was no response. */
async function post(path: string): Promise<string | null | number> {
  try {
    const response = await fetch(path, { method: 'POST', headers: OURS, redirect: 'error' })
    return response.ok ? (await response.json()).location : response.status
  } catch {
    return 503
  }
}
