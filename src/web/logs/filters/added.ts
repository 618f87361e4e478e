// What is found becomes a condition beside those there are.

import type { View } from '../view/view.ts'

/** In the order in which they are offered. */
export const KINDS = [
  'people',
  'applications',
  'others',
  'resources',
  'addresses',
  'clients',
] as const

export type Kind = (typeof KINDS)[number]

/** What of a view one can add to. */
export type Added = 'principalIds' | 'resourceIds' | 'ipAddresses' | 'userAgents'

export interface Found {
  readonly to: Added
  readonly values: readonly string[]
}

/** The view with what is found, which is left out no longer. */
export function withAdded(view: View, added: readonly Found[]): Partial<View> {
  const change: Record<string, string[]> = {}
  for (const { to, values } of added) {
    change[to] = [...new Set([...(change[to] ?? view[to]), ...values])]
    const not = `not${to.charAt(0).toUpperCase()}${to.slice(1)}`
    const excluded = change[not] ?? (view as unknown as Record<string, readonly string[]>)[not]
    if (excluded !== undefined) change[not] = excluded.filter(value => !values.includes(value))
  }
  return change
}
