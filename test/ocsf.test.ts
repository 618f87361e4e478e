// Events in OCSF: they conform to its schema, and contain nothing that Scaleway does not say.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Principal } from '../src/principal.ts'
import { OCSF } from '../src/transfer/ocsf.ts'
import { arbitraryEvent, at, event, ORGANIZATION, uuid } from './support/events.ts'
import { misfits } from './support/ocsf-schema.ts'
import { application, user } from './support/people.ts'

const recordedAt = at('2026-02-01T00:00:00.123Z')
const nobody = { organizationId: ORGANIZATION, id: uuid(1) }
const unknown: Principal = { kind: 'unknown', name: 'Unknown', ...nobody }
const scaleway: Principal = { kind: 'scaleway', name: 'Scaleway', ...nobody }

function rowOf(
  fields: object,
  principal: Principal = unknown,
  resourceName: string | null = null,
  // biome-ignore lint/suspicious/noExplicitAny: the properties of a row differ
): any {
  const row = OCSF.rows([{ event: { ...event(), recordedAt, ...fields }, principal, resourceName }])
  return JSON.parse(row)
}

test('every event conforms to the published schema (1,000 events)', () => {
  fc.assert(
    fc.property(
      arbitraryEvent,
      fc.constantFrom(unknown, scaleway, user(), application()),
      fc.constantFrom(null, 'a name'),
      (some, principal, name) => {
        expect(misfits(rowOf(some, principal, name))).toEqual([])
      },
    ),
    { numRuns: 1000 },
  )
})

test('the check of the schema finds what does not conform', () => {
  const fine = rowOf({})
  expect(misfits({ ...fine, entity: undefined })).toEqual(['entity is required'])
  expect(misfits({ ...fine, metadata: { ...fine.metadata, version: undefined } })).toEqual([
    'metadata.version is required',
  ])
  expect(misfits({ ...fine, severity_id: 7, colour: 'red' })).toEqual([
    'colour is unknown',
    'severity_id is 7',
  ])
  expect(misfits({ ...fine, actor: { user: {} } })).toEqual([
    'actor.user.: one of account,name,uid is required',
  ])
})

test.each([
  ['created', 1, 'Create', 300401],
  ['updated', 3, 'Update', 300403],
  ['deleted', 4, 'Delete', 300404],
  ['archived', 99, 'archived', 300499],
  ['__proto__', 99, '__proto__', 300499],
  ['', 99, 'Other', 300499],
])('the action %j is activity %i, %s', (action, activity, name, type) => {
  const row = rowOf({ action })
  expect(row).toMatchObject({
    class_uid: 3004,
    activity_id: activity,
    activity_name: name,
    type_uid: type,
    type_name: `Entity Management: ${activity === 99 ? 'Other' : name}`,
    unmapped: { action },
  })
})

test.each([
  ['user', 2, 'User'],
  ['group', 3, 'Group'],
  ['policy', 5, 'Policy'],
  ['application', 99, 'application'],
  ['api_key', 99, 'api_key'],
  ['saml', 99, 'saml'],
  ['', 99, 'Other'],
])('the category %j is an entity of type %i, %s', (category, type, name) => {
  const { entity } = rowOf({ category, resourceId: uuid(7) }, unknown, 'one')
  const own = category === 'user' ? { type_id: 1, type: 'User' } : {}
  expect(entity).toEqual({
    uid: uuid(7),
    name: 'one',
    type_id: type,
    type: name,
    ...(type !== 99 && { [category]: { uid: uuid(7), name: 'one', ...own } }),
  })
})

test('a row contains no success, name or IP address that Scaleway does not give', () => {
  const row = rowOf({ ipAddress: 'fe80::1%eth0', userAgent: null, principalId: uuid(1) })
  expect(row).toMatchObject({ status_id: 0, status: 'Unknown' })
  expect(row.actor).toEqual({ user: { uid: uuid(1), type_id: 0, type: 'Unknown' } })
  expect(row.entity).not.toHaveProperty('name')
  expect(row).not.toHaveProperty('src_endpoint')
  expect(row).not.toHaveProperty('http_request')
  expect(row.unmapped.ip).toBe('fe80::1%eth0')
})

test('the original date keeps its microseconds, although dates of OCSF have milliseconds', () => {
  const row = rowOf({ createdAt: at('2025-11-17T17:10:30.448542Z') })
  expect(row.time).toBe(Date.parse('2025-11-17T17:10:30.448Z'))
  expect(row.metadata).toMatchObject({
    original_time: '2025-11-17T17:10:30.448542Z',
    logged_time: Date.parse('2026-02-01T00:00:00.123Z'),
    tenant_uid: ORGANIZATION,
  })
})

test('a row contains all that is known of an event, and nothing else', () => {
  const fields = {
    id: uuid(9),
    createdAt: at('2026-01-01T00:00:00.000999Z'),
    action: 'updated',
    category: 'group',
    resourceId: uuid(7),
    principalId: uuid(1),
    ipAddress: '2001:db8::1',
    userAgent: 'curl/8.0',
  }
  expect(rowOf(fields, user(), 'Editors')).toEqual({
    metadata: {
      version: '1.8.0',
      product: { name: 'IAM', vendor_name: 'Scaleway' },
      log_name: 'iam',
      uid: uuid(9),
      original_event_uid: uuid(9),
      original_time: '2026-01-01T00:00:00.000999Z',
      logged_time: Date.UTC(2026, 1, 1) + 123,
      tenant_uid: ORGANIZATION,
    },
    category_uid: 3,
    category_name: 'Identity & Access Management',
    class_uid: 3004,
    class_name: 'Entity Management',
    activity_id: 3,
    activity_name: 'Update',
    type_uid: 300403,
    type_name: 'Entity Management: Update',
    severity_id: 1,
    severity: 'Informational',
    status_id: 0,
    status: 'Unknown',
    time: Date.UTC(2026, 0, 1),
    actor: { user: { uid: uuid(1), name: 'Ada Lovelace', type_id: 1, type: 'User' } },
    src_endpoint: { ip: '2001:db8::1' },
    http_request: { user_agent: 'curl/8.0' },
    entity: {
      uid: uuid(7),
      name: 'Editors',
      type_id: 3,
      type: 'Group',
      group: { uid: uuid(7), name: 'Editors' },
    },
    unmapped: { action: 'updated', resource_type: 'group' },
  })
})

test.each([
  { principal: application(), type: 4, typeName: 'Service', name: 'terraform' },
  { principal: scaleway, type: 3, typeName: 'System', name: 'Scaleway' },
  { principal: unknown, type: 0, typeName: 'Unknown' },
])(
  'a principal of kind $principal.kind is a user of type $type, $typeName',
  ({ principal, type, typeName, name }) => {
    expect(rowOf({ principalId: uuid(1) }, principal).actor).toEqual({
      user: { uid: uuid(1), type_id: type, type: typeName, ...(name && { name }) },
    })
  },
)

test.each([
  ['192.0.2.1', true],
  ['nowhere', false],
  ['192.0.2.256', false],
  ['fe80::1%eth0', false],
])('%s is written as an IP address: %s', (ipAddress, isAddress) => {
  const row = rowOf({ ipAddress })
  expect([row.src_endpoint, row.unmapped.ip]).toEqual(
    isAddress ? [{ ip: ipAddress }, undefined] : [undefined, ipAddress],
  )
})

test('an event without an IP address has none in its row', () => {
  const row = rowOf({ ipAddress: null })
  expect(row).not.toHaveProperty('src_endpoint')
  expect(row.unmapped).toEqual({ action: 'created', resource_type: 'application' })
})

test('the format is JSON lines without a header, and only a complete row gives the ID and date of its event', () => {
  const { name, mediaType, extension, header, quotes } = OCSF
  expect({ name, mediaType, extension, header, quotes }).toEqual({
    name: 'ocsf',
    mediaType: 'application/x-ndjson',
    extension: '.ocsf.ndjson',
    header: '',
    quotes: false,
  })
  const createdAt = at('2026-01-01T00:00:00.000999Z')
  const row = JSON.stringify(rowOf({ id: uuid(9), createdAt }))
  expect(OCSF.placeOf(row)).toEqual({ id: uuid(9), createdAt })
  for (const text of ['', '{}', 'null', '[]', '{"metadata":null}', row.slice(0, -1)]) {
    expect(OCSF.placeOf(text)).toBeNull()
  }
})
