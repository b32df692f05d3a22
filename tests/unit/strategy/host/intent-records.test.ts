import 'reflect-metadata';
import { afterEach, describe, expect, it } from '@jest/globals';
import { testBot, type TestBot } from 'perpsbot/testing';
import { Decimal } from '#src/domain/decimal.js';
import type { OrderRequest } from '#src/domain/order.js';
import { lots } from '#src/domain/units.js';
import { swap } from '#di/testing/swap.js';
import { EventStore, type Payload } from '#src/ports/storage/event-store.js';
import type { Intent } from '#src/ports/strategy/intent.js';
import type { EventStrategy } from '#src/ports/strategy/event-strategy.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { defineStrategy, limit, r } from '#src/services/strategy/define/index.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { FakeEventStore } from '../../../support/memory-event-store.js';

const PERP = 'BTC-PERP';
const MINUTE = 60_000;

let made: TestBot[] = [];
afterEach(async () => {
  await Promise.all(made.map((bot) => bot.stop()));
  made = [];
});

interface Life {
  readonly bot: TestBot;
  readonly broker: FakeBroker;
  readonly journal: FakeEventStore;
}

async function life(
  definition: Parameters<typeof testBot>[0],
  journal: FakeEventStore = new FakeEventStore(),
): Promise<Life> {
  const broker = new FakeBroker();
  const bot = testBot({ ...definition, broker, overrides: (container) => swap(container, EventStore, journal) });
  made.push(bot);
  return { bot: await bot.open(), broker, journal };
}

const byEvents = (handlers: Partial<EventStrategy>): Parameters<typeof testBot>[0] => ({
  strategies: [
    eventStrategy({
      name: 'asker',
      parameters: [],
      create: (_settings, symbols) => ({
        name: 'asker',
        needs: { symbols, timeframes: [] },
        snapshot: () => undefined,
        restore: () => undefined,
        ...handlers,
      }),
    }),
  ],
});

const ask = (desk: StrategyDesk, tag: string, more: Partial<Intent> = {}): OrderTicket =>
  desk.place({
    ...{ instrument: desk.instrument(PERP), side: 'buy', type: 'market', lots: lots(10), role: 'entry', tag },
    ...{ why: `for ${tag}`, ...more },
  });

const at = (desk: StrategyDesk, price: number): NonNullable<Intent['limit']> =>
  desk.instrument(PERP).toTicks(new Decimal(price), 'nearest');

/** The intent of an order. */
const intentOf = (journal: FakeEventStore, { clientId }: OrderRequest, isChange: boolean): Payload | undefined =>
  journal
    .payloads('strategy_intent')
    // A venue that changes no orders is sent another in its place.
    .find((payload) => (isChange ? payload['verb'] === 'amend' : payload['client_id'] === clientId));

/** Acts once, at the step of a number that counts from 1. */
const atSteps = (...acts: readonly ((desk: StrategyDesk) => unknown)[]): Partial<EventStrategy> => {
  let step = 0;
  return { onStep: (desk) => void acts[step++]?.(desk) };
};

describe('what a strategy by events asks for', () => {
  it('stands in the journal before the record of its order, with who asked, why and what was seen', async () => {
    const { bot, broker, journal } = await life(
      byEvents(atSteps((desk) => ask(desk, 'in', { values: { strength: 2.5 } }))),
    );
    await bot.cycle({ [PERP]: 50_000 });
    expect(journal.payloads('strategy_intent')).toEqual([
      {
        ...{
          instance: 'asker@BTC-PERP',
          symbol: PERP,
          handler: 'onStep',
          instant: expect.any(Number) as unknown as number,
        },
        ...{ mark: '50000', position: '0', verb: 'place', client_id: broker.lastPlaced.clientId },
        ...{ tag: 'in', nth: 1, role: 'entry', side: 'buy', order_type: 'market', quantity: '0.01' },
        ...{ why: 'for in', values: { strength: 2.5 } },
      },
    ]);
    const types = journal.events.map(({ type }) => type);
    expect(types.indexOf('strategy_intent')).toBeLessThan(types.indexOf('order'));
    expect(types.indexOf('strategy_intent')).toBeGreaterThan(-1);
  });

  it('was written before the first byte left, however it was asked: orders, lists, changes, ends, the rest of a close', async () => {
    const journal = new FakeEventStore();
    const seen: boolean[] = [];
    let bid: OrderTicket | undefined;
    const { bot, broker } = await life(
      byEvents(
        atSteps(
          (desk) => ask(desk, 'in'),
          (desk) => (bid = ask(desk, 'bid', { type: 'limit', limit: at(desk, 48_000) })),
          (desk) =>
            desk.placeList({
              kind: 'batch',
              intents: [52_000, 53_000].map((price, index) => ({
                ...{
                  instrument: desk.instrument(PERP),
                  side: 'sell',
                  type: 'limit',
                  lots: lots(5),
                  limit: at(desk, price),
                },
                ...{ role: 'take_profit', reduceOnly: true, tag: `out.${index}`, why: 'enough' },
              })),
            }),
          (desk) => bid !== undefined && desk.amend(bid, { limit: at(desk, 48_500), why: 'nearer' }),
          (desk) => bid !== undefined && desk.cancel(bid, 'no more'),
          (desk) => desk.close(PERP, { why: 'done', values: { score: 1 } }),
        ),
      ),
      journal,
    );
    for (let step = 0; step < 6; step += 1) {
      const before = broker.placed.length;
      await bot.cycle({ [PERP]: 50_000 + step });
      if (step === 0) broker.fill(broker.lastPlaced);
      for (const request of broker.placed.slice(before))
        seen.push(intentOf(journal, request, step === 3) !== undefined);
    }
    await bot.advance(1_000);
    expect(seen.length).toBeGreaterThanOrEqual(4);
    expect(seen.every(Boolean)).toBe(true);
    const said = journal
      .payloads('strategy_intent')
      .map(({ verb, tag, why, limit_price: price }) => [verb, tag, why, ...(price === undefined ? [] : [price])]);
    expect(said).toEqual([
      ['place', 'in', 'for in'],
      ['place', 'bid', 'for bid', '48000'],
      ['place', 'out.0', 'enough', '52000'],
      ['place', 'out.1', 'enough', '53000'],
      ['amend', 'bid', 'nearer', '48500'],
      ['cancel', 'bid', 'no more'],
      ['cancel', 'out.0', 'ended'],
      ['cancel', 'out.1', 'ended'],
      ['place', 'close', 'done'],
    ]);
    expect(journal.payloads('strategy_intent').at(-1)).toMatchObject({ values: { score: 1 }, reduce_only: true });
  });

  it('is no intent where it is turned away: the refusal is written once a minute, with how many were not', async () => {
    const { bot, journal, broker } = await life(
      byEvents({ onStep: (desk) => void ask(desk, 'bad tag!', { values: { n: 1 } }) }),
    );
    for (let minute = 0; minute < 2; minute += 1) {
      for (let cycle = 0; cycle < 3; cycle += 1) await bot.cycle({ [PERP]: 50_000 });
      await bot.advance(MINUTE);
    }
    expect(broker.placed).toEqual([]);
    expect(journal.payloads('strategy_intent')).toEqual([]);
    const refusals = journal.payloads('strategy_refusal');
    expect(refusals[0]).toMatchObject({
      ...{
        check: 'tag',
        reason: expect.stringContaining('A tag must be') as unknown as string,
        verb: 'place',
        suppressed: 0,
      },
      ...{ instance: 'asker@BTC-PERP', handler: 'onStep', why: 'for bad tag!', values: { n: 1 } },
    });
    expect(refusals[0]).not.toHaveProperty('nth');
    expect(refusals.length).toBeGreaterThanOrEqual(2);
    expect(refusals[1]?.['suppressed']).toBeGreaterThanOrEqual(2);
  });

  it('is no intent where risk turns it away, nor where a change is', async () => {
    let bid: OrderTicket | undefined;
    const { bot, journal } = await life(
      byEvents(
        atSteps(
          (desk) => ask(desk, 'huge', { lots: lots(1_000_000_000) }),
          (desk) => (bid = ask(desk, 'bid', { type: 'limit', limit: at(desk, 48_000) })),
          (desk) => bid !== undefined && desk.amend(bid, { lots: lots(1_000_000_000), why: 'more' }),
          (desk) => bid !== undefined && desk.amend(bid, { limit: at(desk, 48_000), why: 'the same' }),
        ),
      ),
    );
    for (let step = 0; step < 4; step += 1) await bot.cycle({ [PERP]: 50_000 });
    expect(journal.payloads('strategy_intent').map(({ verb, tag }) => [verb, tag])).toEqual([['place', 'bid']]);
    expect(journal.payloads('strategy_refusal').map(({ verb, tag }) => [verb, tag])).toEqual([
      ['place', 'huge'],
      ['amend', 'bid'],
    ]);
  });

  it('costs nothing where nothing is kept', async () => {
    const journal = new FakeEventStore();
    Object.assign(journal, { discards: true });
    const { bot, broker } = await life(
      byEvents(
        atSteps(
          (desk) => ask(desk, 'in'),
          (desk) => ask(desk, 'bad tag!'),
        ),
      ),
      journal,
    );
    await bot.cycle({ [PERP]: 50_000 });
    await bot.cycle({ [PERP]: 50_000 });
    expect(broker.placed).toHaveLength(1);
    expect(journal.events.filter(({ type }) => /^strategy_(intent|refusal|hold)$/.test(type))).toEqual([]);
  });
});

describe('what a strategy of the short form asks for', () => {
  it('stands there too, plain entries and closes included, with values and with how it is to be left', async () => {
    let bar = 0;
    const short = defineStrategy({
      name: 'brief',
      timeframe: '1m',
      onBar({ bar: { close }, long, flat, hold }) {
        bar += 1;
        const order = { fraction: '5%', stop: close * 0.9, why: 'up' } as const;
        if (bar === 1) long({ ...order, trail: { by: r(1) }, values: { slope: 3 } });
        else if (bar === 2) long({ ...order, values: { slope: 4 } });
        else if (bar === 3) flat({ why: 'down', values: { slope: -1 } });
        else if (bar === 4)
          long({ ...order, entry: limit(close * 0.99), takeProfit: { at: r(2) }, values: { slope: 5 } });
        else hold('flat enough', { slope: 0.1 });
      },
    });
    const { bot, broker, journal } = await life({ strategies: [short] });
    const seen = new Set<OrderRequest>();
    for (let cycle = 0; cycle < 80; cycle += 1) {
      await bot.cycle({ [PERP]: 50_000 });
      for (const request of broker.placed)
        if (!seen.has(request) && request.stop === undefined && bar < 4) broker.fill(request);
      for (const request of broker.placed) seen.add(request);
    }
    const intents = journal.payloads('strategy_intent').filter(({ role }) => role !== 'stop');
    expect(intents.map(({ verb, role, side, values }) => [verb, role, side, values])).toEqual([
      ['decide', 'entry', 'buy', { slope: 3 }],
      [expect.stringMatching(/decide|place/), 'exit', 'sell', { slope: -1 }],
      ['place', 'entry', 'buy', { slope: 5 }],
    ]);
    expect(intents[0]).toMatchObject({
      ...{ tag: 'entry.long', handler: 'onBar', why: 'up', plan: { stop: '45000', trail: { by: { r: 1 } } } },
      client_id: broker.placed[0]?.clientId,
    });
    expect(intents[2]).toMatchObject({
      plan: { stop: '45000', take_profit: [{ at: { r: 2 } }] },
      limit_price: '49500',
    });
    expect(journal.payloads('strategy_refusal')[0]).toMatchObject({
      ...{ check: 'already', reason: 'Already long: up', values: { slope: 4 }, tag: 'entry.long' },
    });
    expect(journal.payloads('strategy_hold').find(({ why }) => why === 'flat enough')).toMatchObject({
      ...{ values: { slope: 0.1 }, instance: 'brief@BTC-PERP', mark: '50000' },
    });
  });
});
