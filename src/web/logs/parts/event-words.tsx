// What an event says of itself, in the viewer's words: what this version of the graph does not know keeps Scaleway's.

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

/** The action as a badge of its colour, which says nothing that the word does not. */
export function Action({ of }: { of: Pick<EventRowFragment, 'action' | 'rawAction'> }) {
  return <span class={`action ${of.action}`}>{actionOf(of)}</span>
}
