// What stands above every view: whose log it is, and how the viewer wants it told.

import type { BeginQuery } from '../api/documents.ts'
import { canSignOut, signOut } from '../api/session.ts'
import { token } from '../api/token.ts'
import { OWN_ZONE } from '../dates.ts'
import { CoverageLine } from '../figures/coverage-line.tsx'
import { LANGUAGES, type Language, language } from '../language.ts'
import { Dropdown } from '../parts/dropdown.tsx'
import { Name } from '../parts/name.tsx'
import { Sign } from '../parts/sign.tsx'
import { visible } from '../parts/visible.ts'
import { follow, go, view } from '../view/address.ts'
import { EVERYTHING } from '../view/view.ts'
import { words } from './shell.words.ts'
import { THEMES, type Theme, theme } from './theme.ts'

type Organization = BeginQuery['organizations'][number]

interface HeaderProps {
  readonly viewer: BeginQuery['viewer']
  readonly organizations: readonly Organization[]
  /** `undefined` where the viewer may see none. */
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
      <Dropdown
        class="settings"
        label={t.settings}
        summary={
          <>
            <Sign of="M2 4.5h5.5M11.5 4.5H14M11.5 4.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0M2 11.5h2.5M8.5 11.5H14M8.5 11.5a2 2 0 1 1-4 0 2 2 0 0 1 4 0" />
            <span class="label">{t.settings}</span>
          </>
        }
      >
        {() => (
          <>
            <a class="graphiql" href="graphql">
              {t.graphiql}
            </a>
            <label>
              {t.zone}
              <select
                value={utc ? 'utc' : 'local'}
                onChange={({ currentTarget }) => go({ utc: currentTarget.value === 'utc' })}
              >
                <option value="local">{t.localZone(OWN_ZONE)}</option>
                <option value="utc">UTC</option>
              </select>
            </label>
            <label>
              {t.dates}
              <select
                value={relative ? 'relative' : 'absolute'}
                onChange={({ currentTarget }) =>
                  go({ relative: currentTarget.value === 'relative' })
                }
              >
                <option value="absolute">{t.absolute}</option>
                <option value="relative">{t.relative}</option>
              </select>
            </label>
            <label>
              {t.language}
              <select
                value={language.value}
                onChange={({ currentTarget }) => {
                  language.value = currentTarget.value as Language
                }}
              >
                {LANGUAGES.map(name => (
                  <option key={name} value={name}>
                    {{ en: 'English', fr: 'Français' }[name]}
                  </option>
                ))}
              </select>
            </label>
            <label>
              {t.theme}
              <select
                value={theme.value}
                onChange={({ currentTarget }) => {
                  theme.value = currentTarget.value as Theme
                }}
              >
                {THEMES.map(name => (
                  <option key={name} value={name}>
                    {t.themes[name]}
                  </option>
                ))}
              </select>
            </label>
            <p class="viewer">{token.value === null ? t.signedInAs(name) : t.signedInWith(name)}</p>
            <SignOut />
          </>
        )}
      </Dropdown>
    </header>
  )
}

/** Nothing where only a proxy before the server can. */
export function SignOut() {
  return canSignOut.value ? (
    <button type="button" onClick={signOut}>
      {words().signOut}
    </button>
  ) : null
}

/** Past all that stands above the list, into its rows where there are any. */
function toEvents(): void {
  const row = document.querySelector<HTMLElement>('.rows [tabindex="0"]')
  const list = row ?? document.querySelector<HTMLElement>('.event-list button')
  list?.focus()
}
