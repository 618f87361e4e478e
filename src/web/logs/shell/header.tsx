// The header of every view: the Organization, and the viewer's display settings, which are stored in the address if a
// link should include them, otherwise in the browser.

import { effect, type Signal } from '@preact/signals'
import type { BeginQuery } from '../api/page-documents.ts'
import { canSignOut, signOut, token } from '../api/session.ts'
import { OWN_ZONE } from '../dates.ts'
import { CoverageLine } from '../figures/coverage-line.tsx'
import { kept } from '../kept.ts'
import { LANGUAGES, language } from '../language.ts'
import { NO_ORGANIZATION, useOrganization } from '../parts/answers.ts'
import { Button, ViewLink } from '../parts/controls.tsx'
import { Dropdown } from '../parts/dropdown.tsx'
import { Name } from '../parts/shown-names.tsx'
import { visible } from '../parts/texts.ts'
import { go, view } from '../view/page-address.ts'
import { EVERYTHING } from '../view/view.ts'
import { words as t } from './shell.words.ts'

export function Header({ viewer, organizations }: BeginQuery) {
  const { id, name } = useOrganization()
  // Whether the viewer may see the Organization that the address asks for.
  const isFound = id !== NO_ORGANIZATION.id
  const { utc, relative, organizationId } = view.value
  const person = visible(viewer.name ?? viewer.id)
  const home = { ...EVERYTHING, organizationId, utc, relative }
  return (
    <header class="page-header line">
      {isFound && <Button class="skip hidden" onClick={toEvents} text={t.skip} />}
      <h1>
        <ViewLink to={home}>{t.title}</ViewLink>
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

const SLIDERS =
  'M2 4.5h5.5M11.5 4.5H14M11.5 4.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M2 11.5h2.5M8.5 11.5H14M8.5 11.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0'

/** Light or dark: as the viewer's system, unless the viewer chooses. */
const theme = kept('theme', ['system', 'light', 'dark'], 'system')

effect(() => {
  document.documentElement.style.colorScheme = theme.value === 'system' ? '' : theme.value
})

/** `name`: the viewer's name. */
function Settings({ name }: { name: string }) {
  const { utc, relative } = view.value
  return (
    <Dropdown class="settings" label={t.settings} sign={SLIDERS} text={t.settings}>
      <div class="stack">
        <a href="graphql">{t.graphiql}</a>
        <Choice
          label={t.zone}
          texts={{ local: t.localZone(OWN_ZONE), utc: 'UTC' }}
          value={utc ? 'utc' : 'local'}
          choose={value => go({ utc: value === 'utc' })}
        />
        <Choice
          label={t.dates}
          texts={{ absolute: t.absolute, relative: t.relative }}
          value={relative ? 'relative' : 'absolute'}
          choose={value => go({ relative: value === 'relative' })}
        />
        <Choice label={t.language} texts={LANGUAGES} {...choiceOf(language)} />
        <Choice label={t.theme} texts={t.themes} {...choiceOf(theme)} />
        <p class="quiet">{token.value === null ? t.signedInAs(name) : t.signedInWith(name)}</p>
        <SignOut />
      </div>
    </Dropdown>
  )
}

interface ChoiceProps<Value extends string> {
  readonly label: string
  /** The text of each value. */
  readonly texts: Readonly<Record<Value, string>>
  readonly value: Value
  readonly choose: (value: Value) => void
}

function Choice<Value extends string>({ label, texts, value, choose }: ChoiceProps<Value>) {
  return (
    <label class="stack">
      {label}
      <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value as Value)}>
        {Object.entries<string>(texts).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

function choiceOf<Value>(signal: Signal<Value>) {
  const choose = (value: Value) => {
    signal.value = value
  }
  return { value: signal.value, choose }
}

/** Renders nothing if only a proxy in front of the server can sign the viewer out. */
export function SignOut() {
  return canSignOut.value ? <Button onClick={signOut}>{t.signOut}</Button> : null
}
