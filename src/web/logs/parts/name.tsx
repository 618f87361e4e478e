// A name that somebody entered: isolated, so that right-to-left text does not affect its neighbours, and with invisible
// characters shown.

import { visible } from './visible.ts'

/** For a text by itself; if a name is part of an attribute, use `visible` alone. */
export function Name({ of }: { of: string }) {
  return <bdi>{visible(of)}</bdi>
}
