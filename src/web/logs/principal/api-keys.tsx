// The API keys that a principal acts with now; each leads to what was done to it.

import type { KeyFragment } from '../api/documents.ts'
import { Name } from '../parts/name.tsx'
import { When } from '../parts/when.tsx'
import { addressOf, follow } from '../view/address.ts'
import { NO_FILTER } from '../view/view.ts'
import { words } from './principal.words.ts'

const SHOWN = 20

/** `keys`: one more than are shown says that there are more. */
export function ApiKeys({ keys }: { keys: readonly KeyFragment[] }) {
  const t = words()
  if (keys.length === 0) return null
  const all = eventsOf(keys.slice(0, SHOWN).map(({ accessKey }) => accessKey))
  return (
    <section class="api-keys" aria-labelledby="api-keys">
      <h3 id="api-keys">{t.apiKeys}</h3>
      <ul>
        {keys.slice(0, SHOWN).map(({ accessKey, description, createdAt, expiresAt }) => {
          const change = eventsOf([accessKey])
          return (
            <li key={accessKey}>
              <a class="mono" href={addressOf(change)} onClick={click => follow(click, change)}>
                {accessKey}
              </a>
              {description && <Name of={description} />}
              <span class="quiet">
                {createdAt !== null && (
                  <>
                    {t.made} <When at={createdAt} brief />
                  </>
                )}
                {expiresAt !== null && (
                  <>
                    {' · '}
                    {t.keyExpires} <When at={expiresAt} brief />
                  </>
                )}
              </span>
            </li>
          )
        })}
      </ul>
      <a href={addressOf(all)} onClick={click => follow(click, all)}>
        {keys.length > SHOWN ? t.newestKeyEvents(SHOWN) : t.keyEvents}
      </a>
    </section>
  )
}

function eventsOf(resourceIds: readonly string[]) {
  return { ...NO_FILTER, principalId: null, eventId: null, resourceIds }
}
