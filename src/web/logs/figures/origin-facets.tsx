// From where and with what: the addresses and the clients with the most events. What is filtered by may also be a block
// of addresses, or part of a client's name, that somebody searched for.

import type { Figures } from '../counted/figures.ts'
import { number } from '../language.ts'
import { asFilter, clientOf } from '../parts/client.ts'
import { words as common } from '../parts/parts.words.ts'
import { go, view } from '../view/address.ts'
import { Choice, Choices, choosing, Facet } from './facet.tsx'
import { words } from './figures.words.ts'

export function OriginFacets({ figures }: { figures: Figures | undefined }) {
  const t = words()
  const { noAddress, noClient, ipAddress: address } = common()
  const { ipAddresses, notIpAddresses, userAgents, notUserAgents } = view.value
  const { byIpAddress, byUserAgent, all } = figures?.counts ?? {}
  return (
    <>
      <Facet name={address}>
        <Values
          chosen={ipAddresses}
          excluded={notIpAddresses}
          all={all}
          counts={byIpAddress?.counts.nodes.map(each => ({ ...each, value: each.ipAddress }))}
          isExact={byIpAddress?.counts.countedSince === null}
          none={noAddress}
          onChange={(ipAddresses, notIpAddresses) => go({ ipAddresses, notIpAddresses })}
        />
      </Facet>
      <Facet name={t.client}>
        <Values
          chosen={userAgents}
          excluded={notUserAgents}
          all={all}
          counts={byUserAgent?.counts.nodes.map(({ userAgent, count }) => ({
            count,
            value: userAgent && asFilter(userAgent),
          }))}
          isExact={byUserAgent?.counts.countedSince === null}
          none={noClient}
          show={clientOf}
          onChange={(userAgents, notUserAgents) => go({ userAgents, notUserAgents })}
        />
      </Facet>
    </>
  )
}

interface ValuesProps {
  readonly chosen: readonly string[]
  readonly excluded: readonly string[]
  /** The events there are with what is chosen. */
  readonly all: { readonly total: number; readonly isExact: boolean } | undefined
  readonly counts: readonly { readonly value: string | null; readonly count: number }[] | undefined
  readonly isExact: boolean
  /** What events are called that have no value, which cannot be filtered by. */
  readonly none: string
  readonly show?: (value: string) => string
  readonly onChange: (chosen: string[], excluded: string[]) => void
}

function Values({
  chosen,
  excluded,
  all,
  counts = [],
  isExact,
  none,
  show = value => value,
  onChange,
}: ValuesProps) {
  /** All that is shown is of the only one that is chosen; of one of several nobody counted. */
  const total = chosen.length === 1 ? all : undefined
  const others = chosen.filter(value => counts.every(each => each.value !== value))
  return (
    <Choices>
      {others.map(value => (
        <Choice
          key={value}
          {...choosing(value, chosen, excluded, onChange)}
          name={value}
          count={total?.total}
          isExact={total?.isExact ?? true}
          title={value}
        >
          {value}
        </Choice>
      ))}
      {counts.map(({ value, count }) => {
        if (value === null) {
          return (
            <li key="" class="none quiet">
              <span class="value">{none}</span>
              <span class="count">{number(count)}</span>
            </li>
          )
        }
        const whole = chosen.includes(value) ? total : undefined
        return (
          <Choice
            key={value}
            {...choosing(value, chosen, excluded, onChange)}
            name={show(value)}
            count={whole?.total ?? count}
            isExact={whole?.isExact ?? isExact}
            title={value}
          >
            {show(value)}
          </Choice>
        )
      })}
    </Choices>
  )
}
