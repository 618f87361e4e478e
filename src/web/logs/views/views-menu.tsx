// Saved views: what is shown now is kept under a name, and what was kept is shown again, one's own and what others share.

import { useId, useState } from 'preact/hooks'
import { ChangeViewDocument, DeleteViewDocument, SaveViewDocument } from '../api/documents.ts'
import { Dropdown } from '../parts/dropdown.tsx'
import { go, view } from '../view/address.ts'
import { pageQueryOf, shownBy } from '../view/view.ts'
import { named, type SavedView, useDeeds, useViews } from './use-views.ts'
import { words } from './views.words.ts'
import './views.css'

export function ViewsMenu({ organizationId }: { organizationId: string }) {
  const t = words()
  const [opened, setOpened] = useState(false)
  const { savedView } = view.value
  const views = useViews(organizationId, opened || savedView !== null)
  const current = savedView === null ? undefined : named(views ?? [], savedView)
  const changed = current !== undefined && current.pageQuery !== pageQueryOf(view.value)
  const name = current === undefined ? t.views : changed ? t.changed(current.name) : current.name
  return (
    <div
      class="views-menu"
      onFocusCapture={() => setOpened(true)}
      onPointerDown={() => setOpened(true)}
    >
      <Dropdown
        class="menu"
        label={current === undefined ? t.views : t.viewIs(name)}
        summary={<bdi>{name}</bdi>}
      >
        {close => (
          <Views
            organizationId={organizationId}
            views={views}
            current={current}
            changed={changed}
            close={close}
          />
        )}
      </Dropdown>
    </div>
  )
}

interface ViewsProps {
  readonly organizationId: string
  readonly views: readonly SavedView[] | undefined
  readonly current: SavedView | undefined
  readonly changed: boolean
  readonly close: () => void
}

function Views({ organizationId, views = [], current, changed, close }: ViewsProps) {
  const t = words()
  const { mutateAsync, isPending, error } = useDeeds(organizationId)
  const [said, setSaid] = useState('')

  function act(document: unknown, variables: object, done: string): Promise<void> {
    setSaid('')
    const deed = { document: document as never, variables }
    return mutateAsync(deed).then(
      () => setSaid(done),
      () => {},
    )
  }

  async function remove(one: SavedView): Promise<void> {
    if (!confirm(t.reallyDelete(one.name))) return
    if (one === current) go({ savedView: null }, { quietly: true })
    await act(DeleteViewDocument, { id: one.id }, t.deleted(one.name))
  }

  const list = (of: readonly SavedView[], title: string) =>
    of.length > 0 && (
      <>
        <h2>{title}</h2>
        <ul>
          {of.map(one => (
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
                  onClick={() => {
                    const shared = !one.shared
                    act(
                      ChangeViewDocument,
                      { id: one.id, shared },
                      (shared ? t.nowShared : t.nowOwn)(one.name),
                    )
                  }}
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

  return (
    <>
      {list(
        views.filter(({ mine }) => mine),
        t.own,
      )}
      {list(
        views.filter(({ mine }) => !mine),
        t.ofOthers,
      )}
      {current?.mine && changed && (
        <button
          type="button"
          disabled={isPending}
          onClick={() => {
            const pageQuery = pageQueryOf(view.value)
            act(ChangeViewDocument, { id: current.id, pageQuery }, t.saved(current.name))
          }}
        >
          {t.saveChanges(current.name)}
        </button>
      )}
      <SaveForm
        disabled={isPending}
        onSave={async (name, shared) => {
          const pageQuery = pageQueryOf(view.value)
          await act(SaveViewDocument, { organizationId, name, pageQuery, shared }, t.saved(name))
        }}
      />
      <p role="alert" class="refused">
        {error?.message}
      </p>
      <p role="status" class="quiet">
        {error === null && said}
      </p>
    </>
  )
}

/** What is shown now, under a new name. */
function SaveForm({
  disabled,
  onSave,
}: {
  disabled: boolean
  onSave: (name: string, shared: boolean) => Promise<void>
}) {
  const t = words()
  const id = useId()

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const given = new FormData(form)
    await onSave(String(given.get('name')).trim(), given.has('shared'))
    form.reset()
  }

  return (
    <form onSubmit={save}>
      <label for={id}>{t.saveAs}</label>
      <input {...{ id, name: 'name', required: true, maxLength: 100 }} autocomplete="off" />
      <label class="share">
        <input type="checkbox" name="shared" /> {t.shareAtOnce}
      </label>
      <button type="submit" class="primary" disabled={disabled}>
        {t.save}
      </button>
    </form>
  )
}
