// The menu of saved views: saves the current view under a name, and opens the viewer's own views and shared ones.

import { useId, useState } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { ChangeViewDocument, DeleteViewDocument, SaveViewDocument } from '../api/page-documents.ts'
import { Dropdown } from '../parts/dropdown.tsx'
import { refusalOf } from '../parts/refusal.ts'
import { go, view } from '../view/page-address.ts'
import { pageQueryOf, shownBy } from '../view/view.ts'
import { type Change, named, type SavedView, useChange, useViews } from './use-views.ts'
import { words } from './views.words.ts'
import './views.css'

export function ViewsMenu({ organizationId }: { organizationId: string }) {
  const t = words()
  const [opened, setOpened] = useState(false)
  const { savedView } = view.value
  const views = useViews(organizationId, opened || savedView !== null) ?? []
  const current = savedView === null ? undefined : named(views, savedView)
  const changed = current !== undefined && current.pageQuery !== pageQueryOf(view.value)
  const name = current === undefined ? t.views : changed ? t.changed(current.name) : current.name
  return (
    <div class="views-menu" onClickCapture={() => setOpened(true)}>
      <Dropdown
        class="menu"
        label={current === undefined ? t.views : t.viewIs(name)}
        summary={<bdi>{name}</bdi>}
      >
        {close => <Views {...{ organizationId, views, current, changed, close }} />}
      </Dropdown>
    </div>
  )
}

interface ViewsProps {
  readonly organizationId: string
  readonly views: readonly SavedView[]
  readonly current: SavedView | undefined
  readonly changed: boolean
  readonly close: () => void
}

function Views({ organizationId, views, current, changed, close }: ViewsProps) {
  const t = words()
  const id = useId()
  const { mutate, isPending, error, data: done } = useChange(organizationId)
  const pageQuery = pageQueryOf(view.value)
  const list = { current, isPending, change: mutate, close }

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

  return (
    <>
      <ViewList title={t.own} views={views.filter(({ mine }) => mine)} {...list} />
      <ViewList title={t.ofOthers} views={views.filter(({ mine }) => !mine)} {...list} />
      {current?.mine && changed && (
        <button
          type="button"
          disabled={isPending}
          onClick={() =>
            mutate({
              send: () => ask(ChangeViewDocument, { id: current.id, pageQuery }),
              done: t.saved(current.name),
            })
          }
        >
          {t.saveChanges(current.name)}
        </button>
      )}
      <form onSubmit={save}>
        <label for={id}>{t.saveAs}</label>
        <input {...{ id, name: 'name', required: true, maxLength: 100 }} autocomplete="off" />
        <label class="share">
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
        {done}
      </p>
    </>
  )
}

interface ViewListProps {
  readonly title: string
  readonly views: readonly SavedView[]
  readonly current: SavedView | undefined
  readonly isPending: boolean
  readonly change: (change: Change) => void
  readonly close: () => void
}

function ViewList({ title, views, current, isPending, change, close }: ViewListProps) {
  const t = words()
  if (views.length === 0) return null

  function share({ id, name, shared }: SavedView): void {
    const done = shared ? t.nowOwn(name) : t.nowShared(name)
    change({ send: () => ask(ChangeViewDocument, { id, shared: !shared }), done })
  }

  function remove(one: SavedView): void {
    if (!confirm(t.reallyDelete(one.name))) return
    if (one === current) go({ savedView: null }, { quietly: true })
    change({ send: () => ask(DeleteViewDocument, { id: one.id }), done: t.deleted(one.name) })
  }

  return (
    <>
      <h2>{title}</h2>
      <ul>
        {views.map(one => (
          <li key={one.id}>
            <button
              type="button"
              class="plain open"
              aria-current={one === current}
              onClick={() => {
                close()
                go(shownBy(one))
              }}
            >
              <bdi>{one.name}</bdi>
              {!one.mine && one.author !== null && <span class="quiet"> {t.by(one.author)}</span>}
            </button>
            {one.mine && (
              <button
                type="button"
                class="quiet"
                aria-pressed={one.shared}
                aria-label={t.shareNamed(one.name)}
                disabled={isPending}
                onClick={() => share(one)}
              >
                {one.shared ? t.isShared : t.share}
              </button>
            )}
            {one.deletable && (
              <button
                type="button"
                class="icon"
                aria-label={t.deleteNamed(one.name)}
                disabled={isPending}
                onClick={() => remove(one)}
              >
                ✕
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}
