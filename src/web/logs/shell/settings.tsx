// The viewer's display settings: stored in the address if a link should include them, otherwise in the browser.

import { effect } from '@preact/signals'
import { canSignOut, signOut, token } from '../api/session.ts'
import { OWN_ZONE } from '../dates.ts'
import { kept } from '../kept.ts'
import { LANGUAGES, language } from '../language.ts'
import { Button, Labelled } from '../parts/button.tsx'
import { Dropdown } from '../parts/dropdown.tsx'
import { go, view } from '../view/page-address.ts'
import { words as t } from './shell.words.ts'

const SLIDERS =
  'M2 4.5h5.5M11.5 4.5H14M11.5 4.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M2 11.5h2.5M8.5 11.5H14M8.5 11.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0'

/** Light or dark: as the viewer's system, unless the viewer chooses. */
const theme = kept('theme', ['system', 'light', 'dark'], 'system')

effect(() => {
  document.documentElement.style.colorScheme = theme.value === 'system' ? '' : theme.value
})

/** `name`: the viewer's name. */
export function Settings({ name }: { name: string }) {
  const { utc, relative } = view.value
  return (
    <Dropdown
      class="settings"
      label={t.settings}
      summary={<Labelled sign={SLIDERS} text={t.settings} />}
    >
      <div class="stack">
        <a class="graphiql" href="graphql">
          {t.graphiql}
        </a>
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
        <Choice
          label={t.language}
          texts={LANGUAGES}
          value={language.value}
          choose={value => {
            language.value = value
          }}
        />
        <Choice
          label={t.theme}
          texts={t.themes}
          value={theme.value}
          choose={value => {
            theme.value = value
          }}
        />
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

/** Renders nothing if only a proxy in front of the server can sign the viewer out. */
export function SignOut() {
  return canSignOut.value ? <Button onClick={signOut}>{t.signOut}</Button> : null
}
