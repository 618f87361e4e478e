// A button that copies a text and says whether that worked. If the browser forbids it, as without TLS on another
// machine, the text is selected in a field instead.

import { useEffect, useState } from 'preact/hooks'
import { Button, Sign } from './controls.tsx'
import { words as common } from './parts.words.ts'
import { visible } from './texts.ts'

const TWO_SHEETS =
  'M3 4.5h6A1.5 1.5 0 0 1 10.5 6v7A1.5 1.5 0 0 1 9 14.5H3A1.5 1.5 0 0 1 1.5 13V6A1.5 1.5 0 0 1 3 4.5zM5.5 4.5V3A1.5 1.5 0 0 1 7 1.5h6A1.5 1.5 0 0 1 14.5 3v7a1.5 1.5 0 0 1-1.5 1.5h-2.5'

/** `what` describes the text, as a part of the button's name; without it, the text is the link to the view. */
export function CopyButton({ text, what }: { text: string; what?: string }) {
  const [copied, copy] = useCopy()
  const said = what ? common.copied : common.linkCopied
  return (
    <>
      {what ? (
        <Button class="icon" label={common.copy(what)} onClick={() => copy(text, said)}>
          {copied?.done ? '✓' : <Sign of={TWO_SHEETS} />}
        </Button>
      ) : (
        <Button text={copied?.done ? said : common.copyLink} onClick={() => copy(text, said)} />
      )}{' '}
      {/* For screen readers. A failure is visible to everybody, as nothing else shows it. */}
      <span role="status" class={copied?.done === false ? 'refused' : 'hidden'}>
        {copied?.said}
      </span>
    </>
  )
}

/** An ID or another text by a machine, which can be copied; `what` describes it. */
export function Id({ text, what }: { text: string; what: string }) {
  return (
    <p class="quiet">
      <span class="mono">{visible(text)}</span> <CopyButton text={text} what={what} />
    </p>
  )
}

/** The outcome of the last copy for some seconds, and the function that copies; `said`: what is said once it is done. */
export function useCopy() {
  const [copied, setCopied] = useState<{ done: boolean; said: string } | null>(null)
  useEffect(() => {
    if (copied === null) return
    const timer = setTimeout(() => setCopied(null), 4_000)
    return () => clearTimeout(timer)
  }, [copied])
  async function copy(text: string, said: string): Promise<void> {
    const write = async () => navigator.clipboard.writeText(text)
    const done = await write().then(
      () => true,
      () => copyBySelection(text),
    )
    setCopied({ done, said: done ? said : common.notCopied })
  }
  return [copied, copy] as const
}

/** The older way, which does not require a secure origin; returns whether the text was copied. */
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
