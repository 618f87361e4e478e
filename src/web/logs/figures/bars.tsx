// The bars, as a list box in which some can be selected: by dragging, clicking, or with the keyboard. Selecting zooms
// in. Each bar is an option with a name, so that people with a screen reader can use them too.

import { useId, useMemo, useRef } from 'preact/hooks'
import type { EventFilter } from '../api/page-documents.ts'
import type { Bar, Range, Resolution } from '../counted/range.ts'
import { number } from '../language.ts'
import { go } from '../view/page-address.ts'
import { textOf } from './bar-words.ts'
import { words } from './figures.words.ts'
import { Legend } from './legend.tsx'
import { percent, placesOf } from './places.ts'
import { ticksOf } from './ticks.ts'
import { useChosenBars } from './use-chosen-bars.ts'
import { zoomedTo } from './zoom.ts'

interface BarsProps {
  /** In order, without gaps; at least one. */
  readonly bars: readonly Bar[]
  readonly range: Range
  readonly resolution: Resolution
  /** Zooming in stays within this filter's dates. */
  readonly filter: EventFilter
  /** Whether new counts are loading. */
  readonly busy: boolean
}

export function Bars({ bars, range, resolution, filter, busy }: BarsProps) {
  const t = words()
  const id = useId()
  const plot = useRef<HTMLDivElement>(null)
  const places = useMemo(() => placesOf(bars, range), [bars, range])
  const most = useMemo(() => Math.max(1, ...bars.map(({ count }) => count)), [bars])
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are in the language of the words
  const names = useMemo(() => bars.map(bar => textOf([bar], resolution)), [bars, resolution, t])
  const among = [bars[0]?.start, resolution.interval, resolution.together].join()
  const { low, high, active, handlers } = useChosenBars(plot, places, among, (low, high) => {
    const [first, last] = [bars[low], bars[high]]
    if (first !== undefined && last !== undefined) go(zoomedTo(first, last, filter))
  })
  const isChosen = (at: number) => low !== null && high !== null && at >= low && at <= high
  return (
    <div class={busy ? 'plot busy' : 'plot'}>
      <span class="most" aria-hidden="true">
        {number(most)}
      </span>
      <Legend bars={bars} />
      <div
        ref={plot}
        class="bars"
        role="listbox"
        tabIndex={0}
        aria-label={t.overTime}
        aria-describedby={`${id}-help`}
        title={low === null ? t.dragHelp : undefined}
        aria-multiselectable="true"
        aria-activedescendant={active === null ? undefined : `${id}-${active}`}
        {...handlers}
      >
        {bars.map(({ start, count, byAction }, at) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the list keeps the focus and names the active option
          <div
            key={start}
            id={`${id}-${at}`}
            role="option"
            aria-label={names[at]}
            aria-selected={isChosen(at)}
            style={{ left: percent(places.left(at)), width: percent(places.width(at)) }}
          >
            <i style={{ height: count === 0 ? '0' : `max(2px, ${percent(count / most)})` }}>
              {byAction.map(({ action, count }) => (
                <b key={action} class={action} style={{ flexGrow: count }} />
              ))}
            </i>
          </div>
        ))}
      </div>
      {low !== null && high !== null && (
        <Tip at={places.middle(low, high)}>{textOf(bars.slice(low, high + 1), resolution)}</Tip>
      )}
      <div class="ticks" aria-hidden="true">
        {ticksOf(places.shown).map(({ at, label }) => (
          <span key={at} style={{ '--at': at }}>
            {label}
          </span>
        ))}
      </div>
      <span id={`${id}-help`} class="hidden">
        {t.barsHelp}
      </span>
    </div>
  )
}

/** Stays within the plot. Screen readers read the options' names instead. */
function Tip({ at, children }: { at: number; children: string }) {
  return (
    <div
      class="tip floating"
      aria-hidden="true"
      style={{ left: percent(at), transform: `translateX(-${percent(at)})` }}
    >
      {children}
    </div>
  )
}
