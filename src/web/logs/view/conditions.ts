// The conditions of which a view may have several values: each value is included, excluded, or neither.

import type { View } from './view.ts'

/** The list that excludes what the other includes. */
export const EXCLUDED = {
  actions: 'notActions',
  categories: 'notCategories',
  principalIds: 'notPrincipalIds',
  ipAddresses: 'notIpAddresses',
  userAgents: 'notUserAgents',
} as const

export type Excludable = keyof typeof EXCLUDED

export type ListName = Excludable | 'resourceIds'

type Place = 'included' | 'excluded' | 'neither'

export function isExcludable(name: ListName): name is Excludable {
  return name in EXCLUDED
}

/** Every value that is included, or excluded. */
export function valuesOf(
  view: View,
  name: ListName,
  place: 'included' | 'excluded',
): readonly string[] {
  if (place === 'included') return view[name]
  return isExcludable(name) ? view[EXCLUDED[name]] : []
}

export function placeOf(view: View, name: ListName, value: string): Place {
  if (valuesOf(view, name, 'included').includes(value)) return 'included'
  return valuesOf(view, name, 'excluded').includes(value) ? 'excluded' : 'neither'
}

/** The change of the view that puts the values there, and nowhere else. */
export function placed(
  view: View,
  name: ListName,
  values: readonly string[],
  place: Place,
): Partial<View> {
  const listed = (in_: 'included' | 'excluded') => {
    const before = valuesOf(view, name, in_)
    return in_ === place
      ? [...new Set([...before, ...values])]
      : before.filter(value => !values.includes(value))
  }
  return {
    [name]: listed('included'),
    ...(isExcludable(name) && { [EXCLUDED[name]]: listed('excluded') }),
  }
}
