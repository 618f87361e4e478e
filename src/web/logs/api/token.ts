// The access token of this browser tab, stored under the same name as by GraphiQL: taken from the address and stored in
// sessionStorage, so it ends with the tab; in localStorage only if the viewer asked for it. Duplicating the tab copies
// it. If the browser forbids storage, the token is only in memory.

import { signal } from '@preact/signals'
import { read, write } from '../kept.ts'

export const KEY = 'iam-logs.token'
const ofTab = () => sessionStorage

/** `null` if there is no token. */
export const token = signal<string | null>(read(KEY, ofTab) ?? read(KEY))

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
  write(KEY, secret, ofTab)
  tokenRefused.value = false
  token.value = secret
  return true
}

export function forgetToken(refused: boolean): void {
  write(KEY, null, ofTab)
  write(KEY, null)
  tokenRefused.value = refused
  token.value = null
}

/** Moves a token from the address into storage. */
export function takeToken(): void {
  const secret = new URLSearchParams(location.hash.slice(1)).get('token')
  if (secret === null) return
  history.replaceState(history.state, '', location.pathname + location.search)
  keepToken(secret)
}

/** Signing out in one tab signs out all tabs with the same token. */
addEventListener('storage', ({ key, oldValue, newValue }) => {
  if (key === KEY && newValue === null && oldValue === token.value) forgetToken(false)
})
