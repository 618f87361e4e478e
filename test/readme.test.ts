// The README's queries are asked as they stand there, of the sample it speaks of, and its answer is the answer.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { sampleHistory } from '../src/cli/sample/history.ts'
import { SAMPLE } from '../src/cli/sample.ts'
import { openApp } from './support/app.ts'
import { at } from './support/events.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(
    ([, text]) => text ?? '',
  )
const queries = blocks('graphql')

const app = await openApp()
const history = sampleHistory({ ...SAMPLE, until: at('2026-11-23T00:00:00Z') })
for (const organization of history.organizations) await app.store.nameOrganization(organization)
for (const events of history.batches()) await app.store.append(events)
for (const listing of history.directory()) await app.store.describe(listing)
const token = await app.token(
  [],
  history.organizations.map(({ id }) => id),
)

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

test('the README has its five questions and more', () => {
  expect(queries.length).toBeGreaterThanOrEqual(6)
})
