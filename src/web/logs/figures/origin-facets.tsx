// From where and with what: the addresses and the clients with the most events. One of each can be filtered by, which
// may also be a block of addresses, or part of a client's name, that somebody searched for.

import type { ComponentChildren } from 'preact'
import type { Figures } from '../counted/figures.ts'
import { number } from '../language.ts'
import { asFilter, clientOf } from '../parts/client.ts'
import { words as common } from '../parts/parts.words.ts'
import { go, view } from '../view/address.ts'
import { Choice, Facet } from './facet.tsx'
import { words } from './figures.words.ts'

export function OriginFacets({ figures }: { figures: Figures | undefined }) {
  const t = words()
  const { noAddress, noClient, ipAddress: address } = common()
  const { ipAddress, userAgent } = view.value
  const { byIpAddress, byUserAgent, all } = figures?.counts ?? {}
  return (
    <>
      <Facet name={address}>
        <Single
          chosen={ipAddress}
          all={all}
          counts={byIpAddress?.counts.nodes.map(each => ({ ...each, value: each.ipAddress }))}
          isExact={byIpAddress?.counts.countedSince === null}
          none={noAddress}
          onChange={ipAddress => go({ ipAddress })}
        />
      </Facet>
      <Facet name={t.client}>
        <Single
          chosen={userAgent}
          all={all}
          counts={byUserAgent?.counts.nodes.map(({ userAgent, count }) => ({
            count,
            value: userAgent && asFilter(userAgent),
          }))}
          isExact={byUserAgent?.counts.countedSince === null}
          none={noClient}
          show={clientOf}
          onChange={userAgent => go({ userAgent })}
        />
      </Facet>
    </>
  )
}

interface SingleProps {
  readonly chosen: string | null
  /** The events there are with what is chosen. */
  readonly all: { readonly total: number; readonly isExact: boolean } | undefined
  readonly counts: readonly { readonly value: string | null; readonly count: number }[] | undefined
  readonly isExact: boolean
  /** What events are called that have no value, which cannot be filtered by. */
  readonly none: string
  readonly show?: (value: string) => ComponentChildren
  readonly onChange: (chosen: string | null) => void
}

function Single({
  chosen,
  all,
  counts = [],
  isExact,
  none,
  show = value => value,
  onChange,
}: SingleProps) {
  return (
    <ul>
      {chosen !== null && counts.every(({ value }) => value !== chosen) && (
        <Choice
          checked={true}
          count={all?.total}
          isExact={all?.isExact ?? true}
          title={chosen}
          onChange={() => onChange(null)}
        >
          {chosen}
        </Choice>
      )}
      {counts.map(({ value, count }) =>
        value === null ? (
          <li key="" class="none quiet">
            <span class="value">{none}</span>
            <span class="count">{number(count)}</span>
          </li>
        ) : (
          <Choice
            key={value}
            checked={value === chosen}
            count={value === chosen ? all?.total : count}
            isExact={value === chosen ? (all?.isExact ?? true) : isExact}
            title={value}
            onChange={there => onChange(there ? value : null)}
          >
            {show(value)}
          </Choice>
        ),
      )}
    </ul>
  )
}
