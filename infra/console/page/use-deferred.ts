// A value that follows another a moment later, so that each letter typed is not worth a whole drawing.

import { useEffect, useState } from 'preact/hooks';

const AFTER_MS = 60;

export const useDeferred = <T>(value: T): T => {
  const [deferred, setDeferred] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setDeferred(value), AFTER_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return deferred;
};
