// The principal's name, kind and ID. The ID remains when the name is no longer known.

import { CopyButton } from '../parts/copy.tsx'
import { Name } from '../parts/name.tsx'
import { words as common } from '../parts/parts.words.ts'
import { nameOf, PrincipalHint, type PrincipalLike } from '../parts/principal-name.tsx'

export function PrincipalHeading({ of }: { of: PrincipalLike }) {
  const { kinds, id } = common()
  const named = of.__typename === 'User' || of.__typename === 'Application'
  return (
    <div class="who">
      <h2 class={of.__typename}>
        <Name of={nameOf(of)} />
      </h2>
      {named && <span class="kind">{kinds[of.__typename]}</span>}
      <PrincipalHint of={of} />
      <span class="quiet">
        <span class="mono">{of.principalId}</span> <CopyButton text={of.principalId} what={id} />
      </span>
    </div>
  )
}
