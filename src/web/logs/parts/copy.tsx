// A button that copies a text, and says so. Where the browser forbids it, as without TLS on another machine, the
// text is selected in a field instead.

import { useEffect, useState } from 'preact/hooks'
import { words } from './parts.words.ts'
import { Sign } from './sign.tsx'

const TWO_SHEETS =
  'M3 4.5h6A1.5 1.5 0 0 1 10.5 6v7A1.5 1.5 0 0 1 9 14.5H3A1.5 1.5 0 0 1 1.5 13V6A1.5 1.5 0 0 1 3 4.5zM5.5 4.5V3A1.5 1.5 0 0 1 7 1.5h6A1.5 1.5 0 0 1 14.5 3v7a1.5 1.5 0 0 1-1.5 1.5h-2.5'

/** `what` is what it copies, in words: the button's name. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, copy] = useCopy(text)
  const t = words()
  const name = t.copy(what)
  return (
    <>
      <button type="button" class="icon" aria-label={name} title={name} onClick={copy}>
        {copied ? '✓' : <Sign of={TWO_SHEETS} />}
      </button>
      <span role="status" class="hidden">
        {copied && t.copied}
      </span>
    </>
  )
}

/** Whether the text was copied just now, and what copies it. */
export function useCopy(text: string): [copied: boolean, copy: () => Promise<void>] {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2_000)
    return () => clearTimeout(timer)
  }, [copied])
  return [copied, async () => setCopied(await toClipboard(text))]
}

/** Whether it could be put there. */
export async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

/** The way there was before, which needs no secure origin. */
function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  field.className = 'hidden'
  const parent = document.querySelector('dialog[open]') ?? document.body
  parent.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  return done
}
