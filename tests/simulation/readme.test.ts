import 'reflect-metadata';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { perpsbotNow } from '../support/command-line.js';
import { Running } from './support/processes.js';

const run = promisify(execFile);
const COMMAND = /^(?:npm run --silent perpsbot|npm start) -- (?<args>[^#\n]+)/gmu;

/** Of each kind of command one is a process of its own; the others are the same command line in this process. */
const IN_A_PROCESS = new Set(['start', 'journal', 'optimize']);

/** They are given to a bot that runs. */
const STEERING = new Set(['status', 'halt', 'reduce-only', 'resume', 'flatten']);

/** Every command of the README that ends by itself, as arguments of the program. */
function commands(): string[][] {
  return [...readFileSync('README.md', 'utf8').matchAll(COMMAND)].map((match) => {
    const args = ((match.groups?.['args'] ?? '').match(/"[^"]*"|\S+/gu) ?? []).map((word) => word.replaceAll('"', ''));
    return match[0].startsWith('npm start') ? ['start', ...args] : args;
  });
}

describe('the README', () => {
  let state: string;
  beforeAll(() => {
    state = mkdtempSync(join(tmpdir(), 'perpsbot-readme-'));
    // What the commands write beside the sample is written here, not into the checkout.
    symlinkSync(resolve('docs'), join(state, 'docs'));
  });
  afterAll(() => rmSync(state, { recursive: true, force: true }));

  const own = commands().filter(([name = '']) => !STEERING.has(name));

  it('shows every command', () => {
    expect(commands().length).toBeGreaterThanOrEqual(13);
  });

  async function told(args: readonly string[]): Promise<string> {
    if (IN_A_PROCESS.has(args[0] ?? '')) {
      const { stdout } = await run(process.execPath, [resolve('dist/launch.js'), ...args], { cwd: state });
      return stdout;
    }
    const here = process.cwd();
    process.chdir(state);
    try {
      const { code, stdout, stderr } = await perpsbotNow(...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr });
      return stdout;
    } finally {
      process.chdir(here);
    }
  }

  // One after another, as somebody reads the page: the bot of the first one has left its state to the next.
  it.each(own.map((args, index) => ({ index, shown: args.join(' '), args })))(
    'names a command that works where the bot never ran before the page: $index $shown',
    async ({ args }) => {
      const text = await told(args);
      expect(text.length).toBeGreaterThan(0);
      // The bot of the first command holds a position of its made-up market, of which no other may tell.
      if (args[0] === 'paper' || args[0] === 'start') expect(text).toMatch(/Equity +10,000\.00 -> /);
    },
  );

  it('stops a running bot, shows what it holds, and lets it go on, by the commands as they stand there', async () => {
    const directory = join(state, 'steered');
    const bot = new Running([resolve('dist/launch.js'), 'start', '--speed', '20', '--state', directory]);
    try {
      await bot.until(
        'it ran',
        () => existsSync(join(directory, 'control.json')) && existsSync(join(directory, 'health.json')),
      );
      const steering = commands().filter(([name = '']) => STEERING.has(name));
      expect(steering.map(([name]) => name)).toEqual(['status', 'halt', 'resume']);
      for (const args of steering) {
        const { stdout } = await run(process.execPath, [resolve('dist/launch.js'), ...args, '--state', directory]);
        expect(stdout).toContain(args[0] === 'halt' ? 'confirmed by the venue' : 'NORMAL');
      }
    } finally {
      await bot.end();
    }
  });
});
