// The current API keys of a principal; each links to the events on it.

import type { KeyFragment } from '../api/page-documents.ts'
import { Name } from '../parts/name.tsx'
import { ALL_EVENTS, ViewLink } from '../parts/view-link.tsx'
import { When } from '../parts/when.tsx'
import { words } from './principal.words.ts'

const SHOWN = 20

/** `keys`: one more than is shown, to know whether there are more. */
export function ApiKeys({ keys }: { keys: readonly KeyFragment[] }) {
  const t = words()
  if (keys.length === 0) return null
  const shown = keys.slice(0, SHOWN)
  return (
    <section class="lines api-keys" aria-labelledby="api-keys">
      <h3 id="api-keys">{t.apiKeys}</h3>
      <ul>
        {shown.map(({ accessKey, description, createdAt, expiresAt }) => (
          <li key={accessKey}>
            <ViewLink class="mono" to={{ ...ALL_EVENTS, resourceIds: [accessKey] }}>
              {accessKey}
            </ViewLink>
            {description && <Name of={description} />}
            <span class="quiet">
              {createdAt && (
                <>
                  {t.made} <When at={createdAt} brief />
                </>
              )}
              {expiresAt && (
                <>
                  {' · '}
                  {t.keyExpires} <When at={expiresAt} brief />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
      <ViewLink to={{ ...ALL_EVENTS, resourceIds: shown.map(({ accessKey }) => accessKey) }}>
        {keys.length > SHOWN ? t.newestKeyEvents(SHOWN) : t.keyEvents}
      </ViewLink>
    </section>
  )
}
