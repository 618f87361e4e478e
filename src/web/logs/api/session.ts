// As whom the page asks: by the token of this tab; without one, by the session of this browser, which a cookie holds that
// no script can read, or as somebody whom a proxy before the server vouches for.

import { computed, effect, signal } from '@preact/signals'
import { forgetToken, token, tokenRefused } from './token.ts'

/** Of this browser, where there is no token. */
const session = signal<'pending' | 'there' | 'none'>('pending')

/** Whether people can sign in with an identity provider. */
export const offered = signal(false)

/** The token; empty where the server knows by itself who asks; `null` where nobody does, `undefined` before it is known. */
export const account = computed(
  () => token.value ?? { pending: undefined, there: '', none: null }[session.value],
)

/** Why there is no session, or none any more. */
export type Outcome = 'ended' | 'late' | 'refused' | 'away' | 'failed'
export const outcome = signal<Outcome | null>(null)

/** Tells the server that a page of its own asks, as no other site's page can. */
const OURS = { 'x-iam-logs-page': '1' }

/** What a request says of who asks. */
export function proofs() {
  return token.value === null
    ? ({ headers: OURS, credentials: 'same-origin' } as const)
    : ({ headers: { 'x-auth-token': token.value }, credentials: 'omit' } as const)
}

/** To be called once, when the address was looked at for a token: from then on it is known who is signed in. */
export function watchSession(): void {
  takeOutcome()
  effect(() => {
    if (token.value === null) look()
  })
  // Somebody may have signed in in another tab.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && account.value === null) look()
  })
}

function takeOutcome(): void {
  const said = new URLSearchParams(location.hash.slice(1)).get('sign-in')
  if (said === null) return
  history.replaceState(history.state, '', location.pathname + location.search)
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

/** How long to wait after so many failures before the next attempt, in milliseconds. */
export function waitAfter(failures: number): number {
  return Math.min(250 * 2 ** Math.max(0, failures), 4_000)
}

/** Leaves for the identity provider, which leads back to what is shown now; says why where it does not. */
export async function signIn(): Promise<void> {
  outcome.value = null
  const page = location.pathname.endsWith('/graphql') ? 'graphql' : ''
  const to = await post(`sign-in?to=${encodeURIComponent(page + location.search)}`)
  if (typeof to === 'string') location.assign(to)
  else outcome.value = to === 503 ? 'away' : 'failed'
}

/** Whether somebody is there who can sign out: who comes by a proxy does so there. */
export const canSignOut = computed(() => token.value !== null || offered.value)

/** Resolves with whether the browser goes elsewhere, to sign out there too. */
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

/** To be called when the server refused the token or session of a request. */
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

/** Where to go next; the status where it is refused, 503 for no answer. */
async function post(path: string): Promise<string | null | number> {
  try {
    const response = await fetch(path, { method: 'POST', headers: OURS, redirect: 'error' })
    return response.ok ? (await response.json()).location : response.status
  } catch {
    return 503
  }
}
