import { existsSync, readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { cliHost } from '#di/cli-host.js';
import { sweepHost } from '#di/sweeps.js';
import { runCli } from '#src/cli/main.js';
import { hostTime } from '#src/platform/time/host-time.js';
import type { CliHost, CliShell } from '#src/cli/host.js';
import { workerEntry } from './sweep.js';

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The envelope of `--json`; what was not printed is not there. */
  readonly data: Readonly<Record<string, unknown>> & { readonly traceHash: string };
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

class Kept extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** The command line over the real host, in this process; threads run the built package. The day it is stands still. */
export const perpsbot = (...argv: readonly string[]): Promise<Said> =>
  said(argv, {
    clock: { wall: () => Date.UTC(2026, 0, 1), monotonic: () => performance.now() },
    readText: () => undefined,
  });

/** The same on the time of the host, with what lies in a state directory: for a bot that runs in another process. */
export const perpsbotNow = (...argv: readonly string[]): Promise<Said> =>
  said(argv, {
    clock: hostTime,
    readText: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
  });

/** The same, where a command that makes parts of its own gets these in their place. */
export const perpsbotWith = (overrides: Parameters<typeof cliHost>[1], ...argv: readonly string[]): Promise<Said> =>
  said(
    argv,
    { clock: hostTime, readText: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined) },
    overrides,
  );

async function said(
  argv: readonly string[],
  given: Pick<CliShell, 'clock' | 'readText'>,
  overrides?: Parameters<typeof cliHost>[1],
): Promise<Said> {
  const [stdout, stderr] = [new Kept(), new Kept()];
  const shell: CliShell = {
    io: { stdout, stderr, env: {} },
    ...given,
    build: { version: '0.1.0', node: process.versions.node },
    isHeld: () => Promise.resolve(undefined),
  };
  const host: CliHost = { ...cliHost(shell, overrides), sweeps: sweepHost(shell, workerEntry()) };
  const code = await runCli(argv, host, () => Promise.resolve(host));
  const envelope = (argv.includes('--json') ? JSON.parse(stdout.text) : {}) as {
    readonly data?: Said['data'];
    readonly warnings?: Said['warnings'];
  };
  return {
    code,
    stdout: stdout.text,
    stderr: stderr.text,
    data: envelope.data ?? { traceHash: 'none' },
    warnings: envelope.warnings ?? [],
  };
}
