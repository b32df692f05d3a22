import { spawn, type ChildProcessByStdio } from 'node:child_process';
import process, { platform } from 'node:process';
import type { Readable } from 'node:stream';
import { fault, type PerpsBotError } from '../../domain/errors.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import { LONGEST_SECRET } from './secret-file.js';

/** Nobody is there to be asked for a passphrase. */
const LIMIT_MS = 5_000;

export interface SecretCommandTerms {
  /** The setting that it is for, as messages name it. */
  readonly name: string;
  readonly where: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly scheduler: Scheduler;
  /** Default: 5 s. */
  readonly limitMs?: number;
}

/**
 * What a program prints. It is run without a shell, its errors are not read, and neither its output nor its arguments
 * are in any message. Throws CFG-009 where it cannot be started, fails, or is not done within five seconds: it is then
 * killed, with what it started.
 */
export function secretFromCommand(argv: readonly string[], terms: SecretCommandTerms): Promise<string> {
  const [program = '', ...rest] = argv;
  const { name, where, env, scheduler, limitMs = LIMIT_MS } = terms;
  const failed = (how: string): PerpsBotError =>
    fault('CFG-009', `${name} must be printed by ${program}, which ${how}.`, {
      where,
      fix: 'Run the command by hand, as this user and without a terminal, and see what it says.',
    });
  return new Promise((resolve, reject) => {
    const child = started(program, rest, env);
    if (child === undefined) {
      reject(failed('could not be started'));
      return;
    }
    const printed: Buffer[] = [];
    let length = 0;
    const giveUp = (how: string): void => {
      cancel();
      kill(child.pid);
      child.stdout.destroy();
      child.unref();
      reject(failed(how));
    };
    const cancel = scheduler.after(limitMs, () => {
      giveUp(`was not done within ${String(limitMs / 1_000)} s`);
    });
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= LONGEST_SECRET) printed.push(chunk);
      else giveUp('printed more than a secret');
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      cancel();
      reject(failed(`could not be started (${error.code ?? error.name})`));
    });
    child.once('close', (code, signal) => {
      cancel();
      if (code === 0) resolve(Buffer.concat(printed).toString('utf8'));
      else reject(failed(code === null ? `was ended by ${signal ?? 'a signal'}` : `ended with ${String(code)}`));
    });
  });
}

/** In a group of its own, so that what it starts ends with it. Undefined for words that no program can be given. */
function started(
  program: string,
  rest: readonly string[],
  env: SecretCommandTerms['env'],
): ChildProcessByStdio<null, Readable, null> | undefined {
  try {
    return spawn(program, rest, {
      shell: false,
      detached: platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...env },
    });
  } catch {
    // The system's own message would repeat the arguments.
    return undefined;
  }
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
