// Opens an address in the browser of whoever sits at this machine.

import { spawn } from 'node:child_process';

/** Set by `npm start -- --open` for the plugin, which runs in the same process. */
export const OPEN_VARIABLE = 'OPEN_CONSOLE';

const COMMANDS: Readonly<Record<string, readonly [command: string, ...parameters: string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Where nothing can be opened, nothing happens: the address stands on the terminal. */
export const openPage = (url: string, platform: string = process.platform): void => {
  const [command, ...parameters] = COMMANDS[platform] ?? ['xdg-open'];
  const child = spawn(command, [...parameters, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
};
