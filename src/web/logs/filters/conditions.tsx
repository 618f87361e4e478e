// The conditions of now, each to be taken away by itself or all at once. On a principal's page those by principal
// are left alone: they are of the log that it came from.

import { useRef } from 'preact/hooks'
import { useWho } from '../counted/who.ts'
import { words as common } from '../parts/parts.words.ts'
import { nameOf, shortId } from '../parts/principal.tsx'
import { go, view } from '../view/address.ts'
import { NO_FILTER, type View } from '../view/view.ts'
import { words } from './filters.words.ts'
import { rangeText } from './range-text.ts'

interface Condition {
  /** What is filtered by. */
  readonly what: string
  readonly value: string
  /** All of it, where `value` is short. */
  readonly title?: string
  /** The view without it. */
  readonly without: Partial<View>
}

export function Conditions({ organizationId }: { organizationId: string }) {
  const t = words()
  const box = useRef<HTMLDivElement>(null)
  const { principalId, principalIds } = view.value
  const ids = principalId === null ? principalIds : []
  const who = useWho(organizationId, ids)
  const names = ids.map((id, at) => {
    const found = who[at] ?? null
    if (found === null) return id
    return found.__typename === 'UnknownPrincipal' ? `${nameOf(found)} ${shortId(id)}` : found.name
  })
  const conditions = conditionsOf({ ...view.value, principalIds: ids }, names)

  /** The button that had the focus is gone with its condition. */
  function remove(change: Partial<View>): void {
    go(change)
    box.current?.focus()
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div ref={box} class="conditions" role="group" aria-label={t.conditions} tabIndex={-1}>
      {conditions.length === 0 && <p class="quiet">{t.noCondition}</p>}
      {conditions.map(({ what, value, title, without }) => (
        <button
          key={`${what} ${title ?? value}`}
          type="button"
          class="condition"
          title={title ?? value}
          onClick={() => remove(without)}
        >
          <span class="hidden">{t.remove}</span>
          <span class="quiet">{what}</span>
          <span class="value">{value}</span>
          <span aria-hidden="true">×</span>
        </button>
      ))}
      {conditions.length > 0 && (
        <button
          type="button"
          class="plain clear"
          onClick={() => remove(principalId === null ? NO_FILTER : { ...NO_FILTER, principalIds })}
        >
          {t.clearAll}
        </button>
      )}
    </div>
  )
}

/** `names` are those of the principals, in their order. */
function conditionsOf(shown: View, names: readonly string[]): Condition[] {
  const t = words()
  const { action, category, actions, categories } = common()
  const { last, createdAfter, createdBefore, ipAddress, userAgent } = shown
  const dated = last !== null || createdAfter !== null || createdBefore !== null
  const anyTime = { last: null, createdAfter: null, createdBefore: null }
  return [
    ...(dated ? [{ what: t.time, value: rangeText(shown), without: anyTime }] : []),
    ...shown.actions.map(one => ({
      ...{ what: action, value: actions[one] },
      without: { actions: shown.actions.filter(other => other !== one) },
    })),
    ...shown.categories.map(one => ({
      ...{ what: category, value: categories[one] },
      without: { categories: shown.categories.filter(other => other !== one) },
    })),
    ...shown.principalIds.map((id, at) => ({
      ...{ what: t.meanings.principalIds, value: names[at] ?? id, title: id },
      without: { principalIds: shown.principalIds.filter(other => other !== id) },
    })),
    ...shown.resourceIds.map(id => ({
      ...{ what: t.meanings.resourceIds, value: id },
      without: { resourceIds: shown.resourceIds.filter(other => other !== id) },
    })),
    ...(ipAddress === null
      ? []
      : [{ what: t.meanings.ipAddress, value: ipAddress, without: { ipAddress: null } }]),
    ...(userAgent === null
      ? []
      : [{ what: t.meanings.userAgent, value: userAgent, without: { userAgent: null } }]),
  ]
}
