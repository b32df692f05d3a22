import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CliShell } from '../src/cli/host.js';
import { runCli } from '../src/cli/main.js';
import { pathFault } from '../src/flow/path-fault.js';
import { tuneCompiler, tuneMemory } from '../src/platform/engine-flags.js';
import { hostTime } from '../src/platform/time/host-time.js';

tuneMemory();

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw pathFault({ must: `${path} must be readable`, where: path, code: 'STORE-003' }, error);
  }
}

/** Loaded when it is asked: help does not wait for SQLite. */
async function isHeld(directory: string): Promise<boolean | undefined> {
  if (!existsSync(join(directory, 'instance.lock'))) return undefined;
  const { InstanceLock } = await import('../src/storage/sqlite/instance-lock.js');
  const { loadSqliteDriver } = await import('../src/storage/sqlite/runtime-sqlite.js');
  try {
    return InstanceLock.holder(loadSqliteDriver(), directory) !== undefined;
  } catch {
    return undefined;
  }
}

const shell: CliShell = {
  isHeld,
  readText,
  io: { stdout: process.stdout, stderr: process.stderr, env: { ...process.env } },
  clock: hostTime,
  build: { version: manifest.version, node: process.version },
};

// A reader that has gone (`| head`, a closed terminal) ends what is written, not the bot: it stops when it is told to.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

// The event loop is left to drain: a bot that has stopped has nothing open, and a test checks that.
runCli(
  process.argv.slice(2),
  shell,
  async () => {
    tuneCompiler();
    return (await import('./cli-host.js')).cliHost(shell);
  },
  async () => ({ ...shell, ...(await import('../src/platform/host-files.js')).hostFiles() }),
).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
