// The download's progress and outcome in words, because an incomplete file can look complete.

import { locale } from '../language.ts'
import { Button } from '../parts/button.tsx'
import { words as common } from '../parts/parts.words.ts'
import { refusalOf } from '../parts/refusal.ts'
import { words } from './tools.words.ts'
import { cancel, type Transfer, transfer } from './transfer.ts'

export function TransferLine() {
  const t = words()
  const now = transfer.value
  const dismiss = () => {
    transfer.value = null
  }
  return (
    <div class={`toast floating row transfer ${now?.state ?? ''}`}>
      {/* Outside the live region: otherwise a screen reader would read out each change. */}
      {now?.state === 'running' && (
        <>
          <span>{t.running(size(now.bytes))}</span>
          <Button onClick={cancel}>{t.cancel}</Button>
        </>
      )}
      <span role="status">{now !== null && now.state !== 'running' && outcome(now)}</span>
      {now !== null && now.state !== 'running' && (
        <Button class="icon" label={t.dismiss} onClick={dismiss}>
          ✕
        </Button>
      )}
    </div>
  )
}

function outcome(now: Exclude<Transfer, { state: 'running' }>): string {
  const t = words()
  switch (now.state) {
    case 'complete':
      return t.complete(common().events(now.events), size(now.bytes))
    case 'cancelled':
      return `${t.cancelled} ${t.notSaved}`
    case 'incomplete':
      return t.incomplete(size(now.bytes))
    case 'refused':
      return `${refusalOf(now.reason)} ${t.notSaved}`
    case 'unwritten':
      return t.unwritten
  }
}

const UNITS = ['byte', 'kilobyte', 'megabyte'] as const

function size(bytes: number): string {
  const step = bytes < 1e3 ? 0 : bytes < 1e6 ? 1 : 2
  const options = { style: 'unit', unit: UNITS[step], maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(locale(), options).format(bytes / 1e3 ** step)
}
