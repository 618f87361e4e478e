// A date in the view's form, with the exact date as a tooltip.

import { dateText, day, exact } from '../dates.ts'
import { view } from '../view/page-address.ts'

/** `brief`: without the time, unless the view shows elapsed time. */
export function When({ at, brief = false }: { at: string; brief?: boolean }) {
  return (
    <time dateTime={at} title={exact(at)}>
      {brief && !view.value.relative ? day(at) : dateText(at)}
    </time>
  )
}
