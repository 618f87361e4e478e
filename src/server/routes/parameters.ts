// What stands behind the question mark of a URL. A parameter nobody reads is one misspelt, and an export or a
// feed without the filter that was meant would look like the right one: so it is refused.

import { InputError, quoted } from '../../errors.ts'
import type { EventFilter } from '../../event.ts'
import { FILTER_NAMES, type FilterName, filterFromTexts } from '../../schema/filter-text.ts'

export interface Parameters<Name extends string> {
  readonly filter: EventFilter
  /** `null` where it is not given. */
  value(name: Name): string | null
}

/** Takes the filter and these names, each of these at most once. */
export function parametersIn<Name extends string>(
  query: URLSearchParams,
  names: readonly Name[],
): Parameters<Name> {
  const known: readonly string[] = [...FILTER_NAMES, ...names]
  for (const name of query.keys()) {
    if (known.includes(name)) continue
    throw new InputError(`${quoted(name)} is no parameter; there are ${known.join(', ')}`)
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
