// How principals appear to two viewers, from Scaleway's API to the Logs page: an Owner sees names, a viewer with a right
// to events alone sees Unknown in the same rows, a removed user is Unknown to both, and Scaleway is always Scaleway.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BROWSER_NOTE, HAS_BROWSER, openVisitors, type Visitors } from './support/browser.ts'
import { type Running, run, start, temporaryFolder } from './support/command.ts'
import { ORGANIZATION } from './support/events.ts'
import {
  application,
  type FakeScaleway,
  group,
  log,
  startFakeScaleway,
  user,
} from './support/scaleway.ts'

const SCALEWAY = '00000000-0000-0000-0000-000000000000'

describe.skipIf(!HAS_BROWSER)(`the principals of the same events${BROWSER_NOTE}`, () => {
  const folder = temporaryFolder()
  let scaleway: FakeScaleway
  let server: Running
  let visitors: Visitors
  const tokens: Record<string, string> = {}

  beforeAll(async () => {
    scaleway = await startFakeScaleway()
    const organization = scaleway.organization(ORGANIZATION)
    const ada = user({ first_name: 'Ada', last_name: 'Lovelace' })
    const bob = user({ first_name: 'Robert', last_name: 'Removed' })
    const robot = application({ name: 'deployer' })
    const group_ = group({ name: 'Administrators' })
    const minute = (number: number) => `2026-03-01T10:0${number}:00.000001Z`
    organization.users = [ada, bob]
    organization.applications = [robot]
    organization.groups = [group_]
    organization.add(
      ...[
        { bearer_id: SCALEWAY, ip: '192.0.2.1', resource_id: group_.id, resource_type: 'group' },
        { bearer_id: ada.id, ip: '192.0.2.2' },
        { bearer_id: bob.id, ip: '192.0.2.3' },
        { bearer_id: robot.id, ip: '192.0.2.4' },
      ].map((fields, at) => log({ ...fields, created_at: minute(at) })),
    )
    const environment = {
      SCW_ACCESS_KEY: scaleway.accessKey,
      SCW_SECRET_KEY: scaleway.secretKey,
      SCW_API_URL: scaleway.url,
      SCW_DEFAULT_ORGANIZATION_ID: ORGANIZATION,
    }
    const command = (args: string[]) => run(args, { cwd: folder.path, environment })
    // The name of the removed user is synced first, and must disappear.
    expect((await command(['sync'])).code).toBe(0)
    organization.users = [ada]
    expect((await command(['sync'])).code).toBe(0)
    for (const [who, rights] of [
      ['owner', ['--owner']],
      ['auditor', ['--permission-set', 'AuditTrailReadOnly']],
    ] as const) {
      const { stdout } = await command([
        'token',
        'create',
        '--organization',
        ORGANIZATION,
        ...rights,
      ])
      tokens[who] = stdout.trim()
    }
    server = start(['serve', '--no-sync', '--port', '0'], { cwd: folder.path, environment })
    const line = await server.line(/http:/)
    visitors = await openVisitors(/http:\/\/[\d.:]+\d/.exec(line)?.[0] ?? '')
  })

  afterAll(async () => {
    await visitors?.close()
    await server?.stop()
    await scaleway?.close()
    folder[Symbol.dispose]()
  })

  /** The principals that the page shows to a viewer, by the addresses they acted from. */
  async function principalsSeenBy(who: string): Promise<Record<string, string>> {
    const { page, faults } = await visitors.visit('?zone=utc', tokens[who] ?? '')
    const rows: Record<string, string> = {}
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4']) {
      const row = page.getByRole('row').filter({ hasText: address })
      rows[address] = await row.locator('.principal a').innerText()
    }
    expect(faults).toEqual([])
    await page.context().close()
    return rows
  }

  test('an Owner sees names, and Unknown for a removed user', async () => {
    expect(await principalsSeenBy('owner')).toEqual({
      '192.0.2.1': 'Scaleway',
      '192.0.2.2': 'Ada Lovelace',
      '192.0.2.3': 'Unknown',
      '192.0.2.4': 'deployer',
    })
  })

  test('a viewer without a right to users and applications sees Unknown for each of them', async () => {
    expect(await principalsSeenBy('auditor')).toEqual({
      '192.0.2.1': 'Scaleway',
      '192.0.2.2': 'Unknown',
      '192.0.2.3': 'Unknown',
      '192.0.2.4': 'Unknown',
    })
  })
})
