// Text that may be JSON, or may not be.

/** Undefined for text that is none, which no JSON is. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** The text itself where it is none. */
export const parseJsonOrText = (text: string): unknown => {
  const parsed = parseJson(text);
  return parsed === undefined ? text : parsed;
};
