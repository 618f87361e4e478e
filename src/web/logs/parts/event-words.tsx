// An event's action and category in the viewer's language; values that this version does not know are shown as
// Scaleway's.

import type { EventRowFragment } from '../api/page-documents.ts'
import { words } from './parts.words.ts'

function actionOf({ action, rawAction }: Pick<EventRowFragment, 'action' | 'rawAction'>): string {
  return action === 'UNKNOWN' ? rawAction : words().actions[action]
}

export function categoryOf({
  category,
  rawCategory,
}: Pick<EventRowFragment, 'category' | 'rawCategory'>): string {
  return category === 'UNKNOWN' ? rawCategory : words().categories[category]
}

/** The action as a coloured badge; the colour adds no information to the text. */
export function Action({ of }: { of: Pick<EventRowFragment, 'action' | 'rawAction'> }) {
  return <span class={`action ${of.action}`}>{actionOf(of)}</span>
}
