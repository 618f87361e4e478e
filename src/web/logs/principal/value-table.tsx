// A table of the most frequent addresses or clients; each row filters the list.

import { day } from '../dates.ts'
import { number } from '../language.ts'
import { asFilter } from '../parts/client-name.ts'
import { words as common } from '../parts/parts.words.ts'
import { labelOf } from '../parts/value-label.ts'
import { ALL_EVENTS, ViewLink } from '../parts/view-link.tsx'
import { When } from '../parts/when.tsx'
import { words } from './principal.words.ts'
import { ValueButton } from './value-button.tsx'

interface ValueTableProps {
  readonly of: 'ipAddresses' | 'userAgents'
  readonly name: string
  readonly counted: {
    readonly countedSince: string | null
    readonly nodes: readonly {
      readonly value: string | null
      readonly count: number
      readonly latest: string
    }[]
  }
}

/** An address also links to the events of all principals from it. */
function Value({
  of,
  value,
  children,
}: {
  of: ValueTableProps['of']
  value: string | null
  children: string
}) {
  const t = words()
  if (!value) return <span class="quiet">{children}</span>
  return (
    <div class="value">
      <ValueButton {...{ of, value: asFilter(value), title: value }} class="plain">
        {children}
      </ValueButton>
      {of === 'ipAddresses' && (
        <ViewLink to={{ ...ALL_EVENTS, ipAddresses: [value] }}>
          {t.whoElse}
          <span class="hidden"> {t.at(value)}</span>
        </ViewLink>
      )}
    </div>
  )
}

export function ValueTable({ of, name, counted }: ValueTableProps) {
  const t = words()
  const { nodes, countedSince } = counted
  if (nodes.length === 0) return null
  return (
    <table>
      <caption class={countedSince === null ? 'hidden' : 'quiet'}>
        {name} {countedSince !== null && common().newestOnly(day(countedSince))}
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
      <tbody>
        {nodes.map(({ value, count, latest }) => (
          <tr key={value}>
            <th scope="row">
              <Value {...{ of, value }}>{labelOf(of, value ?? '')}</Value>
            </th>
            <td class="count">{number(count)}</td>
            <td>
              <When at={latest} brief />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
