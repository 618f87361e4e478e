// Buttons, icons, and links to the current view with a change.

import type { AnchorHTMLAttributes, ButtonHTMLAttributes, ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { addressOf, go } from '../view/page-address.ts'
import { NO_FILTER, type View } from '../view/view.ts'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** The accessible name and tooltip, if there is only a sign to see. */
  readonly label?: string
  /** A character or a word, in place of children. */
  readonly text?: string
}

/** A button that submits no form. */
export function Button({ label, text, children = text, ...button }: ButtonProps) {
  return (
    <button type="button" {...(label && { 'aria-label': label, title: label })} {...button}>
      {children}
    </button>
  )
}

/**
 * An icon drawn with lines, because many fonts have no such character; a text must accompany it, at least for screen
 * readers. `of` is an SVG path in a square of 16.
 */
export function Sign({ of }: { of: string }) {
  return (
    <svg class="sign" viewBox="0 0 16 16" width="15" height="15" aria-hidden="true">
      <path d={of} fill="none" stroke="currentColor" stroke-width="1.4" />
    </svg>
  )
}

/** An icon and its text; where there is little space, only the icon is visible. */
export function Labelled({ sign, text }: { sign: string; text: ComponentChildren }) {
  return (
    <>
      <Sign of={sign} />
      <span class="label">{text}</span>
    </>
  )
}

/** A button that shows a note below it, by click, touch or keyboard. */
export function Hint({ children, ...button }: ButtonProps) {
  const id = useId()
  return (
    <span class="hint">
      <Button {...button} popovertarget={id} />
      <span id={id} popover="auto" role="note" class="hint-text floating">
        {children}
      </span>
    </span>
  )
}

/** The change that shows the log of all events. */
export const ALL_EVENTS = { ...NO_FILTER, principalId: null, eventId: null } as const

interface ViewLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly to: Partial<View>
}

export function ViewLink({ to, children, ...link }: ViewLinkProps) {
  function follow(click: MouseEvent): void {
    const { ctrlKey, metaKey, shiftKey, altKey, button } = click
    // The link is to open elsewhere, as in a new tab.
    if (ctrlKey || metaKey || shiftKey || altKey || button !== 0) return
    click.preventDefault()
    go(to)
  }
  return (
    <a {...link} href={addressOf(to)} onClick={follow}>
      {children}
    </a>
  )
}
