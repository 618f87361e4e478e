// The conditions of now, each to be taken away by itself or all at once. On a principal's page those by principal
// are left alone: they are of the log that it came from.

import { useRef } from 'preact/hooks'
import { useWho } from '../counted/who.ts'
import { words as common } from '../parts/parts.words.ts'
import { nameOf, type PrincipalLike, shortId } from '../parts/principal.tsx'
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
  /** The same the other way round, included or excluded, and the view with that; `null` where only one can be said. */
  readonly turned: { readonly what: string; readonly view: Partial<View> } | null
}

/** The conditions of which there may be several. */
type ListName = {
  [Name in keyof View]: View[Name] extends readonly string[] ? Name : never
}[keyof View]

export function Conditions({ organizationId }: { organizationId: string }) {
  const t = words()
  const box = useRef<HTMLDivElement>(null)
  const { principalId, principalIds, notPrincipalIds } = view.value
  const shown = principalId === null ? view.value : { ...view.value, ...NO_PRINCIPAL }
  const ids = [...shown.principalIds, ...shown.notPrincipalIds]
  const who = useWho(organizationId, ids)
  const nameById = new Map(ids.map((id, at) => [id, named(id, who[at] ?? null)]))
  const conditions = conditionsOf(shown, id => nameById.get(id) ?? id)

  /** The button that had the focus is gone with its condition. */
  function remove(change: Partial<View>): void {
    go(change)
    box.current?.focus()
  }

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div ref={box} class="conditions" role="group" aria-label={t.conditions} tabIndex={-1}>
      {conditions.map(({ what, value, title, without, turned }) => (
        <span key={`${what} ${title ?? value}`} class="condition">
          {turned !== null && (
            <button
              type="button"
              class="icon"
              title={t.changeTo(`${turned.what} ${value}`)}
              aria-label={t.changeTo(`${turned.what} ${value}`)}
              onClick={() => remove(turned.view)}
            >
              ⇄
            </button>
          )}
          <button
            type="button"
            class="plain"
            title={title ?? value}
            onClick={() => remove(without)}
          >
            <span class="hidden">{t.remove}</span>
            <span class="quiet">{what}</span>
            <bdi class="value">{value}</bdi>
            <span aria-hidden="true">×</span>
          </button>
        </span>
      ))}
      {conditions.length > 0 && (
        <button
          type="button"
          class="plain clear"
          onClick={() =>
            remove({ ...NO_FILTER, ...(principalId !== null && { principalIds, notPrincipalIds }) })
          }
        >
          {t.clearAll}
        </button>
      )}
    </div>
  )
}

const NO_PRINCIPAL = { principalIds: [], notPrincipalIds: [] }

function named(id: string, found: PrincipalLike | null): string {
  if (found === null) return id
  return found.__typename === 'UnknownPrincipal' ? `${nameOf(found)} ${shortId(id)}` : nameOf(found)
}

function conditionsOf(shown: View, nameById: (id: string) => string): Condition[] {
  const t = words()
  const { action, category, actions, categories } = common()
  const { principalIds, resourceIds, ipAddresses, userAgents } = t.meanings
  const dated = shown.last !== null || shown.createdAfter !== null || shown.createdBefore !== null
  const anyTime = { last: null, createdAfter: null, createdBefore: null }
  function each<Name extends ListName>(
    name: Name,
    what: string,
    told: (value: View[Name][number]) => string = value => value,
    title = told,
  ): Condition[] {
    const values: readonly View[Name][number][] = shown[name]
    const excluded = name.startsWith('not')
    const other = oppositeOf(name)
    return values.map(value => {
      const without = { [name]: values.filter(other => other !== value) }
      const view = other && { ...without, [other]: [...new Set([...shown[other], value])] }
      return {
        ...{ value: told(value), title: title(value), without },
        what: excluded ? t.allBut(what) : what,
        turned: view && { what: excluded ? what : t.allBut(what), view },
      }
    })
  }
  return [
    ...(dated ? [{ what: t.time, value: rangeText(shown), without: anyTime, turned: null }] : []),
    ...each('actions', action, one => actions[one]),
    ...each('notActions', action, one => actions[one]),
    ...each('categories', category, one => categories[one]),
    ...each('notCategories', category, one => categories[one]),
    ...each('principalIds', principalIds, nameById, id => id),
    ...each('notPrincipalIds', principalIds, nameById, id => id),
    ...each('resourceIds', resourceIds),
    ...each('ipAddresses', ipAddresses),
    ...each('notIpAddresses', ipAddresses),
    ...each('userAgents', userAgents),
    ...each('notUserAgents', userAgents),
  ]
}

/** What excludes where this includes, and the other way round; `null` where nothing does. */
function oppositeOf(name: ListName): ListName | null {
  const other = name.startsWith('not')
    ? name.charAt(3).toLowerCase() + name.slice(4)
    : `not${name.charAt(0).toUpperCase()}${name.slice(1)}`
  return other in NO_FILTER ? (other as ListName) : null
}
