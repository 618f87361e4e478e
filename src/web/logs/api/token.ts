// The access token of this browser tab, under the name that GraphiQL knows it by: taken from the address, kept in
// sessionStorage, so it is gone with the tab; in localStorage only where the viewer asked for it. A browser that
// duplicates the tab copies it. Where the browser forbids storage, it is gone with the page.

import { signal } from '@preact/signals'
import { read, write } from '../kept.ts'

export const KEY = 'iam-logs.token'
const ofTab = () => sessionStorage

/** `null` when there is none. */
export const token = signal<string | null>(read(KEY, ofTab) ?? read(KEY))

/** Whether the server refused the last token. */
export const tokenRefused = signal(false)

/**
 * Takes a token, or a link that ends in one. False when it cannot be one: a header holds visible ASCII only. `stay`: for
 * all tabs, and after the browser was closed.
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

/** Moves the token from the address, if it is there. */
export function takeToken(): void {
  const secret = new URLSearchParams(location.hash.slice(1)).get('token')
  if (secret === null) return
  history.replaceState(history.state, '', location.pathname + location.search)
  keepToken(secret)
}

/** Who signs out in one tab is signed out in all that have the same token. */
addEventListener('storage', ({ key, oldValue, newValue }) => {
  if (key === KEY && newValue === null && oldValue === token.value) forgetToken(false)
})
