import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createBot } from '#di/create-bot.js';
import { Decimal } from '#src/domain/decimal.js';
import type { EventStrategy, Restart } from '#src/ports/strategy/event-strategy.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
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
