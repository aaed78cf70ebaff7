// What the mapping uses of Node's Buffer, for the page: the bundler puts it wherever the name stands.

const encoder = new TextEncoder();

export const Buffer = {
  byteLength: (text: string): number => encoder.encode(text).length,
  from: (text: string): Uint8Array => encoder.encode(text),
};
