// Removes requested texts that no database can store: they match nothing. In a query, one database would fail and
// another might match something else.

import type { EventFilter } from '../event.ts'
import { isKeepable } from '../text.ts'

/** Without duplicates. */
export function keepable(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter(isKeepable)
}

/** A filter that matches the same events. */
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
