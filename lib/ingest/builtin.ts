// Parts of Node that are loaded by the first request that needs them: a compressed body, or a page that asks for a script.
// Each takes a cold start one to three milliseconds, and most sandboxes see no such request.

export const zlib = () => process.getBuiltinModule('node:zlib');

export const files = () => process.getBuiltinModule('node:fs/promises');
