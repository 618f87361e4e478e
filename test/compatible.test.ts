// The check for changes of the schema that break clients of the last release: each such change must be declared.

import { readFileSync } from 'node:fs'
import { parse, print, type TypeNode, visit } from 'graphql'
import { expect, test } from 'vitest'
import { type Declared, incompatibilities } from './clients/compatible.ts'

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const now = read('../packaging/api.graphql')
const released = read('clients/released.graphql')
const declared: Declared[] = JSON.parse(read('clients/breaking.json'))

test('the schema has no breaking change since the last release that is not declared', async () => {
  expect(await incompatibilities(released, now, declared)).toEqual([])
})

/** The schema with another type for one field or value, or without it if `change` returns `null`. */
function changed(place: string, change: (type: TypeNode) => TypeNode | null): string {
  const [owner, member] = place.split('.')
  const swap = <Node extends { name: { value: string }; type?: TypeNode }>(
    nodes: readonly Node[],
  ) =>
    nodes.flatMap(node => {
      if (node.name.value !== member) return [node]
      const type = node.type && change(node.type)
      return type ? [{ ...node, type }] : []
    })
  return print(
    visit(parse(now), {
      ObjectTypeDefinition: node =>
        node.name.value === owner ? { ...node, fields: swap(node.fields ?? []) } : undefined,
      EnumTypeDefinition: node =>
        node.name.value === owner ? { ...node, values: swap(node.values ?? []) } : undefined,
    }),
  )
}

const removed = () => null
const nullable = (type: TypeNode) => (type.kind === 'NonNullType' ? type.type : null)

const CHANGES: [string, string, string, string][] = [
  [
    'a removed field',
    changed('Event.userAgent', removed),
    'FIELD_REMOVED Event.userAgent',
    "Field 'userAgent' was removed from object type 'Event'",
  ],
  [
    'a field that became nullable',
    changed('Organization.coverage', nullable),
    'FIELD_TYPE_CHANGED Organization.coverage',
    "Field 'Organization.coverage' changed type from 'Coverage!' to 'Coverage'",
  ],
  [
    'a removed enum value',
    changed('TimeInterval.HOUR', removed),
    'ENUM_VALUE_REMOVED TimeInterval.HOUR',
    "Enum value 'HOUR' was removed from enum 'TimeInterval'",
  ],
]

test.each(CHANGES)(
  '%s is reported as a breaking change, unless it is declared with a reason',
  async (_, then, place, message) => {
    const [fault, ...others] = await incompatibilities(now, then, [])
    expect(others).toEqual([])
    expect(fault).toContain(`breaks clients: ${message}`)
    const declaration = JSON.parse(fault?.slice(fault.indexOf('{')) ?? '') as Declared
    expect(`${declaration.change} ${declaration.at}`).toBe(place)
    expect(await incompatibilities(now, then, [declaration])).toEqual([])
    // A declaration must match a change, and say why.
    expect((await incompatibilities(now, now, [declaration])).join()).toContain('breaks nothing')
    const silent = [{ ...declaration, why: '' }]
    expect((await incompatibilities(now, then, silent)).join()).toContain('without a reason')
  },
)

test('an added field is not reported as a breaking change', async () => {
  const more = now.replace('type Viewer {', 'type Viewer {\n  "Who."\n  who: String')
  expect(more).not.toBe(now)
  expect(await incompatibilities(now, more, [])).toEqual([])
})
