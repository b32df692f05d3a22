import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createBot, defineStrategy, LogOutput } from 'perpsbot';
import { parse } from 'yaml';
import { Decimal } from '#src/domain/decimal.js';
import { HostClock } from '#src/ports/configuration/clock.js';
import { HostScheduler } from '#src/ports/configuration/scheduler.js';
import { HttpClient, type HttpAnswer, type HttpRequest } from '#src/ports/transport/http-client.js';
import { SocketClient, type SocketSink } from '#src/ports/transport/socket-client.js';
import { TransportError } from '#src/ports/transport/transport-error.js';
import { perpsbotNow } from '../../../support/command-line.js';
import { level, NOW, Scene } from '../../../unit/wire/binance-usdm/scene.js';

const CANARY = { key: 'canary-key-of-the-account-4711', secret: 'canary-secret-of-the-account-0815' };
const PAGE = readFileSync('docs/venue-simulator.md', 'utf8');
const DIRECTORY = resolve('.cache/canary-live');
const STATE = join(DIRECTORY, 'state');
const STEP_MS = 100;
const WARM_MS = 20_000;
/** Of each kind of request every third answer is spoilt. */
const EVERY = 3;

const strategy = defineStrategy({
  name: 'canary',
  timeframe: '1m',
  setup: () => ({}),
  every: {
    '2s'({ long, flat, position, mark }) {
      if (position.isFlat) long({ why: 'in', quantity: new Decimal('0.01'), stop: Math.round(mark * 0.99) });
      else flat('out');
    },
  },
  onBar() {},
});

class CanaryScene extends Scene {
  override readonly keys = [CANARY];
}

/** Whatever was asked comes back in what cannot be believed. */
const SPOILT: readonly ((told: string) => HttpAnswer | Error)[] = [
  (told) => json(401, { code: -1022, msg: `Signature for this request is not valid. ${told}` }),
  (told) => json(400, { code: -1102, msg: `Mandatory parameter was not sent: ${told}` }),
  (told) => ({ status: 502, headers: new Map(), body: `<html>${told}</html>` }),
  (told) => ({ status: 200, headers: new Map(), body: `<html>${told}</html>` }),
  (told) => json(200, { what: told }),
  (told) => ({ status: 200, headers: new Map(), body: `{"listenKey": ${JSON.stringify(told)}` }),
  (told) => json(503, { code: -1007, msg: `Timeout waiting for response: ${told}` }),
  (told) => new TransportError(`no answer: ${told}`, 'maybe'),
  (told) => json(400, { code: -2010, msg: told }),
];
const json = (status: number, body: unknown): HttpAnswer => ({
  ...{ status, headers: new Map() },
  body: JSON.stringify(body),
});

const at = new CanaryScene();
const sent: HttpRequest[] = [];
const sockets: string[] = [];
const listenKeys = new Set<string>();
let log = '';
let isSpoiling = false;

/** Each kind of request has its turns. */
const turns = new Map<string, number>();
const http: HttpClient = {
  request: async (request) => {
    sent.push(request);
    const kind = `${request.method} ${new URL(request.url).pathname}`;
    const turn = (turns.get(kind) ?? 0) + 1;
    turns.set(kind, turn);
    const told = `${request.method} ${request.url} ${JSON.stringify(request.headers)} {"listenKey":"${[...listenKeys].join()}"}`;
    if (isSpoiling && turn % EVERY === 0) {
      const answer = (SPOILT[(turn / EVERY + kind.length) % SPOILT.length] as (typeof SPOILT)[number])(told);
      if (answer instanceof Error) throw answer;
      return answer;
    }
    const answer = await at.network.request(request);
    const [, key] = /"listenKey":"([^"]+)"/.exec(answer.body) ?? [];
    if (key !== undefined) listenKeys.add(key);
    return answer;
  },
  close: () => at.network.close(),
};
const spoilt: ((text: string) => void)[] = [];
const wire: SocketClient = {
  open: (url, options, sink) => {
    sockets.push(url);
    const heard: SocketSink = {
      ...sink,
      message: (text) => sink.message(text),
      closed: (code, why) => sink.closed(code, why),
    };
    spoilt.push((text) => sink.message(text));
    return at.network.open(url, options, heard);
  },
};

/** Files are read in the host's time, however long a busy machine takes for it: the world waits for them. */
const read = async (): Promise<void> => {
  do await new Promise((turn) => setImmediate(turn));
  while (process.getActiveResourcesInfo().some((each) => each.startsWith('FSReq')));
};

const step = async (ms: number): Promise<void> => {
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    await read();
    await at.scheduler.advance(STEP_MS);
  }
  await read();
};

/** What it comes to, while time passes. */
async function within<T>(promise: Promise<T>): Promise<T> {
  let isDone = false;
  const done = promise.finally(() => (isDone = true));
  done.catch(() => undefined);
  for (let passed = 0; !isDone && passed < 300_000; passed += STEP_MS) await step(STEP_MS);
  return done;
}

beforeAll(async () => {
  rmSync(DIRECTORY, { recursive: true, force: true });
  mkdirSync(DIRECTORY, { recursive: true });
  for (const [name, text] of [
    ['api-key', CANARY.key],
    ['api-secret', CANARY.secret],
  ] as const) {
    writeFileSync(join(DIRECTORY, name), text);
    chmodSync(join(DIRECTORY, name), 0o600);
  }
  await at.serve();
  at.btc.show([level('50000', '20')], [level('50003', '15')], NOW);
  at.btc.value(level('50001', '1').price, level('50001', '1').price, NOW);
  const block = /```yaml\n# live.yaml\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? '';
  const yaml = block.replaceAll('127.0.0.1:8790', at.host).replaceAll(/file: (api-\w+)/g, `file: ${DIRECTORY}/$1`);
  writeFileSync(join(DIRECTORY, 'live.yaml'), yaml);
  const written = parse(yaml) as { readonly risk: object };
  const bot = createBot({
    config: {
      ...written,
      risk: { ...written.risk, ordersPerMinute: 600, maxUnattendedEntries: 1_000 },
      strategy: { name: strategy.name },
      storage: { driver: 'sqlite', directory: STATE },
      logging: { level: 'debug' },
    },
    strategies: [strategy],
    overrides: (container) => {
      container.rebind(HttpClient).toConstantValue(http);
      container.rebind(SocketClient).toConstantValue(wire);
      container.rebind(HostClock).toConstantValue({ wall: () => at.clock.now(), monotonic: () => at.clock.now() });
      container.rebind(HostScheduler).toConstantValue(at.scheduler);
      container.rebind(LogOutput).toConstantValue({ write: (line) => void (log += `${line}\n`), dropped: 0 });
    },
  });
  await within(bot.start());
  await step(WARM_MS);
  isSpoiling = true;
  for (let part = 0; part < 12; part += 1) {
    await step(5_000);
    for (const say of spoilt)
      for (const told of [
        `${[...listenKeys].join()} ${CANARY.key}`,
        `{"e":"x","listenKey":"${[...listenKeys].join()}"}`,
      ])
        say(told);
  }
  isSpoiling = false;
  await within(bot.stop());
}, 120_000);
afterAll(() => rmSync(DIRECTORY, { recursive: true, force: true }));

const signatures = (): string[] => sent.flatMap(({ url }) => /signature=([0-9a-f]{64})/.exec(url)?.[1] ?? []);
const leaksIn = (text: string): string[] => {
  const canaries = [CANARY.key, CANARY.secret, ...listenKeys, ...signatures()];
  return canaries
    .filter((each) => text.includes(each))
    .map((each) => {
      const from = text.indexOf(each);
      return text.slice(Math.max(0, from - 200), from + 80);
    });
};

describe('what a live bot knows of its key, through answers that echo it', () => {
  it('has met each of them, and traded', () => {
    expect(signatures().length).toBeGreaterThan(50);
    expect(listenKeys.size).toBeGreaterThan(0);
    expect(sent.filter(({ method, url }) => method === 'POST' && /order/i.test(url)).length).toBeGreaterThan(3);
    for (const word of ['-1022', '502', 'Timeout']) expect(log).toContain(word);
  });

  it('is in no line of its log, and no file it keeps', () => {
    expect(leaksIn(log)).toEqual([]);
    const files = readdirSync(STATE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(1);
    for (const { name, parentPath } of files)
      expect([name, leaksIn(readFileSync(join(parentPath, name), 'latin1'))]).toEqual([name, []]);
  });

  it.each(['status', 'explain', 'journal tail --last 500', 'doctor', 'journal export', 'health'])(
    'is in nothing that %s says',
    async (line) => {
      const config = line === 'doctor' ? ['--config', join(DIRECTORY, 'live.yaml')] : [];
      const { stdout, stderr } = await perpsbotNow(...line.split(' '), ...config, '--state', STATE);
      expect(leaksIn(`${stdout}${stderr}`)).toEqual([]);
      expect(`${stdout}${stderr}`.length).toBeGreaterThan(10);
    },
  );

  it('is in no request but its own: the secret in none, the key in a header of those that need it', () => {
    const own = new URL(`http://${at.host}`).host;
    const text = sent.map(({ method, url, body }) => `${method} ${url} ${body ?? ''}`).join('\n');
    expect([...sent.map(({ url }) => url), ...sockets].filter((url) => new URL(url).host !== own)).toEqual([]);
    expect([text.includes(CANARY.secret), text.includes(CANARY.key), sockets.join().includes(CANARY.key)]).toEqual([
      ...[false, false, false],
    ]);
    expect([...listenKeys].filter((key) => text.includes(key))).toEqual([]);
    for (const { url, headers = {} } of sent) {
      const isSigned = /signature=/.test(url) || url.includes('listenKey');
      expect([url.split('?')[0], JSON.stringify(headers).includes(CANARY.secret)]).toEqual([url.split('?')[0], false]);
      expect([url.split('?')[0], JSON.stringify(headers).includes(CANARY.key)]).toEqual([url.split('?')[0], isSigned]);
    }
  });
});
