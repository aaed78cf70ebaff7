// A JSON object whose fields nobody has promised anything about: whoever reads one checks it.

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * How deep a walk through a value goes: `JSON.parse` nests tens of thousands deep without complaint, and a walk that
 * followed it would overflow the stack. No attribute that Customer.io can use lies that deep.
 */
export const MAX_NESTING = 100;
