import { readFileSync } from 'node:fs';
import type { CliShell } from '../src/cli/host.js';
import { runCli } from '../src/cli/main.js';
import { pathFault } from '../src/flow/path-fault.js';
import { tuneEngine } from '../src/platform/engine-flags.js';
import { hostTime } from '../src/platform/time/host-time.js';

tuneEngine();

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

const shell: CliShell = {
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
runCli(process.argv.slice(2), shell, async () => (await import('./cli-host.js')).cliHost(shell)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
