// Choices about the look of the page, which are no secret: kept in this browser from one visit to the next, where
// it lets them be kept.

import { effect, type Signal, signal } from '@preact/signals'

/** One of the values, the first visit's unless another was chosen. */
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

/** What a storage keeps; `null` also where the browser forbids storage, as in some private windows. */
export function read(key: string, storage = (): Storage => localStorage): string | null {
  try {
    return storage().getItem(key)
  } catch {
    return null
  }
}

/** `null` forgets it. Where storage is forbidden, nothing is kept. */
export function write(
  key: string,
  value: string | null,
  storage = (): Storage => localStorage,
): void {
  try {
    if (value === null) storage().removeItem(key)
    else storage().setItem(key, value)
  } catch {
    // It holds for this visit.
  }
}
