// Notices for the viewer: the server is not responding, or a part of the link is not valid.

import { reachable } from '../api/ask.ts'
import { unknownNames } from '../view/page-address.ts'
import { words } from './shell.words.ts'

export function Notices() {
  const t = words()
  return (
    <div class="notices" aria-live="polite">
      {!reachable.value && <p class="notice warning">{t.unreachable}</p>}
      {unknownNames.value.length > 0 && (
        <p class="notice">{t.unknownInLink(unknownNames.value.join(', ').slice(0, 100))}</p>
      )}
    </div>
  )
}
