// A date, told as the view wants it; whoever points at it reads all of it.

import { day, exact, told } from '../dates.ts'
import { view } from '../view/address.ts'

/** `brief`: by calendar alone, where dates are told by calendar. */
export function When({ at, brief = false }: { at: string; brief?: boolean }) {
  return (
    <time dateTime={at} title={exact(at)}>
      {brief && !view.value.relative ? day(at) : told(at)}
    </time>
  )
}
