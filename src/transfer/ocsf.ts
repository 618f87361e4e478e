// Events in the Open Cybersecurity Schema Framework, as lines of JSON. All have the class Entity Management (3004), the
// only one with create, update and delete for any resource: Account Change (3001) and Group Management (3006) have no
// general update, User Access Management (3005) requires privileges, and Scaleway does not say what an update changed.
// Scaleway does not say either whether the action succeeded, so the status is Unknown.

import { isIP } from 'node:net'
import { categoryOf, type RecordedEvent } from '../event.ts'
import { formatInstant } from '../instant.ts'
import type { EnrichedEvent } from './enriched-event.ts'
import type { ExportFormat } from './export-format.ts'
import { lines, parsed, placeFrom, trailerLine } from './ndjson.ts'

const VERSION = '1.8.0'
const CLASS = { uid: 3004, name: 'Entity Management' } as const

const ACTIVITIES: Readonly<Record<string, readonly [id: number, name: string]>> = {
  __proto__: null as never,
  created: [1, 'Create'],
  updated: [3, 'Update'],
  deleted: [4, 'Delete'],
}

/** The OCSF user type of each kind of principal. */
const USER_TYPES = {
  user: [1, 'User'],
  application: [4, 'Service'],
  scaleway: [3, 'System'],
  unknown: [0, 'Unknown'],
} as const

export const OCSF: ExportFormat = {
  name: 'ocsf',
  mediaType: 'application/x-ndjson',
  extension: '.ocsf.ndjson',
  header: '',
  rows: events => lines(events.map(ocsfOf)),
  trailer: trailerLine,
  quotes: false,
  placeOf(row) {
    const { uid, original_time: date } = parsed(row).metadata ?? {}
    return placeFrom(uid, date)
  },
}

function ocsfOf({ event, principal, resourceName }: EnrichedEvent): object {
  const [activity, activityName] = ACTIVITIES[event.action] ?? [99, event.action || 'Other']
  const [userType, userTypeName] = USER_TYPES[principal.kind]
  const { ipAddress, userAgent } = event
  const isAddress = ipAddress !== null && isIP(ipAddress) > 0 && !ipAddress.includes('%')
  return {
    metadata: {
      version: VERSION,
      product: { name: 'IAM', vendor_name: 'Scaleway' },
      log_name: 'iam',
      uid: event.id,
      original_event_uid: event.id,
      original_time: formatInstant(event.createdAt),
      logged_time: milliseconds(event.recordedAt),
      tenant_uid: event.organizationId,
    },
    category_uid: 3,
    category_name: 'Identity & Access Management',
    class_uid: CLASS.uid,
    class_name: CLASS.name,
    activity_id: activity,
    activity_name: activityName,
    type_uid: CLASS.uid * 100 + activity,
    type_name: `${CLASS.name}: ${activity === 99 ? 'Other' : activityName}`,
    severity_id: 1,
    severity: 'Informational',
    status_id: 0,
    status: 'Unknown',
    time: milliseconds(event.createdAt),
    actor: {
      user: {
        uid: event.principalId,
        name: principal.kind === 'unknown' ? undefined : principal.name,
        type_id: userType,
        type: userTypeName,
      },
    },
    src_endpoint: isAddress ? { ip: ipAddress } : undefined,
    http_request: userAgent === null ? undefined : { user_agent: userAgent },
    entity: entityOf(event, resourceName ?? undefined),
    unmapped: {
      action: event.action,
      resource_type: event.category,
      ip: isAddress ? undefined : (ipAddress ?? undefined),
    },
  }
}

function entityOf({ category, resourceId: uid }: RecordedEvent, name: string | undefined): object {
  switch (categoryOf(category)) {
    case 'user':
      return { uid, name, type_id: 2, type: 'User', user: { uid, name, type_id: 1, type: 'User' } }
    case 'group':
      return { uid, name, type_id: 3, type: 'Group', group: { uid, name } }
    case 'policy':
      return { uid, name, type_id: 5, type: 'Policy', policy: { uid, name } }
    default:
      return { uid, name, type_id: 99, type: category || 'Other' }
  }
}

function milliseconds(instant: number): number {
  return Math.floor(instant / 1000)
}
