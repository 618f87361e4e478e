// The header of every view: the Organization and the settings.

import type { BeginQuery } from '../api/page-documents.ts'
import { token } from '../api/session.ts'
import { CoverageLine } from '../figures/coverage-line.tsx'
import { useOrganization } from '../parts/answers.ts'
import { Button } from '../parts/button.tsx'
import { Name } from '../parts/name.tsx'
import { visible } from '../parts/visible.ts'
import { follow, go, view } from '../view/page-address.ts'
import { EVERYTHING } from '../view/view.ts'
import { Settings } from './settings.tsx'
import { words as t } from './shell.words.ts'

interface HeaderProps extends BeginQuery {
  /** Whether the viewer may see the Organization that the address asks for. */
  readonly isFound: boolean
}

export function Header({ viewer, organizations, isFound }: HeaderProps) {
  const { id, name } = useOrganization()
  const { utc, relative, organizationId } = view.value
  const person = visible(viewer.name ?? viewer.id)
  const home = { ...EVERYTHING, organizationId, utc, relative }
  return (
    <header class="page-header line">
      {isFound && (
        <Button class="skip" onClick={toEvents}>
          {t.skip}
        </Button>
      )}
      <h1>
        <a href="." onClick={click => follow(click, home)}>
          {t.title}
        </a>
      </h1>
      {isFound && organizations.length === 1 && (
        <span class="organization cut">
          <Name of={name} />
        </span>
      )}
      {isFound && organizations.length > 1 && (
        <select
          aria-label={t.organization}
          value={id}
          onChange={({ currentTarget }) => go({ ...home, organizationId: currentTarget.value })}
        >
          {organizations.map(({ id, name }) => (
            <option key={id} value={id}>
              {visible(name ?? id)}
            </option>
          ))}
        </select>
      )}
      {isFound && <CoverageLine key={id} />}
      <a class="graphiql" href="graphql" title={t.graphiql}>
        GraphiQL
      </a>
      {token.value === null && (
        <span class="person quiet cut" title={t.signedInAs(person)}>
          {person}
        </span>
      )}
      <Settings name={person} />
    </header>
  )
}

/** Skips everything above the list and focuses its rows, if there are any. */
function toEvents(): void {
  const row = document.querySelector<HTMLElement>('.rows [tabindex="0"]')
  const list = row ?? document.querySelector<HTMLElement>('.event-list button')
  list?.focus()
}
