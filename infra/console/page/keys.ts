// Keys that work anywhere in the page: `/` goes to the search, Escape closes what is open or leaves the field.

export const startKeys = (): void => {
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !isTyping(event.target)) {
      event.preventDefault();
      document.querySelector<HTMLInputElement>('input[type=search]')?.focus();
    }
    if (event.key !== 'Escape') return;
    if (event.target instanceof HTMLElement && isTyping(event.target)) event.target.blur();
    else document.querySelector<HTMLAnchorElement>('a.close')?.click();
  });
};

export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement ||
  target instanceof HTMLTextAreaElement ||
  target instanceof HTMLSelectElement;
