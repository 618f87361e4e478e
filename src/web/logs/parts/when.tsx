// A date as the view wants it, with its exact form as a tooltip.

import { dateText, day, exact } from '../dates.ts'
import { view } from '../view/page-address.ts'

/** `brief`: by calendar alone, where dates are shown by calendar. */
export function When({ at, brief = false }: { at: string; brief?: boolean }) {
  return (
    <time dateTime={at} title={exact(at)}>
      {brief && !view.value.relative ? day(at) : dateText(at)}
    </time>
  )
}
