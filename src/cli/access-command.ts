// iam-logs access: the rights of people who sign in or use a JSON Web Token, by the identity provider's claims.

import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { type AccessChanged, cutShort } from '../audit-record.ts'
import { issuerName } from '../auth/tokens.ts'
import { InputError, oneLine, quoted } from '../errors.ts'
import { now } from '../instant.ts'
import type { AccessGrant } from '../viewer.ts'
import { openAuditFile, operator } from './audit.ts'
import { DATABASE, type DatabaseOption, label, settingsOf, withStore } from './command.ts'
import type { CliCommand } from './help.ts'
import {
  grantText,
  notePermissionSets,
  noteUnknownOrganization,
  type RightsOptions,
  withRights,
} from './rights.ts'
import { addList, addRevoke, minute } from './stored-list.ts'

interface GrantOptions extends DatabaseOption, RightsOptions {
  readonly subject?: string
  readonly group?: string
}

export function define(access: CliCommand): void {
  access
    .helpCommand(false)
    .examples(
      'iam-logs access grant --group security --organization ID --owner',
      'iam-logs access list',
      'iam-logs access revoke ID',
    )
  withRights(
    access
      .command('grant')
      .description('grant rights to a person or a group; several grants add up')
      .option('--subject <sub>', 'the ID (sub) of a person at the identity provider', label)
      .option('--group <name>', 'the name of a group at the identity provider', label),
  )
    .addOption(DATABASE)
    .examples(
      'iam-logs access grant --group security --organization 1426f6ec-7eb8-4326-8b71-81c6b6392e75 --owner',
      'iam-logs access grant --subject 248289761001 --organization ID --permission-set AuditTrailReadOnly',
    )
    .action(grant)
  addList(
    access,
    'grants',
    'list all grants',
    ['ID', 'WHO', 'ISSUER', 'CREATED', 'SEES'],
    async store => (await store.access.list()).map(rowOf),
  )
  addRevoke(access, 'grant', 'revoke a grant, from the next request on', async (store, id) => {
    const grant = await store.access.revoke(id)
    return grant && changed('access_revoked', grant, 'access revoke')
  })
}

async function grant(options: GrantOptions, command: Command): Promise<void> {
  const { subject, group, owner = false, permissionSet: permissionSets = [] } = options
  const name = subject ?? group
  if (name === undefined || (subject !== undefined && group !== undefined)) {
    command.error('error: give either --subject SUB or --group NAME')
  }
  if (owner === permissionSets.length > 0) {
    command.error('error: give either --owner or --permission-set NAME')
  }
  const { signIn, jwt } = settingsOf(options)
  const issuer = signIn?.issuer ?? jwt?.issuer
  if (issuer === undefined) {
    throw new InputError(
      'access grant needs an identity provider: set IAM_LOGS_OIDC_ISSUER, IAM_LOGS_OIDC_CLIENT_ID and IAM_LOGS_OIDC_CLIENT_SECRET',
    )
  }
  await withStore(options, async (store, config) => {
    const audit = openAuditFile(config)
    notePermissionSets(permissionSets)
    const known = new Set(await store.organizationIds())
    for (const organizationId of options.organization) {
      const grant: AccessGrant = {
        id: randomUUID(),
        issuer: issuerName(issuer),
        holder: { kind: subject === undefined ? 'group' : 'subject', name },
        membership: { organizationId, owner, permissionSets },
        createdAt: now(),
      }
      await store.access.create(grant)
      audit(changed('access_granted', grant, 'access grant'))
      if (!known.has(organizationId)) {
        noteUnknownOrganization(organizationId, config.database)
      }
      process.stdout.write(`grant ${grant.id}: ${holderOf(grant)} ${grantText(grant.membership)}\n`)
    }
  })
}

function rowOf(grant: AccessGrant): string[] {
  return [
    grant.id,
    oneLine(holderOf(grant)),
    oneLine(grant.issuer),
    minute(grant.createdAt),
    grantText(grant.membership),
  ]
}

function holderOf({ holder: { kind, name } }: AccessGrant): string {
  return `${kind} ${quoted(name)}`
}

function changed(
  event: AccessChanged['event'],
  grant: AccessGrant,
  command: string,
): AccessChanged {
  const { kind, name } = grant.holder
  return {
    event,
    ...operator(command),
    ...{ grantId: grant.id, issuer: grant.issuer, [kind]: cutShort(name) },
    grants: [grantText(grant.membership)],
  }
}
