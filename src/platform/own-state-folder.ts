import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import process from 'node:process';

/** Where this user's programs keep what outlives them: `XDG_STATE_HOME`, or what stands for it where it is not set. */
export function ownStateFolder(): string {
  const named = process.env['XDG_STATE_HOME'];
  const home = named !== undefined && isAbsolute(named) ? named : join(homedir(), '.local', 'state');
  return join(home, 'perpsbot');
}
