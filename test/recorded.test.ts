// Recorded responses of Scaleway's API are imported and queried. Skipped if the recordings are not available.

import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { decodeEvent, decodeListing } from '../src/scaleway/wire.ts'
import { importEvents } from '../src/transfer/import.ts'
import { openApp } from './support/app.ts'

const FOLDER = fileURLToPath(new URL('../../shared/data/recorded', import.meta.url))

interface Log {
  readonly id: string
  readonly created_at: string
  readonly action: string
  readonly resource_type: string
  readonly resource_id: string
  readonly ip: string
  readonly user_agent: string
}

test.skipIf(!existsSync(FOLDER))(
  'recorded logs are all returned, in order, with their principals, and without names of deleted resources',
  async () => {
    const app = await openApp()
    const problems: string[] = []
    const summary = await importEvents(
      createReadStream(`${FOLDER}/logs.json`),
      decodeEvent,
      events => app.store.append(events),
      { problem: (line, text) => problems.push(`${line}: ${text}`) },
    )
    expect(problems).toEqual([])
    expect(summary).toEqual({ added: 91, known: 0, expired: 0, failed: 0 })
    for (const name of ['users', 'applications', 'groups', 'policies']) {
      const decoded = decodeListing(JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8')))
      if (!('value' in decoded)) throw new Error(`${decoded.field} ${decoded.problem}`)
      for (const listing of decoded.value.listings) await app.store.updateDirectory(listing)
    }

    const { data } = await app.ask(`{ organizations { events(first: 100, orderBy: CREATED_AT_ASC) {
      totalCount nodes { id: eventId createdAt rawAction rawCategory ipAddress userAgent
        principal { __typename name } resource { id: resourceId name } } } } }`)
    const { nodes, totalCount } = data.organizations[0].events
    const logs: Log[] = JSON.parse(readFileSync(`${FOLDER}/logs.json`, 'utf8')).logs
    const order = (a: Log, b: Log) =>
      a.created_at < b.created_at || (a.created_at === b.created_at && a.id < b.id) ? -1 : 1
    const deleted = new Set(logs.flatMap(log => (log.action === 'deleted' ? log.resource_id : [])))
    expect(totalCount).toBe(91)
    expect(
      nodes.map(({ resource, ...event }: { resource: { id: string } }) => ({
        ...event,
        resource: resource.id,
      })),
    ).toEqual(
      [...logs].sort(order).map(log => ({
        id: log.id,
        createdAt: log.created_at,
        rawAction: log.action,
        rawCategory: log.resource_type,
        ipAddress: log.ip,
        userAgent: log.user_agent,
        principal: { __typename: 'Application', name: 'terraform-provider' },
        resource: log.resource_id,
      })),
    )
    const named = nodes.filter(({ resource }: { resource: { name: string } }) => resource.name)
    expect(
      named.map(({ resource }: { resource: { id: string } }) => deleted.has(resource.id)),
    ).not.toContain(true)
    expect(deleted.size).toBeGreaterThan(10)
  },
)
