import { isAbsolute, resolve } from 'node:path';
import type { SecretSource } from '../../src/ports/configuration/settings/venue-settings.js';
import type { Checker } from '../schema/check.js';
import type { SourceFile } from './sources.js';

const COMMANDS = ['venue.apiKey.command', 'venue.apiSecret.command'];

/**
 * Where a secret is read from: file and command are two answers to one question, and the later layer's holds. Paths
 * are taken from the working directory.
 */
export function secretSourceOf(path: string, source: SecretSource, cwd: string, checker: Checker): SecretSource {
  const { file, command } = source;
  if (file === undefined) return source;
  const absolute = isAbsolute(file) ? file : resolve(cwd, file);
  if (command === undefined) return { file: absolute };
  const rankOf = (key: string): number => checker.entries.get(`${path}.${key}`)?.rank ?? -1;
  const [filed, commanded] = [rankOf('file'), rankOf('command')];
  checker.require(
    filed !== commanded,
    'CFG-006',
    [path],
    `${path} must name a file or a command, not both.`,
    'Leave one of them out.',
  );
  checker.entries.delete(`${path}.${filed > commanded ? 'command' : 'file'}`);
  return filed > commanded ? { file: absolute } : { command };
}

/**
 * A command is run with the rights of this user, so it is taken from a file that only he can have written: not from
 * variables and flags, which others see and set. What a host's own program passes is its own business.
 */
export function checkSecretCommands(file: SourceFile | undefined, checker: Checker): void {
  for (const path of COMMANDS) {
    const origin = checker.entries.get(path)?.origin;
    if (origin === undefined) continue;
    checker.require(
      origin === 'file',
      'CFG-006',
      [path],
      `${path} must stand in a configuration file.`,
      'Write it in the file, or give the secret in a file or a variable of its own.',
    );
    checker.require(
      origin !== 'file' || file === undefined || file.isOwn,
      'CFG-006',
      [path],
      `${path} must stand in a file that is yours and that nobody else can write; ${file?.name ?? ''} is not.`,
      `Run chmod go-w ${file?.name ?? ''}, and see that you own it.`,
    );
  }
}
