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
const IN_A_PROCESS = new Set(['start', 'paper', 'journal', 'optimize']);

/** Given again in the same folder, these meet what they have left there. */
const MEETS_ITSELF = new Set(['start', 'paper', 'data', 'backtest', 'optimize', 'walk-forward']);

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

  /** What each command said first. */
  const first = new Map<string, string>();

  async function told(args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await said(args);
    // Who follows the page has done nothing wrong, and no line of a bot says otherwise.
    if (args[0] === 'paper') expect(`${stdout}\n${stderr}`).toContain('Starting profile=demo');
    expect(`${stdout}\n${stderr}`).not.toMatch(/ ERROR |✗/u);
    return stdout;
  }

  async function said(args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
    if (IN_A_PROCESS.has(args[0] ?? ''))
      return run(process.execPath, [resolve('dist/launch.js'), ...args], { cwd: state });
    const here = process.cwd();
    process.chdir(state);
    try {
      const { code, stdout, stderr } = await perpsbotNow(...args);
      expect({ code, stderr }).toEqual({ code: 0, stderr });
      return { stdout, stderr };
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
      first.set(args.join(' '), text);
      // The bot of the first command holds a position of its made-up market, of which no other may tell.
      if (args[0] === 'paper' || args[0] === 'start') expect(text).toMatch(/Equity +10,000\.00 -> /);
    },
  );

  it.each(own.filter(([name = '']) => MEETS_ITSELF.has(name)).map((args) => ({ shown: args.join(' '), args })))(
    'names a command that works a second time in the same folder: $shown',
    async ({ shown, args }) => {
      const text = await told(args);
      const [name] = args;
      // Each goes on with its own account: the bot over the made-up market from where it stood, the one over the
      // recording at its end, where nothing is left to trade.
      if (name === 'start') expect(text).toMatch(/mark (?:4|50)\d+[^]*Equity +9,99\d\.\d\d -> 9,9\d\d\.\d\d/);
      else if (name === 'paper') expect(text).toMatch(/Orders +0 [^]*Fees +0\.00[^]*Net +0\.00/);
      else if (name === 'data') expect(text).toContain('imported before; nothing to do');
      else expect(text).toBe(first.get(shown));
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
