import 'reflect-metadata';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pico from 'picocolors';
import {
  createBot,
  EventStore,
  Lifecycle,
  LogOutput,
  Logger,
  SafetyLadder,
  StatusSource,
  VenueCredentials,
  type BotContainer,
  type VenueKey,
} from 'perpsbot';
import { fault } from '#src/domain/errors.js';
import { describeError } from '#src/cli/errors.js';

const KEY = 'canary-key-8f31c2a97d';
const SECRET = 'canary-"secret"-5c77b0e9a1';
const VARIABLES = { PERPSBOT_VENUE_API_KEY: KEY, PERPSBOT_VENUE_API_SECRET: SECRET };
/** As it is, as JSON has it, as an address has it, as Base64 has it. */
const FORMS = [KEY, SECRET].flatMap((text) => [
  text,
  JSON.stringify(text).slice(1, -1),
  encodeURIComponent(text),
  Buffer.from(text).toString('base64'),
]);

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'perps-canary-'));
  Object.assign(process.env, VARIABLES);
});
afterAll(() => {
  for (const name of Object.keys(VARIABLES)) Reflect.deleteProperty(process.env, name);
  rmSync(root, { recursive: true, force: true });
});

/** Says everything it knows, everywhere it can. */
function spill(container: BotContainer, key: VenueKey): void {
  const words = `${key.apiKey.reveal()} ${key.apiSecret.reveal()}`;
  const odd = { words, key, map: new Map([[words, key]]), error: new Error(words), url: encodeURIComponent(words) };
  const logger = container.get(Logger);
  for (const level of ['error', 'warn', 'info', 'debug'] as const) logger[level](`${level}: ${words}`, odd);
  container
    .get(EventStore)
    .append('spilt', { words, deep: [{ words: JSON.stringify({ words }) }], key: String(key.apiKey) });
  void container.get(SafetyLadder).tighten('REDUCE_ONLY', words);
}

async function leakyRun(directory: string, ending: (words: string) => void): Promise<{ log: string; error: unknown }> {
  let log = '';
  const bot = createBot({
    config: {
      profile: 'demo',
      simulation: { seed: 1, speed: 'max' },
      storage: { driver: 'sqlite', directory },
      logging: { level: 'debug' },
    },
    overrides: (container) => {
      let words = '';
      container.rebind(LogOutput).toConstantValue({ write: (line) => void (log += line), dropped: 0 });
      container.bind(StatusSource).toConstantValue({ name: 'leaky', status: () => ({ words, list: [words] }) });
      container.bind(Lifecycle).toConstantValue({
        name: 'leaky',
        start: async () => {
          const key = await container.get(VenueCredentials).read('live');
          spill(container, key);
          words = `${key.apiKey.reveal()} ${key.apiSecret.reveal()}`;
          ending(words);
        },
        stop: () => {
          if (words !== '') throw new Error(`not stopped: ${words}`);
        },
      });
    },
  });
  const error = await bot.run({ cycles: 2 }).catch((thrown: unknown) => thrown);
  await bot.stop();
  return { log, error };
}

const filesOf = (directory: string): string =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');

const leaks = (shown: string): string[] => FORMS.filter((form) => shown.includes(form));

describe('a canary secret that a part of the bot says everywhere (I-21, SE-06)', () => {
  it('is in no line of the log, no record, no status', async () => {
    const directory = join(root, 'runs');
    const { log } = await leakyRun(directory, () => undefined);
    const kept = filesOf(directory);
    expect(log).toContain('debug: [redacted] [redacted]');
    expect([kept.includes('"words":"[redacted] [redacted]"'), kept.includes('[secret]')]).toEqual([true, true]);
    expect(leaks(log)).toEqual([]);
    expect(leaks(kept)).toEqual([]);
  });

  it.each([
    [
      'of ours',
      (words: string) => fault('VENUE-004', words, { where: words, why: words, fix: words, cause: new Error(words) }),
    ],
    [
      'of several problems',
      (words: string) => fault('CFG-006', words, { problems: [{ code: 'CFG-006', message: words, fix: words }] }),
    ],
    ['of a library', (words: string) => new TypeError(words, { cause: words })],
    ['that cannot be changed', (words: string) => Object.freeze(new Error(words))],
  ])('is in no error %s that ends it, and not in what the journal says of it', async (name, made) => {
    const directory = join(root, name.replaceAll(' ', '-'));
    const { log, error } = await leakyRun(directory, (words) => {
      throw made(words);
    });
    const told = describeError(error, pico.createColors(false), true) + inspect(error, { depth: 9, showHidden: true });
    expect(told).toContain('[redacted]');
    expect(filesOf(directory).includes('"during":"start"')).toBe(true);
    expect(leaks(told + log + filesOf(directory))).toEqual([]);
  });
});
