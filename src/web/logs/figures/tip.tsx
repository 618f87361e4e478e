// What the bars that are pointed at say, in words.

import { type Bar, type Resolution, sumOf } from '../counted/range.ts'
import { number } from '../language.ts'
import { words as common } from '../parts/parts.words.ts'
import { spanOf } from './bar-words.ts'
import { percent } from './places.ts'

interface TipProps {
  /** Those that are pointed at. */
  readonly bars: readonly Bar[]
  readonly resolution: Resolution
  /** Where their middle is, from 0 to 1. */
  readonly at: number
}

/** Within the plot wherever it is. Screen readers have it from the options. */
export function Tip({ bars, resolution, at }: TipProps) {
  const [first, last] = [bars[0], bars.at(-1)]
  if (first === undefined || last === undefined) return null
  const { events, actions } = common()
  const { count, byAction } = sumOf(bars)
  return (
    <div
      class="tip floating"
      aria-hidden="true"
      style={{ left: percent(at), transform: `translateX(-${percent(at)})` }}
    >
      {spanOf(first, last, resolution)}
      <strong>{events(count)}</strong>
      {byAction.map(({ action, count }) => (
        <span key={action}>
          {actions[action]} {number(count)}
        </span>
      ))}
    </div>
  )
}
