// A sign drawn in lines, as many fonts have none such; a word stands beside it, if only for screen readers.

/** `of` is a path in a square of 16. */
export function Sign({ of }: { of: string }) {
  return (
    <svg class="sign" viewBox="0 0 16 16" width="15" height="15" aria-hidden="true">
      <path d={of} fill="none" stroke="currentColor" stroke-width="1.4" />
    </svg>
  )
}
