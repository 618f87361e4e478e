// What the bars that are pointed at say, in words.

import type { Bar, Resolution } from '../counted/range.ts'
import { words as common } from '../parts/parts.words.ts'
import { spanOf, sumOf } from './bar-words.ts'
import { percent } from './places.ts'

interface TipProps {
  readonly bars: readonly Bar[]
  readonly resolution: Resolution
  /** The first and the last of those that are pointed at. */
  readonly low: number
  readonly high: number
  /** Where their middle is, from 0 to 1. */
  readonly at: number
}

/** Within the plot wherever it is. Screen readers have it from the options. */
export function Tip({ bars, resolution, low, high, at }: TipProps) {
  const [first, last] = [bars[low], bars[high]]
  if (first === undefined || last === undefined) return null
  return (
    <div
      class="tip floating"
      aria-hidden="true"
      style={{ left: percent(at), transform: `translateX(-${percent(at)})` }}
    >
      {spanOf(first, last, resolution)}
      <strong>{common().events(sumOf(bars.slice(low, high + 1)))}</strong>
    </div>
  )
}
