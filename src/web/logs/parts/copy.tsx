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
        {copied ? '✓' : <Sheets />}
      </button>
      <span role="status" class="hidden">
        {copied ? t.copied : ''}
      </span>
    </>
  )
}

/** Two sheets, drawn, as many fonts have no such sign. */
function Sheets() {
  return (
    <svg
      viewBox="0 0 16 16"
      width="13"
      height="13"
      fill="none"
      stroke="currentColor"
      aria-hidden="true"
    >
      <rect x="1.5" y="4.5" width="9" height="10" rx="1.5" />
      <path d="M5.5 4.5V3A1.5 1.5 0 0 1 7 1.5h6A1.5 1.5 0 0 1 14.5 3v7a1.5 1.5 0 0 1-1.5 1.5h-2.5" />
    </svg>
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
