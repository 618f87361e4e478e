// What the page calls the values that events are counted by.

import { clientOf } from './client-name.ts'
import { words } from './parts.words.ts'

/** What an address or a user agent is called; empty where events have none. */
export function labelOf(of: 'ipAddresses' | 'userAgents', value: string): string {
  const { noAddress, noClient } = words()
  return of === 'ipAddresses' ? value || noAddress : clientOf(value) || noClient
}
