// Asks for an access token, and says why the last one is not used any more.

import { useId, useState } from 'preact/hooks'
import { keepToken, refusedFor } from '../api/token.ts'
import { words } from './shell.words.ts'

export function SignIn() {
  const t = words()
  const id = useId()
  const [impossible, setImpossible] = useState(false)
  const said = impossible ? t.noToken : refusedFor.value

  function use(submission: SubmitEvent): void {
    submission.preventDefault()
    const given = new FormData(submission.currentTarget as HTMLFormElement).get('token')
    setImpossible(!keepToken(String(given)))
  }

  return (
    <main class="sign-in">
      <h1>{t.title}</h1>
      <form onSubmit={use}>
        <label for={id}>{t.token}</label>
        <input
          {...{ id, name: 'token', type: 'password', required: true }}
          autocomplete="off"
          spellcheck={false}
          aria-describedby={`${id}-hint ${id}-said`}
        />
        <p id={`${id}-hint`}>{t.tokenHint}</p>
        <p id={`${id}-said`} class="refused" role="alert">
          {said}
        </p>
        <button type="submit" class="primary">
          {t.signIn}
        </button>
      </form>
    </main>
  )
}
