// iam-logs organization: lists and names Organizations, because Scaleway's API does not return their names.

import { type Command, InvalidArgumentError } from 'commander'
import { InputError, oneLine, quoted } from '../errors.ts'
import { shownAddress } from '../storage/database-address.ts'
import type { AuditStore } from '../store.ts'
import { isKeepable } from '../text.ts'
import { visibilityOf } from '../visibility.ts'
import { openAuditFile, operator } from './audit.ts'
import { DATABASE, type DatabaseOption, uuid, withStore } from './command.ts'
import type { CliCommand } from './help.ts'
import { addList } from './stored-list.ts'

interface NameOptions extends DatabaseOption {
  readonly remove?: boolean
}

const MAX_NAME = 100

export function define(organization: CliCommand): void {
  organization
    .helpCommand(false)
    .examples('iam-logs organization list', 'iam-logs organization name ID Production')
  organization
    .command('name')
    .description('name an Organization in the graph and on the Logs page; sync keeps the name')
    .argument('<id>', 'ID of the Organization', uuid)
    .argument('[name]', 'the new name', organizationName)
    .option('--remove', 'remove the name instead')
    .addOption(DATABASE)
    .examples(
      'iam-logs organization name 1426f6ec-7eb8-4326-8b71-81c6b6392e75 "Northwind production"',
      'iam-logs organization name 1426f6ec-7eb8-4326-8b71-81c6b6392e75 --remove',
    )
    .action(name)
  addList(
    organization,
    'Organizations',
    'list all Organizations with their names',
    ['ID', 'NAME'],
    async store =>
      (await allOrganizations(store)).map(({ id, name }) => [
        id,
        name === null ? '-' : oneLine(name),
      ]),
  )
}

async function name(
  id: string,
  given: string | undefined,
  { remove = false, ...options }: NameOptions,
  command: Command,
): Promise<void> {
  if (remove === (given !== undefined)) command.error('error: give either a name or --remove')
  await withStore(options, async (store, config) => {
    const database = shownAddress(config.database)
    if (!(await store.organizationIds()).includes(id)) {
      throw new InputError(
        `Organization ${quoted(id)} not found in ${database}; see: iam-logs organization list`,
      )
    }
    const audit = openAuditFile(config)
    const organizationName = given ?? null
    await store.nameOrganization({ id, name: organizationName })
    audit({
      event: 'organization_named',
      ...operator('organization name'),
      organizationId: id,
      organizationName,
    })
    process.stdout.write(
      given === undefined ? `the name of ${id} is removed\n` : `${id} is named ${quoted(given)}\n`,
    )
  })
}

/** All of them, as seen by an Owner of each. */
async function allOrganizations(store: AuditStore) {
  const memberships = (await store.organizationIds()).map(organizationId => ({
    organizationId,
    owner: true,
    permissionSets: [],
  }))
  return store.reader(visibilityOf({ id: 'organization', name: null, memberships })).organizations()
}

/** Without surrounding space. */
function organizationName(text: string): string {
  const name = text.trim()
  const isOneLine = isKeepable(name) && oneLine(name) === name
  if (name === '' || name.length > MAX_NAME || !isOneLine) {
    throw new InvalidArgumentError(
      `Give 1 to ${MAX_NAME} characters in one line, without control characters`,
    )
  }
  return name
}
