// A name as somebody wrote it: isolated, so that its direction moves nothing beside it, and with what fonts do not draw.

import { visible } from './visible.ts'

/** For a text of its own; where a name is part of an attribute, `visible` alone. */
export function Name({ of }: { of: string }) {
  return <bdi>{visible(of)}</bdi>
}
