// The bars, as a list box in which some can be selected: by dragging, clicking, or with the keyboard. Selecting zooms
// in. Each bar is an option with a name, so that people with a screen reader can use them too.

import { useId, useMemo, useRef } from 'preact/hooks'
import { type Bar, type Range, type Resolution, sumOf } from '../counted/use-figures.ts'
import { format } from '../dates.ts'
import { language, number } from '../language.ts'
import { words as common } from '../parts/parts.words.ts'
import type { Dates } from '../parts/range-text.ts'
import { filter, go, view } from '../view/page-address.ts'
import { ACTIONS } from '../view/view.ts'
import { words as t } from './figures.words.ts'
import { ticksOf } from './ticks.ts'
import { placesOf, useChosenBars } from './use-chosen-bars.ts'

interface BarsProps {
  /** In order, without gaps; at least one. */
  readonly bars: readonly Bar[]
  readonly range: Range
  readonly resolution: Resolution
  /** Whether new counts are loading. */
  readonly busy: boolean
}

export function Bars({ bars, range, resolution, busy }: BarsProps) {
  const id = useId()
  const plot = useRef<HTMLDivElement>(null)
  const places = useMemo(() => placesOf(bars, range), [bars, range])
  const most = useMemo(() => Math.max(1, ...bars.map(({ count }) => count)), [bars])
  // biome-ignore lint/correctness/useExhaustiveDependencies: they are in the viewer's language
  const names = useMemo(
    () => bars.map(bar => textOf([bar], resolution)),
    [bars, resolution, language.value],
  )
  const among = [bars[0]?.start, resolution.interval, resolution.together].join()
  const { low, high, active, handlers } = useChosenBars(plot, places, among, (low, high) => {
    const [first, last] = [bars[low], bars[high]]
    if (first !== undefined && last !== undefined) go(zoomedTo(first, last))
  })
  const chosen = low === null || high === null ? [] : bars.slice(low, high + 1)
  const middle = percent(places.middle(low ?? 0, high ?? 0))
  return (
    <div class={busy ? 'plot busy' : 'plot'}>
      <div class="line quiet small">
        <span aria-hidden="true">{number(most)}</span>
        <Legend bars={bars} />
      </div>
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
        {bars.map((bar, at) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the list keeps the focus and names the active option
          <div
            key={bar.start}
            id={`${id}-${at}`}
            role="option"
            aria-label={names[at]}
            aria-selected={chosen.includes(bar)}
            style={{ left: percent(places.left(at)), width: percent(places.width(at)) }}
          >
            <i style={{ height: bar.count === 0 ? '0' : `max(2px, ${percent(bar.count / most)})` }}>
              {bar.byAction.map(({ action, count }) => (
                <b key={action} class={action} style={{ flexGrow: count }} />
              ))}
            </i>
          </div>
        ))}
      </div>
      {low !== null && high !== null && (
        // Stays within the plot. Screen readers read the options' names instead.
        <div
          class="tip floating small"
          aria-hidden="true"
          style={{ left: middle, transform: `translateX(-${middle})` }}
        >
          {textOf(chosen, resolution)}
        </div>
      )}
      <div class="ticks quiet small" aria-hidden="true">
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

/** From the start of the first bar to the end of the last, but never beyond what is shown already. */
function zoomedTo(first: Bar, last: Bar): Dates {
  const { createdAfter, createdBefore } = filter.value
  // Bars begin and end at full minutes, so milliseconds are enough to compare.
  const from = Date.parse(createdAfter ?? '') >= Date.parse(first.start) ? createdAfter : null
  const until = Date.parse(createdBefore ?? '') < Date.parse(last.end) ? createdBefore : null
  return { last: null, createdAfter: from ?? first.start, createdBefore: until ?? last.end }
}

/**
 * Which colour means which action; patterns distinguish them too. An action that this version does not know is listed
 * only if there are such events.
 */
function Legend({ bars }: { bars: readonly Bar[] }) {
  const isThere = bars.some(bar => bar.byAction.some(({ action }) => action === 'UNKNOWN'))
  return (
    <ul class="legend line">
      {ACTIONS.filter(action => action !== 'UNKNOWN' || isThere).map(action => (
        <li key={action}>
          <b class={action} aria-hidden="true" />
          {common.actions[action]}
        </li>
      ))}
    </ul>
  )
}

/** A number from 0 to 1 as a CSS percentage. */
function percent(part: number): string {
  return `${Math.round(part * 1e5) / 1e3}%`
}

/** Describes adjacent bars: the period, and the counts, such as `3 events (Created 2, Deleted 1)`. */
function textOf(bars: readonly Bar[], resolution: Resolution): string {
  const [first, last] = [bars[0], bars.at(-1)]
  if (first === undefined || last === undefined) return ''
  const { count, byAction } = sumOf(bars)
  const each = byAction.map(({ action, count }) => `${common.actions[action]} ${number(count)}`)
  const span = spanOf(Date.parse(first.start), Date.parse(last.end), resolution)
  return `${span}: ${common.events(count)}${each.length === 0 ? '' : ` (${each.join(', ')})`}`
}

/** The period: `3 Mar 2026, 10:00–11:00`, or only dates if bars are whole days. */
function spanOf(from: number, until: number, { interval }: Resolution): string {
  if (interval === 'MINUTE' || interval === 'HOUR') {
    const zone = clocksChange(from, until) ? ({ timeZoneName: 'short' } as const) : {}
    const clock = { hour: '2-digit', minute: '2-digit', ...zone } as const
    const dates = format({ day: 'numeric', month: 'short', year: 'numeric', ...clock })
    return dates.formatRange(from, until)
  }
  const dates =
    interval === 'MONTH'
      ? format({ month: 'long', year: 'numeric' })
      : format({ dateStyle: 'medium' })
  return dates.formatRange(from, until - 1)
}

/** If clocks change in a period, an hour occurs twice or is missing. */
function clocksChange(from: number, until: number): boolean {
  const [before, after] = [from, until].map(time => new Date(time).getTimezoneOffset())
  return !view.value.utc && before !== after
}
