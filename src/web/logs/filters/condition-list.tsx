// The current conditions; each can be removed by itself, or all at once. On a principal's page, conditions by principal
// are left out: they belong to the log that the viewer came from.

import { useRef } from 'preact/hooks'
import type { EventAction, EventCategory } from '../api/page-documents.ts'
import { Button } from '../parts/controls.tsx'
import { words as common } from '../parts/parts.words.ts'
import { nameById, useWho } from '../parts/principal-name.tsx'
import { isUntilNow, rangeText, untilNow } from '../parts/range-text.ts'
import { go, view } from '../view/page-address.ts'
import {
  EXCLUDED,
  type ListName,
  NO_FILTER,
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
  function each(
    name: ListName,
    what: string,
    labelOf = (value: string) => value,
    titleOf = labelOf,
  ) {
    const at = (place: Place, other: Place) => {
      const meanings = { included: what, excluded: t.allBut(what) }
      return valuesOf(shown, name, place).map(value => ({
        ...{ what: meanings[place], value: labelOf(value), title: titleOf(value) },
        without: placed(shown, name, [value], 'neither'),
        turned: EXCLUDED[name] && {
          ...{ what: meanings[other], view: placed(shown, name, [value], other) },
        },
      }))
    }
    return [...at('included', 'excluded'), ...at('excluded', 'included')]
  }
  return [
    ...(isUntilNow(shown, null) ? [] : [period]),
    ...each('actions', common.action, one => common.actions[one as EventAction]),
    ...each('categories', common.category, one => common.categories[one as EventCategory]),
    ...each('principalIds', common.principal, nameOf, id => id),
    ...each('resourceIds', t.resourceId),
    ...each('ipAddresses', common.ipAddress),
    ...each('userAgents', common.userAgent),
  ]
}
