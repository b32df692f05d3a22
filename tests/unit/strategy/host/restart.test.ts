import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createBot } from '#di/create-bot.js';
import { Decimal } from '#src/domain/decimal.js';
import { isTerminal } from '#src/domain/order-state.js';
import type { Order } from '#src/domain/order.js';
import { OrderLog } from '#src/ports/core-services/execution.js';
import type { EventStrategy, Restart } from '#src/ports/strategy/event-strategy.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { defineStrategy, limit, r, type BarContext } from '#src/services/strategy/define/index.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'perpsbot-events-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** One life of a bot on the generated market. */
async function life(handlers: Partial<EventStrategy>, onShutdown: 'keep' | 'protect'): Promise<void> {
  const bot = createBot({
    config: {
      profile: 'demo',
      symbols: ['BTC-PERP'],
      strategy: { name: 'patient' },
      execution: { onShutdown },
      storage: { directory },
      logging: { level: 'error' },
      simulation: { speed: 'max', seed: 7 },
    },
    strategies: [
      eventStrategy({
        name: 'patient',
        parameters: [],
        create: (_settings, symbols) => ({
          name: 'patient',
          needs: { symbols, timeframes: [] },
          snapshot: () => ({ seen: 1 }),
          restore: () => undefined,
          ...handlers,
        }),
      }),
    ],
  });
  await bot.run({ cycles: 5 });
}

/** Asks for a bid so far away that it only rests. */
function bid(desk: StrategyDesk): OrderTicket | undefined {
  const mark = desk.mark('BTC-PERP');
  if (mark === undefined) return undefined;
  const instrument = desk.instrument('BTC-PERP');
  const limit = instrument.toTicks(instrument.markPrice(mark).times(0.7), 'floor');
  const size = instrument.toLots(new Decimal('0.01'), 'floor');
  return desk.place({
    ...{ instrument, side: 'buy', type: 'limit', limit, lots: size, role: 'entry' },
    ...{ tag: 'bid', why: 'patience', values: { far: 0.7 } },
  });
}

describe('a restart', () => {
  it('finds what rests by its tag, and a number that was used is not used again', async () => {
    await life(
      {
        onStep: (desk) => {
          if (desk.find('bid') === undefined) bid(desk);
        },
      },
      'keep',
    );
    let restart: Restart | undefined;
    const ids: string[] = [];
    await life(
      {
        onStart(desk, given) {
          restart = given;
          ids.push(desk.find('bid')?.id ?? 'none');
          desk.cancelAll({ tag: 'bi*' }, 'another life');
        },
        onStep(desk) {
          if (desk.open().length === 0) ids.push(bid(desk)?.id ?? 'no mark');
        },
      },
      'protect',
    );
    expect(restart?.orders.map(({ tag, why, id, role, limit }) => ({ tag, why, id, role, limit }))).toEqual([
      { tag: 'bid', why: 'patience', id: 'patient@BTC-PERP/bid/1', role: 'entry', limit: expect.any(Number) },
    ]);
    expect(ids).toEqual(['patient@BTC-PERP/bid/1', 'patient@BTC-PERP/bid/2']);
  });

  it('begins with nothing in hand where entries were withdrawn', async () => {
    await life(
      {
        onStep: (desk) => {
          if (desk.find('bid') === undefined) bid(desk);
        },
      },
      'protect',
    );
    let restart: Restart | undefined;
    const ids: string[] = [];
    await life(
      {
        onStart: (_desk, given) => void (restart = given),
        onStep: (desk) => {
          if (ids.length === 0) ids.push(bid(desk)?.id ?? 'no mark');
        },
      },
      'protect',
    );
    expect(restart).toBeUndefined();
    expect(ids).toEqual(['patient@BTC-PERP/bid/2']);
  });
});

/** What is known of the orders of one life when it has ended. */
interface Known {
  readonly open: readonly string[];
  readonly ended: readonly string[];
}

/** One life of a short strategy on the generated market; asks once, on its first bar. */
async function shortLife(
  ask: ((context: BarContext<unknown>) => void) | undefined,
  onShutdown: 'keep' | 'protect',
  { onRestart = 'cancel', cycles = 5 }: { readonly onRestart?: 'keep' | 'cancel'; readonly cycles?: number } = {},
): Promise<Known> {
  const bot = createBot({
    config: {
      profile: 'demo',
      symbols: ['BTC-PERP'],
      strategy: { name: 'short-one' },
      execution: { onShutdown },
      storage: { directory },
      logging: { level: 'error' },
      simulation: { speed: 'max', seed: 7 },
    },
    strategies: [
      defineStrategy({
        name: 'short-one',
        onRestart,
        setup: () => ({ seen: { asked: false } }),
        onBar(context, { seen }) {
          if (!seen.asked) ask?.(context);
          seen.asked = true;
        },
      }),
    ],
  });
  const log = bot.container.get(OrderLog);
  const ended: string[] = [];
  log.onChange((order, previous) => {
    if (isTerminal(order.status) && !(previous !== undefined && isTerminal(previous.status)))
      ended.push(`${tagOf(order)} ${order.status}`);
  });
  await bot.run({ cycles });
  return { open: log.open().map(lineOf).sort(), ended: ended.sort() };
}

const tagOf = ({ origin, request }: Order): string => origin?.asked?.tag ?? (request.reduceOnly ? 'stop' : 'decision');
const lineOf = (order: Order): string => {
  const { side, lots, price, stopPrice } = order.request;
  return `${tagOf(order)} ${side} ${lots} ${(price ?? stopPrice)?.toString() ?? 'market'}`;
};

describe('a restart of the short form', () => {
  const ladder = ({ bar, long }: BarContext<unknown>): OrderTicket =>
    long({
      ...{ why: 'the test says so', quantity: 0.02, stop: Math.round(bar.close * 0.8) },
      takeProfit: [{ at: r(1), share: '50%' }, { at: Math.round(bar.close * 1.5) }],
    });
  const waiting = ({ bar, long }: BarContext<unknown>): OrderTicket =>
    long({
      ...{ why: 'the test says so', quantity: 0.02, stop: Math.round(bar.close * 0.5) },
      entry: limit(Math.round(bar.close * 0.7), { timeout: '30s' }),
    });

  it('goes on with a ladder whose rungs rest: none is sent twice, none is lost', async () => {
    const first = await shortLife(ladder, 'keep');
    expect(first.open.map((line) => line.split(' ')[0])).toEqual(['stop', 'take_profit.1', 'take_profit.2']);
    const second = await shortLife(undefined, 'keep');
    expect(second).toEqual({ open: first.open, ended: [] });
  });

  it('rests the rungs again that a stop in order has withdrawn, at the same prices', async () => {
    const first = await shortLife(ladder, 'keep');
    const stopped = await shortLife(undefined, 'protect');
    expect(stopped.open.map((line) => line.split(' ')[0])).toEqual(['stop']);
    expect((await shortLife(undefined, 'keep')).open).toEqual(first.open);
  });

  it('takes entries of before back, unless they are to be kept: then their time goes on', async () => {
    const first = await shortLife(waiting, 'keep');
    expect(first.open.map((line) => line.split(' ')[0])).toEqual(['entry.long', 'stop']);
    expect(await shortLife(undefined, 'keep', { onRestart: 'keep', cycles: 2 })).toEqual({ ...first, ended: [] });
    const third = await shortLife(undefined, 'keep', { onRestart: 'keep', cycles: 40 });
    expect(third).toEqual({ open: [], ended: ['entry.long cancelled', 'stop cancelled'] });
    await shortLife(waiting, 'keep');
    expect((await shortLife(undefined, 'keep')).ended).toEqual(['entry.long cancelled', 'stop cancelled']);
  });
});
