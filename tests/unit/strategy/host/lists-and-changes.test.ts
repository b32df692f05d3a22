import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { lots, ticks } from '#src/domain/units.js';
import { bars, runStrategy, type StrategyRun, type TestBar } from '#di/testing.js';
import type { EventStrategy } from '#src/ports/strategy/event-strategy.js';
import type { Intent } from '#src/ports/strategy/intent.js';
import type { ChangeAsk, OrderTicket } from '#src/ports/strategy/order-ticket.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const SYMBOL = 'TEST-PERP';
const GRID = { tick: new Decimal(1), step: new Decimal(1), minSize: new Decimal(1) };

type Row = readonly [open: number, high: number, low: number, close: number];
type Act = (desk: StrategyDesk) => void;

/** Acts at the close of bars of a number that counts from 1. */
const over = (
  rows: readonly Row[],
  acts: Readonly<Record<number, Act>>,
  handlers: Partial<EventStrategy> = {},
): Promise<StrategyRun> =>
  runStrategy(
    eventStrategy({
      name: 'scripted',
      parameters: [],
      create: (_settings, symbols) => ({
        name: 'scripted',
        needs: { symbols, timeframes: [{ ms: HOUR, lookback: 1 }] },
        onBar: (bar, desk) => acts[(bar.at - START) / HOUR]?.(desk),
        snapshot: () => undefined,
        restore: () => undefined,
        ...handlers,
      }),
    }),
    {
      bars: bars.ohlc(
        '1h',
        rows.map(([open, high, low, close]): TestBar => ({ open, high, low, close })),
      ),
      instrument: GRID,
    },
  );

const intent = (
  desk: StrategyDesk,
  { size, limit, stop, ...terms }: Partial<Intent> & { readonly size: number; readonly tag: string },
): Intent => ({
  instrument: desk.instrument(SYMBOL),
  why: 'the test says so',
  side: 'buy',
  type: limit === undefined ? (stop === undefined ? 'market' : 'stop_market') : 'limit',
  role: 'entry',
  lots: lots(size),
  ...(limit === undefined ? {} : { limit: ticks(limit) }),
  ...(stop === undefined ? {} : { stop: ticks(stop) }),
  ...terms,
});

const exit = { side: 'sell', reduceOnly: true, role: 'take_profit' } as const;
const told = (run: StrategyRun): readonly string[] =>
  run.orders.map(({ tag, side, size, status }) => `${tag} ${side} ${size} ${status}`);
const filled = (run: StrategyRun): readonly string[] =>
  run.fills.map(({ side, lots: size, price }) => `${side} ${size} @${price}`);
const FLAT: Row = [100, 100, 100, 100];

describe('orders that belong together', () => {
  it('of an oco: the first execution of one ends the others', async () => {
    const run = await over([FLAT, [100, 104, 99, 103], [103, 103, 95, 96]], {
      1: (desk) =>
        void desk.placeList({
          kind: 'oco',
          intents: [
            intent(desk, { size: 3, stop: 102 as never, tag: 'up' }),
            intent(desk, { size: 2, side: 'sell', stop: 98 as never, tag: 'down' }),
          ],
        }),
    });
    expect(told(run)).toEqual(['up buy 3 filled', 'down sell 2 cancelled']);
    expect(filled(run)).toEqual(['buy 3 @102']);
  });

  it('of a bracket: the exits take what the entry has filled, and reduce each other', async () => {
    let entry: OrderTicket | undefined;
    const run = await over([FLAT, FLAT, [100, 111, 99, 110], [110, 110, 89, 90]], {
      1: (desk) => {
        [entry] = desk.placeList({
          kind: 'bracket',
          entry: intent(desk, { size: 10, tag: 'in' }),
          exits: [
            intent(desk, { ...exit, size: 4, limit: 110 as never, tag: 'near' }),
            intent(desk, { ...exit, type: 'stop_market', role: 'stop', size: 10, stop: 90 as never, tag: 'stop' }),
          ],
        });
      },
    });
    expect(filled(run)).toEqual(['buy 10 @100', 'sell 4 @110', 'sell 6 @90']);
    expect(entry?.children.map(({ tag, status }) => `${tag} ${status}`)).toEqual(['near filled', 'stop expired']);
  });

  it('are refused together, the reason in hand and nothing reserved', async () => {
    let tickets: readonly OrderTicket[] = [];
    let after: OrderTicket | undefined;
    const run = await over([FLAT, FLAT, FLAT], {
      1: (desk) => {
        tickets = desk.placeList({
          kind: 'batch',
          intents: [
            intent(desk, { size: 3, limit: 90 as never, tag: 'one' }),
            intent(desk, { size: 3, limit: 10_000_000 as never, tag: 'two' }),
          ],
        });
        after = desk.place(intent(desk, { size: 3, limit: 90 as never, tag: 'one' }));
      },
    });
    expect(tickets.map(({ status, refusal }) => `${status} ${refusal?.check}`)).toEqual([
      'refused price_collar',
      'refused price_collar',
    ]);
    expect(after?.refusal).toBeUndefined();
    expect(told(run)).toEqual(['one buy 3 open']);
  });

  it('must have a tag each', async () => {
    let tickets: readonly OrderTicket[] = [];
    await over([FLAT, FLAT], {
      1: (desk) => {
        const one = intent(desk, { size: 1, limit: 90 as never, tag: 'same' });
        tickets = desk.placeList({ kind: 'batch', intents: [one, one] });
      },
    });
    expect(tickets.map(({ refusal }) => refusal?.check)).toEqual(['duplicate_tag', 'duplicate_tag']);
  });
});

describe('other terms for an open order', () => {
  it('keep its ticket, and are told when they stand', async () => {
    const seen: string[] = [];
    let ticket: OrderTicket | undefined;
    const answers: ChangeAsk[] = [];
    const run = await over(
      [FLAT, FLAT, [100, 100, 94, 96], FLAT],
      {
        1: (desk) => void (ticket = desk.place(intent(desk, { size: 5, limit: 90 as never, tag: 'in' }))),
        2: () => {
          if (ticket === undefined) return;
          answers.push(ticket.amend({ limit: 95.9, quantity: 4.5, why: 'nearer' }));
          answers.push(ticket.amend({ limit: 95, quantity: 4, why: 'again' }));
        },
      },
      { onOrder: ({ cause, ticket: of }) => void seen.push(`${cause} ${of.quantity.toString()} @${of.limit}`) },
    );
    expect(answers).toEqual([{ outcome: 'asked' }, { outcome: 'queued' }]);
    expect(seen).toEqual(['accepted 5 @90', 'amended 4 @95', 'filled 4 @95']);
    expect(filled(run)).toEqual(['buy 4 @95']);
    expect(ticket).toMatchObject({ status: 'filled', limit: 95, isChanging: false });
  });

  it('are refused in hand where the order has ended, or risk does not let it grow', async () => {
    const answers: ChangeAsk[] = [];
    await over([FLAT, FLAT, FLAT, FLAT], {
      1: (desk) => void desk.place(intent(desk, { size: 5, limit: 90 as never, tag: 'in' })),
      2: (desk) => {
        const ticket = desk.find('in');
        if (ticket === undefined) return;
        answers.push(desk.amend(ticket, { lots: lots(50_000), why: 'far more' }));
        answers.push(desk.amend(ticket, { limit: ticks(90), lots: lots(5), why: 'as it is' }));
        ticket.cancel('enough');
        answers.push(desk.amend(ticket, { limit: ticks(91), why: 'too late' }));
      },
      3: (desk) => {
        const ticket = desk.find('in');
        if (ticket !== undefined) answers.push(desk.amend(ticket, { limit: ticks(91), why: 'gone' }));
      },
    });
    expect(answers.map((each) => (each.outcome === 'refused' ? each.refusal.check : each.outcome))).toEqual([
      'leverage',
      'unchanged',
      'not_open',
      'not_open',
    ]);
  });
});

describe('a stop that closes the position', () => {
  it('protects the whole of it: a stop of the same price may go, and it alone may not', async () => {
    const answers: string[] = [];
    const stopAt = (desk: StrategyDesk, tag: string, extra: Partial<Intent>): OrderTicket =>
      desk.place(
        intent(desk, { ...exit, type: 'stop_market', role: 'stop', size: 10, stop: 90 as never, tag, ...extra }),
      );
    const run = await over([FLAT, FLAT, FLAT, FLAT, [100, 100, 89, 90]], {
      1: (desk) => void desk.place(intent(desk, { size: 10, tag: 'in' })),
      2: (desk) => {
        stopAt(desk, 'plain', {});
        stopAt(desk, 'whole', { closePosition: true, lots: lots(0) });
      },
      3: (desk) => void answers.push(desk.find('plain')?.cancel('one is enough') ?? 'none'),
      4: (desk) => void answers.push(desk.find('whole')?.cancel('none is not') ?? 'none'),
    });
    expect(answers).toEqual(['asked', 'protects']);
    expect(filled(run)).toEqual(['buy 10 @100', 'sell 10 @90']);
  });
});
