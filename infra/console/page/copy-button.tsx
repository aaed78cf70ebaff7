// Puts a text on the clipboard, and says so for a moment.

import { useState } from 'preact/hooks';

const SAID_FOR_MS = 1_500;

export const CopyButton = ({ label, text }: { readonly label: string; readonly text: string }) => {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      setSaid('The browser does not allow it');
    }
    setTimeout(() => setSaid(''), SAID_FOR_MS);
  };
  return (
    <button type="button" class="button" aria-live="polite" onClick={() => void copy()}>
      {said || label}
    </button>
  );
};
