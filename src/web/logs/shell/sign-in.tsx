// The sign-in page: with the identity provider if one is configured, or else with an access token. It also says why a
// viewer is no longer signed in.

import { useId, useState } from 'preact/hooks'
import { keepToken, offered, outcome, signIn, tokenRefused } from '../api/session.ts'
import { words as t } from './shell.words.ts'

export function SignIn() {
  return (
    <section class="sign-in stack">
      <h1>{t.title}</h1>
      {offered.value ? (
        <>
          <p class="refused" role="alert">
            {outcome.value !== null && t.outcomes[outcome.value]}
          </p>
          <button type="button" class="primary" onClick={signIn}>
            {t.signInHere}
          </button>
          <details open={tokenRefused.value}>
            <summary>{t.withToken}</summary>
            <TokenForm />
          </details>
        </>
      ) : (
        <TokenForm />
      )}
    </section>
  )
}

function TokenForm() {
  const id = useId()
  const [impossible, setImpossible] = useState(false)
  const [stay, setStay] = useState(false)
  const said = impossible ? t.noToken : tokenRefused.value && t.refusedToken

  function use(submission: SubmitEvent): void {
    submission.preventDefault()
    const given = new FormData(submission.currentTarget as HTMLFormElement).get('token')
    setImpossible(!keepToken(String(given), stay))
  }

  return (
    <form class="stack" onSubmit={use}>
      <label for={id}>{t.token}</label>
      <input
        {...{ id, name: 'token', type: 'password', required: true }}
        autocomplete="off"
        spellcheck={false}
        aria-describedby={`${id}-hint ${id}-said`}
      />
      <p id={`${id}-hint`}>
        {t.tokenHint} {stay ? t.tokenStays : t.tokenInTab}
      </p>
      {!offered.value && (
        <label class="row">
          <input
            type="checkbox"
            checked={stay}
            onChange={({ currentTarget }) => setStay(currentTarget.checked)}
          />
          {t.stay}
        </label>
      )}
      <p id={`${id}-said`} class="refused" role="alert">
        {said}
      </p>
      <button type="submit" class={offered.value ? '' : 'primary'}>
        {t.signIn}
      </button>
    </form>
  )
}
