// The menu of saved views: saves the current view under a name, and opens the viewer's own views and shared ones.

import { useMutation, useQuery, useQueryClient } from '@tanstack/preact-query'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useState } from 'preact/hooks'
import { ask, query } from '../api/ask.ts'
import {
  ChangeViewDocument,
  DeleteViewDocument,
  SavedViewsDocument,
  type SavedViewsQuery,
  SaveViewDocument,
} from '../api/page-documents.ts'
import { useOrganization } from '../parts/answers.ts'
import { Button } from '../parts/controls.tsx'
import { Dropdown } from '../parts/dropdown.tsx'
import { refusalOf } from '../parts/refusal.ts'
import { go, view } from '../view/page-address.ts'
import { pageQueryOf, shownBy } from '../view/view.ts'
import { words as t } from './views.words.ts'

export function ViewsMenu() {
  const [opened, setOpened] = useState(false)
  const { savedView } = view.value
  const views = useViews(opened || savedView !== null) ?? []
  const current = savedView === null ? undefined : named(views, savedView)
  const changed = current !== undefined && current.pageQuery !== pageQueryOf(view.value)
  const name = current === undefined ? t.views : changed ? t.changed(current.name) : current.name
  return (
    <div class="views-menu" onClickCapture={() => setOpened(true)}>
      <Dropdown
        class="menu"
        label={current === undefined ? t.views : t.viewIs(name)}
        text={<bdi class="cut">{name}</bdi>}
      >
        <Views {...{ views, current, changed }} />
      </Dropdown>
    </div>
  )
}

interface Change {
  readonly send: () => Promise<unknown>
  /** The message after the change. */
  readonly done: string
}

interface ViewsProps {
  readonly views: readonly SavedView[]
  readonly current: SavedView | undefined
  readonly changed: boolean
}

function Views({ views, current, changed }: ViewsProps) {
  const id = useId()
  const { id: organizationId } = useOrganization()
  const queries = useQueryClient()
  // Ends when the list contains the change.
  const { mutate, isPending, error, data } = useMutation({
    mutationFn: ({ send, done }: Change) => send().then(() => done),
    onSettled: () => queries.invalidateQueries({ queryKey: [SavedViewsDocument] }),
  })
  const pageQuery = pageQueryOf(view.value)
  const list = { current, isPending, change: mutate }

  /** Saves the current view under a new name. */
  function save(event: SubmitEvent): void {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const given = new FormData(form)
    const name = String(given.get('name')).trim()
    const variables = { organizationId, name, pageQuery, shared: given.has('shared') }
    const change = { send: () => ask(SaveViewDocument, variables), done: t.saved(name) }
    mutate(change, { onSuccess: () => form.reset() })
  }

  function saveChanges({ id, name }: SavedView): void {
    mutate({ send: () => ask(ChangeViewDocument, { id, pageQuery }), done: t.saved(name) })
  }

  return (
    <div class="stack">
      <ViewList title={t.own} views={views.filter(({ mine }) => mine)} {...list} />
      <ViewList title={t.ofOthers} views={views.filter(({ mine }) => !mine)} {...list} />
      {current?.mine && changed && (
        <Button
          disabled={isPending}
          onClick={() => saveChanges(current)}
          text={t.saveChanges(current.name)}
        />
      )}
      <form class="stack" onSubmit={save}>
        <label for={id}>{t.saveAs}</label>
        <input {...{ id, name: 'name', required: true, maxLength: 100 }} autocomplete="off" />
        <label>
          <input type="checkbox" name="shared" /> {t.shareAtOnce}
        </label>
        <button type="submit" class="primary" disabled={isPending}>
          {t.save}
        </button>
      </form>
      <p role="alert" class="refused">
        {refusalOf(error, t.refusals)}
      </p>
      <p role="status" class="quiet">
        {data}
      </p>
    </div>
  )
}

interface ViewListProps extends Pick<ViewsProps, 'views' | 'current'> {
  readonly title: string
  readonly isPending: boolean
  readonly change: (change: Change) => void
}

function ViewList({ title, views, current, isPending, change }: ViewListProps) {
  if (views.length === 0) return null

  function share({ id, name, shared }: SavedView): void {
    const done = shared ? t.nowOwn(name) : t.nowShared(name)
    change({ send: () => ask(ChangeViewDocument, { id, shared: !shared }), done })
  }

  function remove({ id, name }: SavedView): void {
    if (!confirm(t.reallyDelete(name))) return
    if (id === current?.id) go({ savedView: null }, { quietly: true })
    change({ send: () => ask(DeleteViewDocument, { id }), done: t.deleted(name) })
  }

  return (
    <>
      <h2 class="small">{title}</h2>
      <ul>
        {views.map(one => (
          <li key={one.id} class="line">
            <Button
              class="plain open"
              data-closes
              aria-current={one === current}
              onClick={() => go(shownBy(one))}
            >
              <bdi>{one.name}</bdi>
              {!one.mine && one.author !== null && <span class="quiet"> {t.by(one.author)}</span>}
            </Button>
            {one.mine && (
              <Button
                class="quiet"
                aria-pressed={one.shared}
                aria-label={t.shareNamed(one.name)}
                disabled={isPending}
                onClick={() => share(one)}
                text={one.shared ? t.isShared : t.share}
              />
            )}
            {one.deletable && (
              <Button
                class="icon"
                label={t.deleteNamed(one.name)}
                disabled={isPending}
                onClick={() => remove(one)}
                text="✕"
              />
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

type SavedView = NonNullable<SavedViewsQuery['organization']>['savedViews'][number]

/** `undefined` until loaded. Requested only if `enabled`. */
function useViews(enabled: boolean): readonly SavedView[] | undefined {
  const { id: organizationId } = useOrganization()
  const { data } = useQuery({ ...query(SavedViewsDocument, { organizationId }), enabled })
  return data && (data.organization?.savedViews ?? [])
}

/** Of several views with one name: the viewer's own before those shared by others. */
function named(views: readonly SavedView[], name: string): SavedView | undefined {
  const all = views.filter(view => view.name === name)
  return all.find(({ mine }) => mine) ?? all[0]
}

/** Nothing is shown until the view is loaded. */
export function Opening({ children }: { children: ComponentChildren }) {
  const { savedView } = view.value
  const name = savedView !== null && pageQueryOf(view.value) === '' ? savedView : null
  const views = useViews(name !== null)
  const found = name === null ? undefined : named(views ?? [], name)
  useEffect(() => {
    if (found !== undefined) go(shownBy(found), { quietly: true })
  }, [found])
  if (name !== null && (views === undefined || (found?.pageQuery ?? '') !== ''))
    return (
      <p class="empty" role="status" aria-busy={true}>
        {t.opening}
      </p>
    )
  return (
    <>
      {name !== null && found === undefined && (
        <p class="notice" role="status">
          {t.noSuchView(name)}
        </p>
      )}
      {children}
    </>
  )
}
