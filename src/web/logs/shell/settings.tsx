// The viewer's display settings: stored in the address if a link should include them, otherwise in the browser.

import { canSignOut, signOut } from '../api/session.ts'
import { token } from '../api/token.ts'
import { OWN_ZONE } from '../dates.ts'
import { LANGUAGES, language } from '../language.ts'
import { Dropdown } from '../parts/dropdown.tsx'
import { Sign } from '../parts/sign.tsx'
import { go, view } from '../view/page-address.ts'
import { words } from './shell.words.ts'
import { THEMES, theme } from './theme.ts'

const SLIDERS =
  'M2 4.5h5.5M11.5 4.5H14M11.5 4.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M2 11.5h2.5M8.5 11.5H14M8.5 11.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0'

/** `name`: the viewer's name. */
export function Settings({ name }: { name: string }) {
  const t = words()
  return (
    <Dropdown
      class="settings"
      label={t.settings}
      summary={
        <>
          <Sign of={SLIDERS} />
          <span class="label">{t.settings}</span>
        </>
      }
    >
      {() => (
        <>
          <a class="graphiql" href="graphql">
            {t.graphiql}
          </a>
          <Choice
            label={t.zone}
            values={['local', 'utc']}
            value={view.value.utc ? 'utc' : 'local'}
            text={value => (value === 'utc' ? 'UTC' : t.localZone(OWN_ZONE))}
            choose={value => go({ utc: value === 'utc' })}
          />
          <Choice
            label={t.dates}
            values={['absolute', 'relative']}
            value={view.value.relative ? 'relative' : 'absolute'}
            text={value => t[value]}
            choose={value => go({ relative: value === 'relative' })}
          />
          <Choice
            label={t.language}
            values={LANGUAGES}
            value={language.value}
            text={value => ({ en: 'English', fr: 'Français' })[value]}
            choose={value => {
              language.value = value
            }}
          />
          <Choice
            label={t.theme}
            values={THEMES}
            value={theme.value}
            text={value => t.themes[value]}
            choose={value => {
              theme.value = value
            }}
          />
          <p class="viewer">{token.value === null ? t.signedInAs(name) : t.signedInWith(name)}</p>
          <SignOut />
        </>
      )}
    </Dropdown>
  )
}

interface ChoiceProps<Value extends string> {
  readonly label: string
  readonly values: readonly Value[]
  readonly value: Value
  /** The text of a value. */
  readonly text: (value: Value) => string
  readonly choose: (value: Value) => void
}

function Choice<Value extends string>({ label, values, value, text, choose }: ChoiceProps<Value>) {
  return (
    <label>
      {label}
      <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value as Value)}>
        {values.map(value => (
          <option key={value} value={value}>
            {text(value)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Renders nothing if only a proxy in front of the server can sign the viewer out. */
export function SignOut() {
  return canSignOut.value ? (
    <button type="button" onClick={signOut}>
      {words().signOut}
    </button>
  ) : null
}
