// What is asked for and no database can hold: nothing is found by it, and no database is asked, as one would fail and
// another find something else.

import type { EventFilter } from '../event.ts'
import { isKeepable } from '../text.ts'

/** Each once. */
export function keepable(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter(isKeepable)
}

/** The same events match. */
export function keepableFilter(filter: EventFilter): EventFilter {
  const { principalIds, resourceIds, not } = filter
  const others = not?.principalIds
  if (principalIds === undefined && resourceIds === undefined && others === undefined) return filter
  return {
    ...filter,
    ...(principalIds !== undefined && { principalIds: principalIds.filter(isKeepable) }),
    ...(resourceIds !== undefined && { resourceIds: resourceIds.filter(isKeepable) }),
    ...(others !== undefined && { not: { ...not, principalIds: others.filter(isKeepable) } }),
  }
}
