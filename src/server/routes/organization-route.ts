// The Organization that a path names, if the viewer may see its events.

import { quoted } from '../../errors.ts'
import { canonicalId } from '../../id.ts'
import type { LogReader } from '../../log-reader.ts'
import type { AuditStore } from '../../store.ts'
import type { Viewer } from '../../viewer.ts'
import { visibilityOf } from '../../visibility.ts'
import { HttpError, whileConnected } from '../http-error.ts'
import { viewerOf } from '../request-context.ts'
import type { RouteRequest } from './route.ts'

/** The ID in canonical form. A hidden Organization is refused like one that does not exist. */
export async function openLog(
  { request, context }: RouteRequest,
  store: AuditStore,
  id: string,
): Promise<{ viewer: Viewer; log: LogReader; organizationId: string }> {
  const viewer = viewerOf(context)
  const log = store.reader(visibilityOf(viewer), whileConnected(request))
  const [organization] = await log.organizationsById([canonicalId(id)])
  if (organization) return { viewer, log, organizationId: organization.id }
  throw new HttpError(
    404,
    `Organization ${quoted(id)} was not found among those whose events you may see; \`organizations\` in the graph lists them`,
    { denied: { reason: 'hidden_organization', requested: id } },
  )
}
