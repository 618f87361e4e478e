// From which addresses and with which clients: two tables, each row of which filters the list.

import type { ComponentChildren } from 'preact'
import type { PrincipalFiguresQuery } from '../api/documents.ts'
import { day } from '../dates.ts'
import { number } from '../language.ts'
import { asFilter, clientOf } from '../parts/client.ts'
import { words as common } from '../parts/parts.words.ts'
import { When } from '../parts/when.tsx'
import { addressOf, follow, go, view } from '../view/address.ts'
import { NO_FILTER } from '../view/view.ts'
import { words } from './principal.words.ts'

type Figures = NonNullable<PrincipalFiguresQuery['organization']>['eventCounts']

export function Places({
  addresses,
  agents,
}: {
  addresses: Figures['byIpAddress']
  agents: Figures['byUserAgent']
}) {
  const t = words()
  const { noAddress, noClient } = common()
  const { ipAddresses: chosen, userAgents: agentsChosen } = view.value
  return (
    <div class="places">
      <Table name={t.addresses} of={addresses.nodes.length} since={addresses.countedSince}>
        {addresses.nodes.map(({ ipAddress, count, latest }) => (
          <tr key={ipAddress}>
            <th scope="row">
              {ipAddress === null ? (
                <span class="quiet">{noAddress}</span>
              ) : (
                <span class="address">
                  <button
                    type="button"
                    class="plain mono"
                    aria-pressed={chosen.includes(ipAddress)}
                    onClick={() => go({ ipAddresses: toggled(chosen, ipAddress) })}
                  >
                    {ipAddress}
                  </button>
                  <Others ipAddress={ipAddress} />
                </span>
              )}
            </th>
            <td class="count">{number(count)}</td>
            <td>
              <When at={latest} brief />
            </td>
          </tr>
        ))}
      </Table>
      <Table name={t.clients} of={agents.nodes.length} since={agents.countedSince}>
        {agents.nodes.map(({ userAgent, count, latest }) => {
          const asked = userAgent === null ? '' : asFilter(userAgent)
          return (
            <tr key={userAgent}>
              <th scope="row">
                {userAgent === null || asked === '' ? (
                  <span class="quiet">{noClient}</span>
                ) : (
                  <button
                    type="button"
                    class="plain"
                    title={userAgent}
                    aria-pressed={agentsChosen.includes(asked)}
                    onClick={() => go({ userAgents: toggled(agentsChosen, asked) })}
                  >
                    {clientOf(userAgent)}
                  </button>
                )}
              </th>
              <td class="count">{number(count)}</td>
              <td>
                <When at={latest} brief />
              </td>
            </tr>
          )
        })}
      </Table>
    </div>
  )
}

function toggled(chosen: readonly string[], ipAddress: string): string[] {
  const others = chosen.filter(other => other !== ipAddress)
  return others.length < chosen.length ? others : [...others, ipAddress]
}

/** Everybody who was seen at the address. */
function Others({ ipAddress }: { ipAddress: string }) {
  const t = words()
  const change = { ...NO_FILTER, principalId: null, eventId: null, ipAddresses: [ipAddress] }
  return (
    <a href={addressOf(change)} onClick={click => follow(click, change)}>
      {t.whoElse}
      <span class="hidden"> {t.at(ipAddress)}</span>
    </a>
  )
}

function Table({
  name,
  of,
  since,
  children,
}: {
  name: string
  of: number
  since: string | null
  children: ComponentChildren
}) {
  const t = words()
  if (of === 0) return null
  return (
    <table>
      <caption class={since === null ? 'hidden' : 'quiet'}>
        {name}
        {since !== null && <span class="quiet"> {common().newestOnly(day(since))}</span>}
      </caption>
      <thead>
        <tr>
          <th scope="col">{name}</th>
          <th scope="col" class="count">
            {t.count}
          </th>
          <th scope="col">{t.latest}</th>
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}
