// Display preferences, which are not secret. They are stored in this browser from one visit to the next, if it allows
// storage.

import { effect, type Signal, signal } from '@preact/signals'

/** One of the values: the stored one, or the given default at the first visit. */
export function kept<Value extends string>(
  name: string,
  values: readonly Value[],
  first: Value,
): Signal<Value> {
  const key = `iam-logs.${name}`
  const chosen = signal(values.find(value => value === read(key)) ?? first)
  let begun = false
  effect(() => {
    const { value } = chosen
    if (begun) write(key, value)
    begun = true
  })
  return chosen
}

/** `sessionStorage` ends with the tab. */
type Place = 'localStorage' | 'sessionStorage'

/** Returns `null` also if the browser forbids storage, as in some private windows. */
export function read(key: string, place: Place = 'localStorage'): string | null {
  return attempt(() => globalThis[place].getItem(key))
}

/** `null` removes the value. If storage is forbidden, nothing is stored. */
export function write(key: string, value: string | null, place: Place = 'localStorage'): void {
  attempt(() => {
    if (value === null) globalThis[place].removeItem(key)
    else globalThis[place].setItem(key, value)
  })
}

/** The result; `null` if the browser throws, as for storage that it forbids or a locale that it does not know. */
export function attempt<Result>(use: () => Result): Result | null {
  try {
    return use()
  } catch {
    return null
  }
}
