// The header of every view: the Organization and the settings.

import type { BeginQuery } from '../api/page-documents.ts'
import { token } from '../api/token.ts'
import { CoverageLine } from '../figures/coverage-line.tsx'
import { Name } from '../parts/name.tsx'
import { visible } from '../parts/visible.ts'
import { follow, go, view } from '../view/page-address.ts'
import { EVERYTHING } from '../view/view.ts'
import { Settings } from './settings.tsx'
import { words } from './shell.words.ts'

type Organization = BeginQuery['organizations'][number]

interface HeaderProps {
  readonly viewer: BeginQuery['viewer']
  readonly organizations: readonly Organization[]
  /** `undefined` if the viewer may see none. */
  readonly organization: Organization | undefined
}

export function Header({ viewer, organizations, organization }: HeaderProps) {
  const t = words()
  const { utc, relative, organizationId } = view.value
  const name = visible(viewer.name ?? viewer.id)
  const home = { ...EVERYTHING, organizationId, utc, relative }
  return (
    <header class="page-header">
      {organization !== undefined && (
        <button type="button" class="skip" onClick={toEvents}>
          {t.skip}
        </button>
      )}
      <h1>
        <a href="." onClick={click => follow(click, home)}>
          {t.title}
        </a>
      </h1>
      {organization !== undefined && organizations.length === 1 && (
        <span class="organization">
          <Name of={organization.name ?? organization.id} />
        </span>
      )}
      {organization !== undefined && organizations.length > 1 && (
        <select
          aria-label={t.organization}
          value={organization.id}
          onChange={({ currentTarget }) => go({ ...home, organizationId: currentTarget.value })}
        >
          {organizations.map(({ id, name }) => (
            <option key={id} value={id}>
              {visible(name ?? id)}
            </option>
          ))}
        </select>
      )}
      {organization !== undefined && <CoverageLine organizationId={organization.id} />}
      <a class="graphiql" href="graphql" title={t.graphiql}>
        GraphiQL
      </a>
      {token.value === null && (
        <span class="person" title={t.signedInAs(name)}>
          {name}
        </span>
      )}
      <Settings name={name} />
    </header>
  )
}

/** Skips everything above the list and focuses its rows, if there are any. */
function toEvents(): void {
  const row = document.querySelector<HTMLElement>('.rows [tabindex="0"]')
  const list = row ?? document.querySelector<HTMLElement>('.event-list button')
  list?.focus()
}
