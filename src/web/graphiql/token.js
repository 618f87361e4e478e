// The access token of this browser tab: taken from the address, kept in sessionStorage and nowhere else,
// so it is gone with the tab. A browser that duplicates the tab copies it.

const KEY = 'iam-logs.token'

/** `null` when there is none. */
export function token() {
  return sessionStorage.getItem(KEY)
}

/** Takes a token, or a link that ends in one. False when it cannot be one: a header holds visible ASCII only. */
export function keepToken(text) {
  const secret = text.split('#token=').at(-1).trim()
  if (!/^[!-~]+$/.test(secret)) return false
  sessionStorage.setItem(KEY, secret)
  return true
}

export function forgetToken() {
  sessionStorage.removeItem(KEY)
}

/** Moves the token from the address, if it is there, and says whether there is a new one. */
export function takeToken() {
  const secret = new URLSearchParams(location.hash.slice(1)).get('token')
  if (secret === null) return false
  history.replaceState(history.state, '', location.pathname + location.search)
  return keepToken(secret)
}

takeToken()
