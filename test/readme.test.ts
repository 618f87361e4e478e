// The README's queries are asked as they stand there, of the sample it speaks of, and its answer is the answer.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SAMPLE, writeSample } from '../src/cli/sample.ts'
import { openApp } from './support/app.ts'
import { at } from './support/events.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(
    ([, text]) => text ?? '',
  )
const queries = blocks('graphql')

const [, until = ''] = /iam-logs sample --until (\S+) && npm start/.exec(readme) ?? []
const app = await openApp()
await writeSample(app.store, { ...SAMPLE, until: at(`${until}T00:00:00Z`) })
const token = await app.token([], await app.store.organizationIds())

test.each(queries.map((query, number) => [number + 1, query] as const))(
  'query %i of the README finds what it speaks of',
  async (_, query) => {
    const { data, errors } = await app.ask(query, {}, token)
    expect(errors).toBeUndefined()
    expect(JSON.stringify(data)).toMatch(/"createdAt":"20|"seesEvents":true/)
  },
)

test('the answer in the README is the answer to its first query', async () => {
  const { data } = await app.ask(queries[0] ?? '', {}, token)
  expect({ data }).toEqual(JSON.parse(blocks('json')[0] ?? ''))
})

test('the events that the README names elsewhere are of the sample that it says how to make', async () => {
  const named = [
    /-after: \\?"([\da-f-]{36})/,
    /\nid: ([\da-f-]{36})\n/,
    /"logs":\[\{"id":"([\da-f-]{36})"/,
    /[?&]after=([\da-f-]{36})/,
  ].flatMap(pattern => [...readme.matchAll(new RegExp(pattern, 'g'))].map(([, id]) => id))
  expect(named.length).toBeGreaterThanOrEqual(3)
  const asked = named.map((id, at) => `e${at}: event(id: "${id}") { id: eventId createdAt }`)
  const { data } = await app.ask(`{ ${asked.join(' ')} }`, {}, token)
  expect(Object.values(data ?? {})).toEqual(
    named.map(id => ({ id, createdAt: expect.toSatisfy(date => readme.includes(`"${date}"`)) })),
  )
})

test('the README has its five questions and more', () => {
  expect(queries.length).toBeGreaterThanOrEqual(6)
})
