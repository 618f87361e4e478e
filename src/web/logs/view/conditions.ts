// Whether a value is included, excluded, or neither in a view, and the change of the view that moves it.

import { EXCLUDED, type ListName, type Place, type View, valuesOf } from './view.ts'

export function placeOf(view: View, name: ListName, value: string): Place | 'neither' {
  if (valuesOf(view, name, 'included').includes(value)) return 'included'
  return valuesOf(view, name, 'excluded').includes(value) ? 'excluded' : 'neither'
}

/** The change of the view that puts the values only there. */
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
