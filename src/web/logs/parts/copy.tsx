// A button that copies a text, and says so. Where the browser forbids it, as without TLS on another machine, the
// text is selected in a field instead.

import { useEffect, useState } from 'preact/hooks'
import { words } from './parts.words.ts'

/** `what` is what it copies, in words: the button's name. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false)
  const t = words()

  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2_000)
    return () => clearTimeout(timer)
  }, [copied])

  async function copy(): Promise<void> {
    setCopied(await toClipboard(text))
  }

  return (
    <>
      <button
        type="button"
        class="icon copy"
        aria-label={t.copy(what)}
        title={t.copy(what)}
        onClick={copy}
      >
        {copied ? '✓' : '⧉'}
      </button>
      <span role="status" class="hidden">
        {copied ? t.copied : ''}
      </span>
    </>
  )
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
