// The conditions of which a view may have several values: each value is included, excluded, or neither.

import type { View } from './view.ts'

/** The list that excludes what the other includes; `null` where nothing does. */
export const EXCLUDED = {
  actions: 'notActions',
  categories: 'notCategories',
  principalIds: 'notPrincipalIds',
  resourceIds: null,
  ipAddresses: 'notIpAddresses',
  userAgents: 'notUserAgents',
} as const

export type ListName = keyof typeof EXCLUDED

export type Place = 'included' | 'excluded'

/** Every value that is included, or excluded. */
export function valuesOf(view: View, name: ListName, place: Place): readonly string[] {
  const list = place === 'included' ? name : EXCLUDED[name]
  return list === null ? [] : view[list]
}

export function placeOf(view: View, name: ListName, value: string): Place | 'neither' {
  if (valuesOf(view, name, 'included').includes(value)) return 'included'
  return valuesOf(view, name, 'excluded').includes(value) ? 'excluded' : 'neither'
}

/** The change of the view that puts the values there, and nowhere else. */
export function placed(
  view: View,
  name: ListName,
  values: readonly string[],
  place: Place | 'neither',
): Partial<View> {
  const listed = (list: Place) => {
    const before = valuesOf(view, name, list)
    return list === place
      ? [...new Set([...before, ...values])]
      : before.filter(value => !values.includes(value))
  }
  const excluded = EXCLUDED[name]
  return { [name]: listed('included'), ...(excluded && { [excluded]: listed('excluded') }) }
}
