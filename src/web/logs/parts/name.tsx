// Names that somebody entered, and lines of a description list.

import type { ComponentChildren } from 'preact'
import { visible } from './texts.ts'

/** A name by itself: isolated, so that right-to-left text does not affect its neighbours. */
export function Name({ of }: { of: string }) {
  return <bdi>{visible(of)}</bdi>
}

/** What is known, and its name; renders nothing if it is not known. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  if (!children) return null
  return (
    <div>
      <dt>{name}</dt>
      <dd>{typeof children === 'string' ? <Name of={children} /> : children}</dd>
    </div>
  )
}
