// The conditions of the log that hold on a principal's page too, each of which can be taken away, and all at once.

import { absolute } from '../dates.ts'
import { words as common } from '../parts/parts.words.ts'
import { go, view } from '../view/address.ts'
import { NO_FILTER, type View } from '../view/view.ts'
import { words } from './principal.words.ts'

interface Condition {
  readonly text: string
  readonly without: Partial<View>
}

export function ActiveFilters() {
  const t = words()
  const conditions = conditionsOf(view.value)
  if (conditions.length === 0) return null
  return (
    <div class="active-filters">
      <span>{t.onlySome}</span>
      <ul>
        {conditions.map(({ text, without }) => (
          <li key={text}>
            <button type="button" aria-label={t.without(text)} onClick={() => go(without)}>
              {text} <span aria-hidden="true">✕</span>
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        onClick={() => go({ ...NO_FILTER, principalIds: view.value.principalIds })}
      >
        {t.showAll}
      </button>
    </div>
  )
}

function conditionsOf(shown: View): readonly Condition[] {
  const t = words()
  const { actions, categories } = common()
  const { last, createdAfter, createdBefore, ipAddress, userAgent } = shown
  const found: Condition[] = []
  const add = (text: string, without: Partial<View>) => found.push({ text, without })
  if (last !== null) add(t.spans[last], { last: null })
  else {
    if (createdAfter !== null) add(t.from(absolute(createdAfter)), { createdAfter: null })
    if (createdBefore !== null) add(t.until(absolute(createdBefore)), { createdBefore: null })
  }
  for (const action of shown.actions) {
    add(actions[action], { actions: shown.actions.filter(other => other !== action) })
  }
  for (const category of shown.categories) {
    const others = shown.categories.filter(other => other !== category)
    add(categories[category], { categories: others })
  }
  for (const id of shown.resourceIds) {
    add(t.to(id), { resourceIds: shown.resourceIds.filter(other => other !== id) })
  }
  if (ipAddress !== null) add(ipAddress, { ipAddress: null })
  if (userAgent !== null) add(`“${userAgent}”`, { userAgent: null })
  return found
}
