// A browser that was given the locale of a POSIX system may call its language `en-US@posix`, which Intl does not take.
// uPlot asks for it as soon as it is loaded, so that this is loaded before.

const isValid = (language: string): boolean => {
  try {
    return Intl.getCanonicalLocales(language).length > 0;
  } catch {
    return false;
  }
};

if (!isValid(navigator.language)) Object.defineProperty(navigator, 'language', { value: 'en' });
