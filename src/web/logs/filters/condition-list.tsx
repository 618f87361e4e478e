// The current conditions; each can be removed by itself, or all at once. On a principal's page, conditions by principal
// are left out: they belong to the log that the viewer came from.

import { useRef } from 'preact/hooks'
import { Button } from '../parts/controls.tsx'
import { labelOf } from '../parts/event-words.tsx'
import { words as common } from '../parts/parts.words.ts'
import { isUntilNow, rangeText, untilNow } from '../parts/range-text.ts'
import { nameById, useWho } from '../parts/shown-names.tsx'
import { go, view } from '../view/page-address.ts'
import {
  EXCLUDED,
  LISTS,
  type ListName,
  NO_FILTER,
  PLACES,
  type Place,
  placed,
  type View,
  valuesOf,
} from '../view/view.ts'
import { words as t } from './filters.words.ts'

export function Conditions() {
  const box = useRef<HTMLDivElement>(null)
  const { principalId, principalIds, notPrincipalIds } = view.value
  const elsewhere = principalId !== null && { principalIds, notPrincipalIds }
  const shown = { ...view.value, ...(elsewhere && { principalIds: [], notPrincipalIds: [] }) }
  const ids = [...shown.principalIds, ...shown.notPrincipalIds]
  const who = useWho(ids)
  const conditions = conditionsOf(shown, id => nameById(id, who[ids.indexOf(id)]))

  /** The focused button disappears with its condition, so the focus moves to the box. */
  function remove(change: Partial<View>): void {
    go(change)
    box.current?.focus()
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div ref={box} class="conditions row" role="group" aria-label={t.conditions} tabIndex={-1}>
      {conditions.map(({ what, value, title, without, turned }) => (
        <span key={`${what} ${title}`} class="condition">
          {turned !== null && (
            <Button
              class="icon"
              label={t.changeTo(`${turned.what} ${value}`)}
              text="⇄"
              onClick={() => remove(turned.view)}
            />
          )}
          <Button class="plain" title={title} onClick={() => remove(without)}>
            <span class="hidden">{t.remove}</span>
            <span class="quiet">{what}</span>
            <bdi class="value cut">{value}</bdi>
            <span aria-hidden="true">×</span>
          </Button>
        </span>
      ))}
      {conditions.length > 0 && (
        <Button
          class="plain link"
          onClick={() => remove({ ...NO_FILTER, ...elsewhere })}
          text={t.clearAll}
        />
      )}
    </div>
  )
}

/**
 * Each with the name of its property, its value, shortened and in full, the change of the view that removes it, and the
 * opposite condition with its change of the view, or `null` if it cannot be excluded.
 */
function conditionsOf(shown: View, nameOf: (id: string) => string) {
  const text = rangeText(shown)
  const period = { what: t.time, value: text, title: text, without: untilNow(null), turned: null }
  const labelIn = (name: ListName, value: string) =>
    name === 'principalIds' ? nameOf(value) : name === 'userAgents' ? value : labelOf(name, value)
  function conditionsAt(name: ListName, place: Place) {
    const meanings = { included: common.names[name], excluded: t.allBut(common.names[name]) }
    const other = place === 'included' ? 'excluded' : 'included'
    return valuesOf(shown, name, place).map(value => ({
      ...{ what: meanings[place], value: labelIn(name, value), title: value },
      without: placed(shown, name, [value], 'neither'),
      turned: EXCLUDED[name] && {
        ...{ what: meanings[other], view: placed(shown, name, [value], other) },
      },
    }))
  }
  const lists = LISTS.flatMap(name => PLACES.flatMap(place => conditionsAt(name, place)))
  return isUntilNow(shown, null) ? lists : [period, ...lists]
}
