// The query parameters of a URL. An unknown one is refused: it is probably misspelt, and an export or feed without the
// intended filter would look correct.

import { InputError, quoted } from '../../errors.ts'
import type { EventFilter } from '../../event.ts'
import { FILTER_NAMES, type FilterName, filterFromTexts } from '../../schema/filter-text.ts'

export interface Parameters<Name extends string> {
  readonly filter: EventFilter
  /** `null` if it is not given. */
  value(name: Name): string | null
}

/** Accepts the filter and these names, each of these at most once. */
export function parametersIn<Name extends string>(
  query: URLSearchParams,
  names: readonly Name[],
): Parameters<Name> {
  const known: readonly string[] = [...FILTER_NAMES, ...names]
  for (const name of query.keys()) {
    if (known.includes(name)) continue
    throw new InputError(
      `${quoted(name)} is not a parameter; the parameters are ${known.join(', ')}`,
    )
  }
  const texts: Partial<Record<FilterName, string[]>> = {}
  for (const name of FILTER_NAMES) if (query.has(name)) texts[name] = query.getAll(name)
  return {
    filter: filterFromTexts(texts),
    value(name) {
      const [one = null, another] = query.getAll(name)
      if (another === undefined) return one
      throw new InputError(`${name} was given several times; give it once`)
    },
  }
}
