import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { WireFault } from '#src/ports/venue/serving/wire-faults.js';
import { Running } from '../../support/processes.js';
import { Operated } from '../operated.js';
import { sessionBytes } from '../recorded-lines.js';
import { brokenIn, VenueSide } from './venue-side.js';

const MAX_NOTIONAL = 2_000;
/** A bot that is well again says so within two minutes. */
const HEALED_MS = 120_000;
const HALTED_MS = 8_000;

export interface LiveSockets {
  /** What goes wrong on the way, seldom. */
  readonly faults: readonly WireFault[];
  readonly chance: number;
  readonly ms: number;
}

export interface LiveSocketsFigures {
  readonly orders: number;
  readonly fills: number;
  readonly longestBareMs: number;
  readonly healedMs: number;
}

/** In and out every two seconds with a stop, as long as there is a market. */
const STRATEGY = readFileSync('tests/simulation/wire/live-strategy.mjs', 'utf8');
/** A limit of a day would end the drill, and is another test's. */
const LOOSE = [
  ['ordersPerMinute: 30', 'ordersPerMinute: 600'],
  ['maxUnattendedEntries: 20', 'maxUnattendedEntries: 100000'],
  ['dailyLossLimit: 100 USDT', 'dailyLossLimit: 5000 USDT'],
  ['maxDrawdown: 5%', 'maxDrawdown: 50%'],
] as const;

/**
 * A live bot in a process of its own trades over sockets on a server that plays the recorded session at its pace, on a
 * way on which things go wrong. What must hold is looked at from the venue's side, at every order and ten times a
 * second; then the way is mended, the bot agrees with its venue, is halted, and sends nothing more.
 */
export async function liveOverSockets(name: string, { faults, chance, ms }: LiveSockets): Promise<LiveSocketsFigures> {
  const file = join('.cache', `${name}.ndjson`);
  writeFileSync(file, sessionBytes());
  const names = [...faults];
  let state = '';
  const side = new VenueSide(MAX_NOTIONAL, () => state);
  const change = (yaml: string): string =>
    LOOSE.reduce((text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`${from} must stand on the page, and does not`);
      return text.replace(from, to);
    }, yaml);
  const more = { market: { from: 'session', file } as const, faults: { names, chance, seed: 1 } };
  const at = await Operated.serve(name, change, {}, more);
  state = at.state;
  at.write('strategy.mjs', STRATEGY);
  const config = ['--config', join(at.directory, 'live.yaml'), '--state', at.state];
  const bot = new Running([
    ...['dist/launch.js', 'start', ...config, '--strategy', join(at.directory, 'strategy.mjs'), '--json'],
  ]);
  const said = (): string => `${bot.stdout}${bot.stderr}`;
  try {
    await Promise.race([bot.exited, new Promise((done) => setTimeout(done, ms))]);
    if (bot.isOver) throw new Error(said().slice(-3_000));
    names.length = 0;
    const healedMs = await agreed(at);
    const halted = await at.perpsbot('halt', '--reason', 'the drill is over');
    expect([halted.code, halted.stderr]).toEqual([0, '']);
    const haltedAt = Date.now();
    await new Promise((done) => setTimeout(done, HALTED_MS));
    expect(side.entered.filter((order) => order.at > haltedAt && !order.protects)).toEqual([]);
    expect((await at.perpsbot('status')).data).toMatchObject({ state: 'HALTED', reason: 'the drill is over' });
    bot.send('SIGINT');
    const { code } = await bot.exited;
    expect([code, code === 0 ? '' : said().slice(-3_000)]).toEqual([0, '']);
    expect((await at.perpsbot('journal', 'verify')).code).toBe(0);
    const trades = side.trades();
    expect([...side.problems, ...brokenIn(at.state, side)]).toEqual([]);
    side.account.books.assertConsistent();
    expect(/test-secret|unhandled/i.test(said())).toBe(false);
    expect(readFileSync(join(at.state, 'journal.db')).includes('test-secret')).toBe(false);
    const { longestBareMs } = side;
    return { orders: side.entered.length, fills: trades.size, longestBareMs, healedMs };
  } finally {
    side.close();
    await bot.end();
    await at.close();
  }
}

/** How long it took until bot and venue differ in nothing. */
async function agreed(at: Operated): Promise<number> {
  const since = performance.now();
  let told = '';
  while (performance.now() - since < HEALED_MS) {
    const { code, stdout } = await at.perpsbot('reconcile');
    if (code === 0) return performance.now() - since;
    told = stdout;
    await new Promise((done) => setTimeout(done, 1_000));
  }
  throw new Error(`bot and venue must agree within ${HEALED_MS} ms, and do not: ${told}`);
}
