// The part of the published OCSF schema (github.com/ocsf/ocsf-schema) for our events: names of attributes, which of them
// are required, of which at least one is required, and the values of enums.

export interface Shape {
  readonly required: readonly string[]
  readonly atLeastOne?: readonly string[]
  readonly known: readonly string[]
  readonly enums?: Readonly<Record<string, readonly number[]>>
  readonly objects?: Readonly<Record<string, keyof typeof OBJECTS>>
}

const ENTITY = ['name', 'uid']

const OBJECTS = {
  metadata: {
    required: ['product', 'version'],
    known:
      `correlation_uid event_code extension labels log_level log_name log_provider log_source log_version
      logged_time modified_time original_event_uid original_time processed_time profiles sequence tenant_uid uid`.split(
        /\s+/,
      ),
    objects: { product: 'product' },
  },
  product: { required: [], atLeastOne: ENTITY, known: [...ENTITY, 'vendor_name', 'version'] },
  actor: {
    required: [],
    atLeastOne: ['process', 'user', 'invoked_by', 'session', 'app_name', 'app_uid'],
    known: [],
    objects: { user: 'user' },
  },
  user: {
    required: [],
    atLeastOne: ['account', ...ENTITY],
    known: [...ENTITY, 'type', 'type_id'],
    enums: { type_id: [0, 1, 2, 3, 4, 99] },
  },
  network_endpoint: { required: [], atLeastOne: ['ip', 'uid', 'name'], known: ['ip'] },
  http_request: { required: [], known: ['user_agent'] },
  managed_entity: {
    required: [],
    atLeastOne: [...ENTITY, 'device', 'group', 'org', 'policy', 'user'],
    known: [...ENTITY, 'type', 'type_id'],
    enums: { type_id: [0, 1, 2, 3, 4, 5, 6, 99] },
    objects: { user: 'user', group: 'group', policy: 'policy' },
  },
  group: { required: [], atLeastOne: ENTITY, known: ENTITY },
  policy: { required: [], atLeastOne: ENTITY, known: ENTITY },
} as const satisfies Record<string, object>

/** Entity Management: base_event.json, iam.json and entity_management.json together. */
const ENTITY_MANAGEMENT: Shape = {
  required: [
    'activity_id',
    'category_uid',
    'class_uid',
    'metadata',
    'severity_id',
    'time',
    'type_uid',
    'entity',
  ],
  known:
    `activity_name category_name class_name message raw_data raw_data_hash severity status status_id time
    timezone_offset type_name unmapped`.split(/\s+/),
  enums: {
    activity_id: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 99],
    category_uid: [3],
    class_uid: [3004],
    severity_id: [0, 1, 2, 3, 4, 5, 6, 99],
    status_id: [0, 1, 2, 99],
  },
  objects: {
    metadata: 'metadata',
    actor: 'actor',
    entity: 'managed_entity',
    src_endpoint: 'network_endpoint',
    http_request: 'http_request',
  },
}

/** The violations of the schema; empty if there are none. */
export function misfits(
  value: Readonly<Record<string, unknown>>,
  shape: Shape = ENTITY_MANAGEMENT,
  at = '',
): string[] {
  const { required, atLeastOne, known, enums = {}, objects = {} } = shape
  const has = (name: string) => value[name] !== undefined && value[name] !== null
  const all = [...required, ...known, ...Object.keys(enums), ...Object.keys(objects)]
  return [
    ...required.filter(name => !has(name)).map(name => `${at}${name} is required`),
    ...(atLeastOne?.some(has) === false ? [`${at}: one of ${atLeastOne} is required`] : []),
    ...Object.keys(value)
      .filter(name => !all.includes(name))
      .map(name => `${at}${name} is unknown`),
    ...Object.entries(enums)
      .filter(([name, numbers]) => has(name) && !numbers.includes(value[name] as number))
      .map(([name]) => `${at}${name} is ${value[name]}`),
    ...Object.entries(objects).flatMap(([name, of]) =>
      has(name)
        ? misfits(value[name] as Record<string, unknown>, OBJECTS[of], `${at}${name}.`)
        : [],
    ),
  ]
}
