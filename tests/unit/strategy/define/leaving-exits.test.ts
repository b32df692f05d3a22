import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { testBot, type TestBot } from '#di/testing.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import { defineStrategy, limit, type BarContext } from '#src/services/strategy/define/index.js';
import { FakeBroker } from '#src/testing/fake-broker.js';

const PERP = 'BTC-PERP';
const why = 'the test says so';

/** Rests a long at the first bar and wants a short at the second: the long must be gone before. */
const turns = (tickets: OrderTicket[]): StrategyDefinition => {
  let bar = 0;
  return defineStrategy({
    name: 'turns',
    onBar({ long, short }: BarContext<unknown>) {
      bar += 1;
      if (bar === 1) long({ why, quantity: 0.01, stop: 40_000, entry: limit(48_000) });
      if (bar === 2) tickets.push(short({ why, quantity: 0.01, stop: 60_000, entry: limit(52_000) }));
    },
  });
};

let bot: TestBot | undefined;
afterEach(async () => {
  await bot?.stop();
  bot = undefined;
});

/** The venue says nothing to the end of what is in the way; bars of ten minutes. */
async function waiting(): Promise<{ readonly broker: FakeBroker; readonly ticket: OrderTicket }> {
  const tickets: OrderTicket[] = [];
  const broker = new FakeBroker();
  const config = { updateInterval: '10m', strategy: { enableShorts: true } };
  bot = await testBot({ strategies: [turns(tickets)], broker, config }).open();
  await bot.cycle({ [PERP]: 50_000 });
  broker.always('cancelOrder', { requested: true });
  await bot.cycle();
  const [ticket] = tickets;
  if (ticket === undefined) throw new Error('A short must have been asked for.');
  return { broker, ticket };
}

describe('an entry that waits for what is in its way', () => {
  it('waits half a minute for a venue that is silent, however long a bar is', async () => {
    const { broker, ticket } = await waiting();
    await bot?.advance(29_000);
    expect(ticket.status).toBe('planned');
    await bot?.advance(1_000);
    expect(ticket).toMatchObject({ status: 'expired', reason: 'exits_leaving' });
    broker.end(broker.lastPlaced, 'cancelled');
    await bot?.cycle();
    expect(broker.placed.map(({ side }) => side)).toEqual(['buy']);
  });

  it('is sent as soon as the way is free', async () => {
    const { broker, ticket } = await waiting();
    await bot?.advance(20_000);
    broker.end(broker.lastPlaced, 'cancelled');
    await bot?.advance(1);
    expect(ticket.status).toBe('open');
    // Nothing is in its way that has a time.
    await bot?.advance(15_000);
    expect(broker.placed.map(({ side }) => side)).toEqual(['buy', 'sell']);
    expect(ticket.status).toBe('open');
  });
});
