// Something that cannot be taken back: what it will do is said first. What concerns many is done only once that has
// been typed.

import { useState } from 'preact/hooks';

interface ConfirmButtonProps {
  readonly label: string;
  /** What it will do, in a sentence or two. */
  readonly plan: string;
  /** What must be typed; where nothing must, a second click is enough. */
  readonly typed?: string | undefined;
  /** Of the button that does it. */
  readonly doIt: string;
  readonly isDanger?: boolean;
  readonly onConfirm: () => void;
}

export const ConfirmButton = ({
  label,
  plan,
  typed,
  doIt,
  isDanger = false,
  onConfirm,
}: ConfirmButtonProps) => {
  const [isAsked, setAsked] = useState(false);
  const [text, setText] = useState('');
  const isMeant = typed === undefined || text.trim() === typed;
  const close = (): void => {
    setAsked(false);
    setText('');
  };
  if (!isAsked) {
    return (
      <button type="button" class="button" onClick={() => setAsked(true)}>
        {label}
      </button>
    );
  }
  return (
    <form
      class="confirm"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isMeant) return;
        close();
        onConfirm();
      }}
    >
      <p>{plan}</p>
      {typed !== undefined && (
        <label class="field">
          <span>
            Type <code>{typed}</code>
          </span>
          <input
            class="text"
            aria-label={`Type ${typed}`}
            autocomplete="off"
            ref={(element) => element?.focus()}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
      )}
      <button type="submit" class={`button ${isDanger ? 'is-danger' : 'is-main'}`} disabled={!isMeant}>
        {doIt}
      </button>
      <button type="button" class="button" onClick={close}>
        Not now
      </button>
    </form>
  );
};
