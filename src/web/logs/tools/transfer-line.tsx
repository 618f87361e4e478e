// How the download goes, and how it went: in words, as half a file looks like a whole one.

import { locale } from '../language.ts'
import { words as common } from '../parts/parts.words.ts'
import { words } from './tools.words.ts'
import { cancel, type Transfer, transfer } from './transfer.ts'

export function TransferLine() {
  const t = words()
  const now = transfer.value
  const running = now?.state === 'running'
  return (
    <div class={`toast transfer ${now?.state ?? 'none'}`}>
      {/* A screen reader is not told each byte. */}
      {running && <span>{t.running(size(now.bytes))}</span>}
      {running && (
        <button type="button" onClick={cancel}>
          {t.cancel}
        </button>
      )}
      <span role="status">{now !== null && !running ? outcome(now) : ''}</span>
      {now !== null && !running && (
        <button
          type="button"
          class="icon"
          aria-label={t.dismiss}
          onClick={() => {
            transfer.value = null
          }}
        >
          ✕
        </button>
      )}
    </div>
  )
}

function outcome(now: Exclude<Transfer, { state: 'running' }>): string {
  const t = words()
  switch (now.state) {
    case 'whole':
      return t.whole(common().events(now.events), size(now.bytes))
    case 'cancelled':
      return t.cancelled
    case 'incomplete':
      return t.incomplete(size(now.bytes))
    case 'refused':
      return now.message ?? t.gone
    case 'unwritten':
      return t.unwritten
  }
}

function size(bytes: number): string {
  const [unit, divisor] =
    bytes < 1e3
      ? (['byte', 1] as const)
      : bytes < 1e6
        ? (['kilobyte', 1e3] as const)
        : (['megabyte', 1e6] as const)
  const options = { style: 'unit', unit, maximumFractionDigits: 1 } as const
  return new Intl.NumberFormat(locale(), options).format(bytes / divisor)
}
