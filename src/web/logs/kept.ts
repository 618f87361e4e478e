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

/** Throws where storage is forbidden, as in some private windows. */
function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Then it holds for this visit.
  }
}
