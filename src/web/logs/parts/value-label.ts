// The labels of counted values.

import { clientOf } from './client-name.ts'
import { words } from './parts.words.ts'

/** The label of an address or a user agent; `value` is empty for events without one. */
export function labelOf(of: 'ipAddresses' | 'userAgents', value: string): string {
  const { noAddress, noClient } = words()
  return of === 'ipAddresses' ? value || noAddress : clientOf(value) || noClient
}
