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

/** Reads from a storage; returns `null` also if the browser forbids storage, as in some private windows. */
export function read(key: string, storage = (): Storage => localStorage): string | null {
  try {
    return storage().getItem(key)
  } catch {
    return null
  }
}

/** `null` removes the value. If storage is forbidden, nothing is stored. */
export function write(
  key: string,
  value: string | null,
  storage = (): Storage => localStorage,
): void {
  try {
    if (value === null) storage().removeItem(key)
    else storage().setItem(key, value)
  } catch {
    // The value is kept in memory for this visit.
  }
}
