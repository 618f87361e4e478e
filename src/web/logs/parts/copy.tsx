// A button that copies a text and says whether that worked. If the browser forbids it, as without TLS on another
// machine, the text is selected in a field instead.

import { useEffect, useState } from 'preact/hooks'
import { Button, Sign } from './button.tsx'
import { words } from './parts.words.ts'

const TWO_SHEETS =
  'M3 4.5h6A1.5 1.5 0 0 1 10.5 6v7A1.5 1.5 0 0 1 9 14.5H3A1.5 1.5 0 0 1 1.5 13V6A1.5 1.5 0 0 1 3 4.5zM5.5 4.5V3A1.5 1.5 0 0 1 7 1.5h6A1.5 1.5 0 0 1 14.5 3v7a1.5 1.5 0 0 1-1.5 1.5h-2.5'

/** `what` describes the text; it is part of the button's name. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [outcome, copy] = useCopy(text)
  const t = words()
  return (
    <>
      <Button class="icon" label={t.copy(what)} onClick={copy}>
        {outcome === 'copied' ? '✓' : <Sign of={TWO_SHEETS} />}
      </Button>{' '}
      <CopyStatus outcome={outcome} copied={t.copied} />
    </>
  )
}

/** For screen readers. A failure is visible to everybody, as nothing else shows it. */
export function CopyStatus({ outcome, copied }: { outcome: CopyOutcome | null; copied: string }) {
  const failed = outcome === 'failed'
  return (
    <span role="status" class={failed ? 'refused' : 'hidden'}>
      {failed ? words().notCopied : outcome && copied}
    </span>
  )
}

type CopyOutcome = 'copied' | 'failed'

/** The outcome of the last copy, `null` before it, and the function that copies. */
export function useCopy(text: string): [outcome: CopyOutcome | null, copy: () => Promise<void>] {
  const [outcome, setOutcome] = useState<CopyOutcome | null>(null)
  useEffect(() => {
    if (outcome === null) return
    const timer = setTimeout(() => setOutcome(null), outcome === 'copied' ? 2_000 : 4_000)
    return () => clearTimeout(timer)
  }, [outcome])
  return [outcome, async () => setOutcome((await toClipboard(text)) ? 'copied' : 'failed')]
}

/** Resolves to whether the text was copied. */
export async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

/** The older way, which does not require a secure origin. */
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
