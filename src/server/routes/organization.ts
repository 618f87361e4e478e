// The Organization a path names, for who may see its events.

import { quoted } from '../../errors.ts'
import { canonicalId } from '../../id.ts'
import type { LogReader } from '../../store.ts'
import { HttpRefusal } from '../refusal.ts'

/** Its ID as it is kept; `null` for one that is hidden and for one that is not there. */
export async function visibleOrganization(log: LogReader, id: string): Promise<string | null> {
  const [organization] = await log.organizationsById([canonicalId(id)])
  return organization?.id ?? null
}

export function noOrganization(id: string): HttpRefusal {
  return new HttpRefusal(
    404,
    'BAD_USER_INPUT',
    `no Organization ${quoted(id)} whose events you may see; the graph's \`organizations\` lists those there are`,
    { denied: { reason: 'hidden_organization', asked: id } },
  )
}
