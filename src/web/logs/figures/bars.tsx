// The bars themselves, as a list of which some can be chosen: by a drag, a click, or the keyboard. Choosing zooms in.
// Each is an option with a name, so that who cannot see them goes through them all the same.

import { useId, useMemo, useRef, useState } from 'preact/hooks'
import type { EventFilter } from '../api/documents.ts'
import type { Bar, Range, Resolution } from '../counted/range.ts'
import { number } from '../language.ts'
import { words as common } from '../parts/parts.words.ts'
import { go } from '../view/address.ts'
import { countsOf, spanOf } from './bar-words.ts'
import { words } from './figures.words.ts'
import { Legend } from './legend.tsx'
import { percent, placesOf } from './places.ts'
import { ticksOf } from './ticks.ts'
import { Tip } from './tip.tsx'
import { zoomedTo } from './zoom.ts'

interface BarsProps {
  /** In order, at least one, none between them left out. */
  readonly bars: readonly Bar[]
  readonly range: Range
  readonly resolution: Resolution
  /** What zooming in stays within. */
  readonly filter: EventFilter
  /** Whether others are being counted. */
  readonly busy: boolean
}

/** Which bars are pointed at: the one that a choice began with and the one it has come to. */
interface Chosen {
  readonly from: number
  readonly to: number
  readonly by: 'hover' | 'drag' | 'keys'
  /** Which bars these are. */
  readonly among: string
}

export function Bars({ bars, range, resolution, filter, busy }: BarsProps) {
  const t = words()
  const said = common()
  const id = useId()
  const plot = useRef<HTMLDivElement>(null)
  const [latest, setChosen] = useState<Chosen | null>(null)
  // What was chosen among other bars means nothing among these.
  const among = [bars[0]?.start, resolution.interval, resolution.together].join()
  const chosen = latest?.among === among ? latest : null
  const places = useMemo(() => placesOf(bars, range), [bars, range])
  const most = useMemo(() => Math.max(1, ...bars.map(({ count }) => count)), [bars])
  const names = useMemo(
    () => bars.map(bar => `${spanOf(bar, bar, resolution)}: ${countsOf([bar], said)}`),
    [bars, resolution, said],
  )
  const ticks = ticksOf(places.shown)

  const last = bars.length - 1
  const low = chosen === null ? -1 : Math.min(chosen.from, chosen.to, last)
  const high = chosen === null ? -1 : Math.min(Math.max(chosen.from, chosen.to), last)

  function zoom(from: number, to: number): void {
    const [first, end] = [bars[Math.min(from, to)], bars[Math.min(Math.max(from, to), last)]]
    setChosen(null)
    if (first !== undefined && end !== undefined) go(zoomedTo(first, end, filter))
  }

  function keyDown(press: KeyboardEvent): void {
    const to = chosen?.to ?? -1
    const aim = {
      ArrowLeft: to < 0 ? last : Math.max(0, to - 1),
      ArrowRight: Math.min(last, to + 1),
      Home: 0,
      End: last,
    }[press.key]
    if (aim !== undefined) {
      const from = press.shiftKey && chosen !== null ? chosen.from : aim
      setChosen({ from, to: aim, by: 'keys', among })
    } else if (press.key === 'Enter' && chosen !== null) zoom(chosen.from, chosen.to)
    else if (press.key === 'Escape' && chosen !== null) setChosen(null)
    else return
    press.preventDefault()
  }

  /** How far across the bars the pointer is, from 0 to 1. */
  function across({ clientX }: PointerEvent): number {
    const box = plot.current?.getBoundingClientRect()
    return box === undefined ? 0 : (clientX - box.left) / box.width
  }

  function pointerDown(event: PointerEvent): void {
    if (event.button !== 0) return
    plot.current?.setPointerCapture(event.pointerId)
    const at = places.nearest(across(event))
    setChosen({ from: at, to: at, by: 'drag', among })
  }

  function pointerMove(event: PointerEvent): void {
    const at = across(event)
    if (chosen?.by === 'drag') setChosen({ ...chosen, to: places.nearest(at) })
    else if (event.pointerType !== 'touch') {
      const on = places.on(at)
      setChosen(on === null ? null : { from: on, to: on, by: 'hover', among })
    }
  }

  function pointerUp(event: PointerEvent): void {
    if (chosen?.by !== 'drag') return
    // A click beside all bars means none of them.
    if (chosen.from === chosen.to && places.on(across(event)) === null) setChosen(null)
    else zoom(chosen.from, chosen.to)
  }

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
        title={chosen === null ? t.dragHelp : undefined}
        aria-multiselectable="true"
        aria-activedescendant={
          chosen?.by !== 'keys' ? undefined : `${id}-${Math.min(chosen.to, last)}`
        }
        onKeyDown={keyDown}
        onBlur={() => setChosen(null)}
        onPointerDown={pointerDown}
        onPointerMove={pointerMove}
        onPointerUp={pointerUp}
        onPointerCancel={() => setChosen(null)}
        onPointerLeave={() => chosen?.by === 'hover' && setChosen(null)}
      >
        {bars.map(({ start, count, byAction }, at) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the list keeps the focus and names the active option
          <div
            key={start}
            id={`${id}-${at}`}
            role="option"
            aria-label={names[at]}
            aria-selected={at >= low && at <= high}
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
      {chosen !== null && (
        <Tip {...{ bars, low, high, resolution }} at={places.middle(low, high)} />
      )}
      <div class="ticks" aria-hidden="true">
        {ticks.map(({ at, label }) => (
          <span key={at} style={{ left: percent(at) }}>
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
