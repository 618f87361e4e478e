// What breaks the clients of the last release is told, unless it was declared.

import { readFileSync } from 'node:fs'
import { parse, print, type TypeNode, visit } from 'graphql'
import { expect, test } from 'vitest'
import { type Declared, incompatibilities } from './clients/compatible.ts'

const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8')
const now = read('../packaging/api.graphql')
const released = read('clients/released.graphql')
const declared: Declared[] = JSON.parse(read('clients/breaking.json'))

test('nothing breaks the clients of the last release that was not meant', async () => {
  expect(await incompatibilities(released, now, declared)).toEqual([])
})

/** The schema with something else in the place of one field or value; nothing where `put` gives nothing. */
function changed(place: string, put: (type: TypeNode) => TypeNode | null): string {
  const [owner, member] = place.split('.')
  const swap = <Node extends { name: { value: string }; type?: TypeNode }>(
    nodes: readonly Node[],
  ) =>
    nodes.flatMap(node => {
      if (node.name.value !== member) return [node]
      const type = node.type && put(node.type)
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

const nothing = () => null
const nullable = (type: TypeNode) => (type.kind === 'NonNullType' ? type.type : null)

const CHANGES: [string, string, string, string][] = [
  [
    'a field that is gone',
    changed('Event.userAgent', nothing),
    'FIELD_REMOVED Event.userAgent',
    "Field 'userAgent' was removed from object type 'Event'",
  ],
  [
    'a field that may be null by now',
    changed('Organization.coverage', nullable),
    'FIELD_TYPE_CHANGED Organization.coverage',
    "Field 'Organization.coverage' changed type from 'Coverage!' to 'Coverage'",
  ],
  [
    'a value that is gone',
    changed('TimeInterval.HOUR', nothing),
    'ENUM_VALUE_REMOVED TimeInterval.HOUR',
    "Enum value 'HOUR' was removed from enum 'TimeInterval'",
  ],
]

test.each(CHANGES)('%s breaks them, unless it is declared', async (_, then, place, message) => {
  const [fault, ...others] = await incompatibilities(now, then, [])
  expect(others).toEqual([])
  expect(fault).toContain(`breaks clients: ${message}`)
  const declaration = JSON.parse(fault?.slice(fault.indexOf('{')) ?? '') as Declared
  expect(`${declaration.change} ${declaration.at}`).toBe(place)
  expect(await incompatibilities(now, then, [declaration])).toEqual([])
  // What is declared must be so, and say why.
  expect((await incompatibilities(now, now, [declaration])).join()).toContain('breaks nothing')
  const silent = [{ ...declaration, why: '' }]
  expect((await incompatibilities(now, then, silent)).join()).toContain('without why')
})

test('what is new breaks nobody', async () => {
  const more = now.replace('type Viewer {', 'type Viewer {\n  "Who."\n  who: String')
  expect(more).not.toBe(now)
  expect(await incompatibilities(now, more, [])).toEqual([])
})
