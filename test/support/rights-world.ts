// An Organization with one of everything that rights can hide, and tables of what each right shows of it, written by hand
// so that they do not repeat a mistake of src/visibility.ts or src/principal.ts.

import { type Event, NIL_ID } from '../../src/event.ts'
import type { Instant } from '../../src/instant.ts'
import type { ApiKey, DirectoryEntry } from '../../src/principal.ts'
import type { AuditStore } from '../../src/store.ts'
import { at, event, ORGANIZATION, uuid } from './events.ts'
import { application, user } from './people.ts'
import { apiKey, group, policy } from './sync-contract.ts'

/** Rights to (E)vents, (U)sers, (A)pplications, (G)roups and (P)olicies, which somebody has or something requires. */
export type Letters = string

/** Whether these rights are enough. */
export function enough(sees: Letters, needs: Letters): boolean {
  return [...needs].every(letter => sees.includes(letter))
}

export interface RightsOf {
  readonly sets: readonly string[]
  readonly owner?: boolean
  readonly sees: Letters
}

/** Permission sets and what they show together. Without the right to events, nothing is shown. */
export const VIEWERS: readonly RightsOf[] = [
  { sets: [], owner: true, sees: 'EUAGP' },
  { sets: ['AuditTrailReadOnly'], owner: true, sees: 'EUAGP' },
  { sets: ['BillingReadOnly'], owner: true, sees: 'EUAGP' },
  { sets: [], sees: '' },
  { sets: ['OrganizationManager'], sees: 'EUAGP' },
  { sets: ['IAMManager'], sees: 'EUAGP' },
  { sets: ['IAMReadOnly'], sees: 'EUAGP' },
  { sets: ['AuditTrailReadOnly'], sees: 'E' },
  { sets: ['AuditTrailFullAccess'], sees: 'E' },
  { sets: ['IAMUserReadOnly'], sees: 'U' },
  { sets: ['IAMUserManager'], sees: 'U' },
  { sets: ['IAMApplicationReadOnly'], sees: 'A' },
  { sets: ['IAMApplicationManager'], sees: 'A' },
  { sets: ['IAMGroupReadOnly'], sees: 'G' },
  { sets: ['IAMGroupManager'], sees: 'G' },
  { sets: ['IAMPolicyReadOnly'], sees: 'P' },
  { sets: ['IAMPolicyManager'], sees: 'P' },
  { sets: ['AuditTrailReadOnly', 'IAMUserReadOnly'], sees: 'EU' },
  { sets: ['IAMUserManager', 'AuditTrailFullAccess'], sees: 'EU' },
  { sets: ['AuditTrailFullAccess', 'IAMApplicationReadOnly'], sees: 'EA' },
  { sets: ['IAMApplicationManager', 'AuditTrailReadOnly'], sees: 'EA' },
  { sets: ['AuditTrailReadOnly', 'IAMGroupReadOnly'], sees: 'EG' },
  { sets: ['IAMGroupManager', 'AuditTrailFullAccess'], sees: 'EG' },
  { sets: ['AuditTrailFullAccess', 'IAMPolicyReadOnly'], sees: 'EP' },
  { sets: ['IAMPolicyManager', 'AuditTrailReadOnly'], sees: 'EP' },
  { sets: ['AuditTrailReadOnly', 'IAMUserReadOnly', 'IAMApplicationReadOnly'], sees: 'EUA' },
  { sets: ['IAMGroupReadOnly', 'AuditTrailReadOnly', 'IAMPolicyReadOnly'], sees: 'EGP' },
  { sets: ['IAMUserReadOnly', 'IAMPolicyReadOnly', 'AuditTrailReadOnly'], sees: 'EUP' },
  {
    sets: [
      ...['AuditTrailFullAccess', 'IAMUserManager', 'IAMApplicationManager'],
      ...['IAMGroupManager', 'IAMPolicyManager'],
    ],
    sees: 'EUAGP',
  },
  { sets: ['AuditTrailReadOnly', 'IAMReadOnly'], sees: 'EUAGP' },
  {
    sets: ['IAMUserManager', 'IAMApplicationManager', 'IAMGroupManager', 'IAMPolicyManager'],
    sees: 'UAGP',
  },
  { sets: ['BillingReadOnly'], sees: '' },
  { sets: ['BillingReadOnly', 'AuditTrailReadOnly'], sees: 'E' },
  { sets: ['AuditTrailReadOnly', 'IAMUser', 'IAMApplicationFullAccess'], sees: 'E' },
  { sets: ['iamreadonly'], sees: '' },
  { sets: ['IAMReadOnly '], sees: '' },
  { sets: ['owner', 'Owner'], sees: '' },
  { sets: ['AuditTrailReadOnly', '__proto__', 'constructor', 'toString'], sees: 'E' },
]

export const ADA = uuid(1)
const [QUIET, ROBOT, GONE] = [uuid(2), uuid(3), uuid(5)]
export const IDLE = uuid(4)
/** Configured as Scaleway, although the directory lists the first as a user and the second as an application. */
const [CONFIGURED, CONFIGURED_IDLE] = [uuid(6), uuid(7)]
/** Learned to be Scaleway; the second is excluded by the settings. */
const [LEARNED, OVERRULED, LEARNED_IDLE] = [uuid(8), uuid(9), uuid(10)]
const [GROUP, POLICY] = [uuid(11), uuid(12)]
export const NOBODY = uuid(404)
export const KEYS = {
  ofAda: 'SCWAAAAAAAAAAAAAAAAA',
  ofRobot: 'SCWBBBBBBBBBBBBBBBBB',
  ofNobody: 'SCWCCCCCCCCCCCCCCCCC',
  ofGone: 'SCWDDDDDDDDDDDDDDDDD',
  ofConfigured: 'SCWEEEEEEEEEEEEEEEEE',
  ofLearned: 'SCWFFFFFFFFFFFFFFFFF',
  ofOverruled: 'SCWGGGGGGGGGGGGGGGGG',
  nameless: 'SCWHHHHHHHHHHHHHHHHH',
} as const

export const SCALEWAY = { always: [CONFIGURED, CONFIGURED_IDLE], never: [OVERRULED] } as const

const ACTED = at('2026-01-10T00:00:00Z')

/** An API key, whose shown name is its description. */
function key(id: string, description: string | null, bearer: ApiKey['bearer']): ApiKey {
  return apiKey({ id, name: `key ${id}`, description, bearer })
}

/** The entries of the directory, with the rights that are needed to see them. */
export const ENTRIES: readonly (readonly [needs: Letters, entry: DirectoryEntry])[] = [
  ['U', user({ id: ADA, name: 'Ada', username: 'countess', email: 'ada@example.com' })],
  ['U', user({ id: QUIET, name: 'Quiet', username: 'mouse', email: 'quiet@example.org' })],
  ['U', user({ id: CONFIGURED, name: 'Support', username: 'help', email: 'help@example.com' })],
  ['A', application({ id: ROBOT, name: 'Robot' })],
  ['A', application({ id: IDLE, name: 'Idle' })],
  ['A', application({ id: CONFIGURED_IDLE, name: 'Helper' })],
  ['G', group({ id: GROUP, name: 'Editors', userIds: [ADA], applicationIds: [ROBOT] })],
  ['P', policy({ id: POLICY, name: 'Reading', holder: { kind: 'group', id: GROUP } })],
  ['U', key(KEYS.ofAda, 'laptop', { kind: 'user', id: ADA })],
  ['A', key(KEYS.ofRobot, 'pipeline', { kind: 'application', id: ROBOT })],
  ['UA', key(KEYS.ofNobody, 'stray', null)],
  ['U', key(KEYS.ofGone, 'left behind', { kind: 'user', id: GONE })],
  ['U', key(KEYS.ofConfigured, 'ticket', { kind: 'user', id: CONFIGURED })],
  ['A', key(KEYS.ofLearned, 'robot arm', { kind: 'application', id: LEARNED })],
  ['A', key(KEYS.ofOverruled, 'robot leg', { kind: 'application', id: OVERRULED })],
  ['U', key(KEYS.nameless, null, { kind: 'user', id: ADA })],
  ['', { kind: 'scaleway', organizationId: ORGANIZATION, id: LEARNED, name: 'Scaleway' }],
  ['', { kind: 'scaleway', organizationId: ORGANIZATION, id: OVERRULED, name: 'Scaleway' }],
  ['', { kind: 'scaleway', organizationId: ORGANIZATION, id: LEARNED_IDLE, name: 'Scaleway' }],
]

const UNKNOWN = 'UnknownPrincipal Unknown'
const ITSELF = 'ScalewayPrincipal Scaleway'

/** The principal of each ID for viewers with these rights, and for others; `null`: none. */
export const WHO: Readonly<
  Record<string, readonly [needs: Letters, who: string | null, otherwise: string | null]>
> = {
  [ADA]: ['U', 'User Ada', UNKNOWN],
  [QUIET]: ['U', 'User Quiet', null],
  [ROBOT]: ['A', 'Application Robot', UNKNOWN],
  [IDLE]: ['A', 'Application Idle', null],
  [GONE]: ['', UNKNOWN, UNKNOWN],
  [NIL_ID]: ['', ITSELF, ITSELF],
  [CONFIGURED]: ['', ITSELF, ITSELF],
  [CONFIGURED_IDLE]: ['', null, null],
  [LEARNED]: ['', ITSELF, ITSELF],
  [LEARNED_IDLE]: ['', null, null],
  [OVERRULED]: ['', UNKNOWN, UNKNOWN],
  [GROUP]: ['', UNKNOWN, UNKNOWN],
  [POLICY]: ['', null, null],
  [KEYS.ofAda]: ['', null, null],
  [NOBODY]: ['', null, null],
}

export function whoIs(id: string, sees: Letters): string | null {
  const [needs, who, otherwise] = WHO[id] ?? ['', null, null]
  return enough(sees, needs) ? who : otherwise
}

export interface Told {
  readonly category: string
  readonly resourceId: string
  readonly principalId: string
  /** The name of the resource, and the rights that are needed to see it. */
  readonly name: readonly [needs: Letters, name: string | null] | null
  /** Whether the resource can be a principal. */
  readonly acts?: true
  /** The bearer of an API key, for viewers that see the key. */
  readonly bearer?: string
}

/** The events, in order of date and of arrival. */
export const TOLD: readonly Told[] = [
  { category: 'user', resourceId: QUIET, principalId: ADA, name: ['U', 'Quiet'], acts: true },
  {
    category: 'application',
    resourceId: IDLE,
    principalId: ROBOT,
    name: ['A', 'Idle'],
    acts: true,
  },
  { category: 'group', resourceId: GROUP, principalId: GONE, name: ['G', 'Editors'] },
  { category: 'policy', resourceId: POLICY, principalId: NIL_ID, name: ['P', 'Reading'] },
  ...(
    [
      [KEYS.ofAda, CONFIGURED, ['U', 'laptop'], ADA],
      [KEYS.ofRobot, LEARNED, ['A', 'pipeline'], ROBOT],
      [KEYS.ofNobody, OVERRULED, ['UA', 'stray'], undefined],
      [KEYS.ofGone, GROUP, ['U', 'left behind'], GONE],
      [KEYS.ofConfigured, ADA, ['U', 'ticket'], CONFIGURED],
      [KEYS.ofLearned, ADA, ['A', 'robot arm'], LEARNED],
      [KEYS.ofOverruled, ADA, ['A', 'robot leg'], OVERRULED],
      [KEYS.nameless, ADA, ['U', null], ADA],
    ] as const
  ).map(([resourceId, principalId, name, bearer]) => {
    return { category: 'api_key', resourceId, principalId, name, ...(bearer && { bearer }) }
  }),
  // The name of Scaleway, or of an entry of another kind, is not the name of a resource.
  { category: 'user', resourceId: LEARNED, principalId: ROBOT, name: null, acts: true },
  { category: 'application', resourceId: OVERRULED, principalId: ROBOT, name: null, acts: true },
  { category: 'application', resourceId: ADA, principalId: LEARNED, name: null, acts: true },
  { category: 'user', resourceId: KEYS.ofAda, principalId: ROBOT, name: null, acts: true },
  { category: 'group', resourceId: ADA, principalId: ADA, name: null },
  { category: 'saml', resourceId: ADA, principalId: ADA, name: null },
  { category: 'scaleway', resourceId: LEARNED, principalId: LEARNED, name: null },
  { category: 'scaleway', resourceId: OVERRULED, principalId: LEARNED, name: null },
]

/** The number of events by each principal; most first, then by ID. */
export const ACTS: readonly (readonly [id: string, events: number])[] = [
  [ADA, 7],
  [ROBOT, 4],
  [LEARNED, 4],
  [NIL_ID, 1],
  [GONE, 1],
  [CONFIGURED, 1],
  [OVERRULED, 1],
  [GROUP, 1],
]

const ALWAYS_SHOWN = [
  `${ITSELF} ${NIL_ID}`,
  `${ITSELF} ${CONFIGURED}`,
  `${ITSELF} ${LEARNED}`,
] as const

/** The list of principals by name, then ID, for viewers of users, of applications, of both and of neither. */
export const LISTED: Readonly<Record<'' | 'U' | 'A' | 'UA', readonly string[]>> = {
  '': [...ALWAYS_SHOWN, ...[ADA, ROBOT, GONE, OVERRULED, GROUP].map(id => `${UNKNOWN} ${id}`)],
  U: [
    `User Ada ${ADA}`,
    `User Quiet ${QUIET}`,
    ...ALWAYS_SHOWN,
    ...[ROBOT, GONE, OVERRULED, GROUP].map(id => `${UNKNOWN} ${id}`),
  ],
  A: [
    `Application Idle ${IDLE}`,
    `Application Robot ${ROBOT}`,
    ...ALWAYS_SHOWN,
    ...[ADA, GONE, OVERRULED, GROUP].map(id => `${UNKNOWN} ${id}`),
  ],
  UA: [
    `User Ada ${ADA}`,
    `Application Idle ${IDLE}`,
    `User Quiet ${QUIET}`,
    `Application Robot ${ROBOT}`,
    ...ALWAYS_SHOWN,
    ...[GONE, OVERRULED, GROUP].map(id => `${UNKNOWN} ${id}`),
  ],
}

/** The key in `LISTED` of these rights. */
export function listOf(sees: Letters): keyof typeof LISTED {
  return `${enough(sees, 'U') ? 'U' : ''}${enough(sees, 'A') ? 'A' : ''}`
}

/** Texts to search for, and the IDs that they find, with the rights that are needed to find them. */
export const SEARCHES: readonly (readonly [
  search: string,
  found: readonly (readonly [needs: Letters, id: string])[],
])[] = [
  // By names of visible principals.
  ['ADA', [['U', ADA]]],
  ['idl', [['A', IDLE]]],
  ['bot', [['A', ROBOT]]],
  // By e-mail addresses and user names.
  ['@example.org', [['U', QUIET]]],
  ['ountes', [['U', ADA]]],
  // Not by the names that Scaleway's IDs have in the directory, nor by the names of groups and API keys.
  ['Support', []],
  ['help', []],
  ['Editors', []],
  ['robot arm', []],
  [
    'scaleway',
    [
      ['', NIL_ID],
      ['', CONFIGURED],
      ['', LEARNED],
    ],
  ],
  // By IDs, also of hidden principals that acted.
  [OVERRULED, [['', OVERRULED]]],
  [ADA.slice(-9), [['', ADA]]],
  [QUIET, [['U', QUIET]]],
  [IDLE, [['A', IDLE]]],
  [LEARNED_IDLE, []],
  [POLICY, []],
]

/** Writes the events and the directory, whose entries had other names before, such as `Ada then`. */
export async function fill(store: AuditStore): Promise<Event[]> {
  for (const [suffix, updatedAt] of [
    [' then', ACTED - 1_000],
    ['', ACTED + 1_000],
  ] as const) {
    for (const [, entry] of ENTRIES) {
      const { organizationId, kind } = entry
      const entries = [kind === 'scaleway' ? entry : renamed(entry, suffix, updatedAt)]
      await store.updateDirectory({ organizationId, kind, entries, complete: false })
    }
  }
  const events = TOLD.map(({ category, resourceId, principalId }, number) =>
    event({ category, resourceId, principalId, action: 'updated', createdAt: ACTED + number }),
  )
  await store.append(events)
  return events
}

type Listed = Exclude<DirectoryEntry, { kind: 'scaleway' }>

function renamed(entry: Listed, suffix: string, updatedAt: Instant): Listed {
  if (entry.kind !== 'api_key') return { ...entry, name: `${entry.name}${suffix}`, updatedAt }
  const { description } = entry
  return { ...entry, description: description && `${description}${suffix}`, updatedAt }
}
