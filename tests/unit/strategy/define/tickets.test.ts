import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type StrategyRun, type StrategyRunOptions, type TestBar } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import {
  defineStrategy,
  limit,
  stopEntry,
  type BarContext,
  type StrategySpec,
} from '#src/services/strategy/define/index.js';

type Spec = Omit<StrategySpec<Record<string, never>, unknown>, 'name' | 'setup' | 'onBar'>;
type Act = (context: BarContext<unknown>) => unknown;
const GRID = {
  ...{ tick: new Decimal(1), step: new Decimal('0.001') },
  ...{ makerFee: new Decimal(0), takerFee: new Decimal(0) },
};

/** Asks at the close of bars of a number that counts from 1; other handlers as given. */
const over = (
  acts: Readonly<Record<number, Act>>,
  rows: readonly (readonly [open: number, high: number, low: number, close: number])[],
  { extra = {}, ...options }: Partial<StrategyRunOptions> & { readonly extra?: Spec } = {},
): Promise<StrategyRun> => {
  let seen = 0;
  return runStrategy(
    defineStrategy({
      name: 'scripted',
      timeframe: '1h',
      ...extra,
      onBar(context: BarContext<unknown>) {
        seen += 1;
        acts[seen]?.(context);
      },
    }),
    {
      bars: bars.ohlc(
        '1h',
        rows.map(([open, high, low, close]): TestBar => ({ open, high, low, close })),
      ),
      instrument: GRID,
      config: { simulation: { matching: { barPath: 'pessimistic' } } },
      ...options,
    },
  );
};

type Row = readonly [open: number, high: number, low: number, close: number];
const FLAT: Row = [100, 100, 100, 100];
const rows = (count: number): readonly Row[] => Array.from({ length: count }, () => FLAT);
const order = { why: 'the test says so', quantity: 10, stop: 80 } as const;
const shown = ({ status, tag, role, side, filled }: OrderTicket): string =>
  `${tag} ${role} ${side} ${status} ${filled.toString()}`;

describe('the ticket of a verb', () => {
  it('is there from the call and shows the order that the decision becomes', async () => {
    const told: string[] = [];
    let entry: OrderTicket | undefined;
    let exit: OrderTicket | undefined;
    await over(
      {
        1: ({ long }) => {
          entry = long(order);
          told.push(shown(entry), String(entry.quantity));
        },
        2: ({ flat, orders }) => {
          told.push(shown(entry as OrderTicket), orders.open.map(({ tag, status }) => `${tag} ${status}`).join());
          exit = flat('enough');
          told.push(shown(exit as OrderTicket));
        },
        3: ({ orders }) => told.push(shown(exit as OrderTicket), String(orders.find('close') === exit)),
      },
      rows(4),
    );
    expect(told).toEqual([
      ...['entry.long entry buy planned 0', '10'],
      ...['entry.long entry buy filled 10', 'stop open'],
      'close exit sell planned 0',
      ...['close exit sell filled 10', 'true'],
    ]);
    expect(entry?.averagePrice).toBe(100);
  });

  it('is the same one that the fill and the orders are told with, exits included', async () => {
    const told: string[] = [];
    let entry: OrderTicket | undefined;
    await over({ 1: ({ long }) => (entry = long(order)) }, [FLAT, FLAT, [100, 100, 79, 79], FLAT], {
      extra: {
        onFill({ ticket, fill, position }) {
          told.push(`fill ${ticket.tag} ${fill.quantity.toString()} @${fill.price} of ${position.quantity}`);
          if (ticket.role === 'entry') told.push(String(ticket === entry));
        },
        onOrder: ({ update: { ticket, cause } }) => void told.push(`${ticket.tag} ${cause}`),
      },
    });
    expect(told.filter((line) => !line.includes('accepted'))).toEqual([
      ...['fill entry.long 10 @100 of 10', 'true', 'entry.long filled'],
      ...['fill stop 10 @80 of 0', 'stop filled'],
    ]);
  });

  it.each<[string, Act, Record<string, unknown>, string, string]>([
    ['in the position', ({ long }) => [long(order)], {}, 'already', 'Already long: the test says so'],
    [
      'shorts are off',
      ({ short }) => [short({ ...order, stop: 120 })],
      {},
      'shorts_off',
      'Shorts are off: the test says so',
    ],
    [
      'no entries',
      ({ long }) => [long(order)],
      { disableNewEntries: true },
      'entries_disabled',
      'New entries disabled',
    ],
    [
      'a stop above',
      ({ long }) => [long({ ...order, stop: 120 })],
      {},
      'stop',
      'Stop of a long must be below the mark 100, was 120',
    ],
    ['no size', ({ long }) => [long({ ...order, quantity: 0 })], {}, 'size', 'A size must be above zero, was 0'],
    [
      'a stop entry behind',
      ({ long }) => [long({ ...order, entry: stopEntry(99) })],
      {},
      'entry',
      'A stop entry long must be above the mark 100, was 99',
    ],
    ['nothing to add to', ({ add }) => [add({ why: 'more', quantity: 1 })], {}, 'flat', 'No position to add to: more'],
  ])('is refused where it comes to nothing: %s', async (what, act, strategy, check, reason) => {
    const isIn = what === 'in the position';
    const tickets: OrderTicket[] = [];
    const ask = isIn ? 2 : 1;
    const run = await over(
      {
        ...(isIn ? { 1: ({ long }: BarContext<unknown>) => long(order) } : {}),
        [ask]: (context) => tickets.push(...(act(context) as OrderTicket[])),
      },
      rows(3),
      { config: { strategy: { enableShorts: false, ...strategy } } },
    );
    expect(tickets.map(({ status, isDone, refusal }) => ({ status, isDone, refusal }))).toEqual([
      { status: 'refused', isDone: true, refusal: { check, reason, isTransient: true } },
    ]);
    // Counted as it always was.
    expect(run.explain(ask - 1)).toContain(reason);
  });

  it('of a plain entry that risk refuses says which check it was', async () => {
    let ticket: OrderTicket | undefined;
    await over({ 1: ({ long }) => (ticket = long(order)) }, rows(3), {
      config: { risk: { maxOrderNotional: '500 USDT' } },
    });
    expect(ticket?.status).toBe('refused');
    expect(ticket?.refusal?.check).toMatch(/order_notional|max_order/);
  });

  it('taken back in the same handler becomes no order', async () => {
    let ticket: OrderTicket | undefined;
    const run = await over(
      {
        1: ({ long }) => {
          ticket = long(order);
          ticket.cancel('on second thoughts');
        },
      },
      rows(3),
    );
    expect([ticket?.status, ticket?.reason, run.orders.length]).toEqual(['cancelled', 'on second thoughts', 0]);
  });

  it('of an entry that waits for what is in its way is planned, and goes on as the same one', async () => {
    const told: string[] = [];
    let turned: OrderTicket | undefined;
    await over(
      {
        1: ({ long }) => long({ ...order, takeProfit: { at: 130 } }),
        2: ({ short }) => {
          turned = short({ ...order, stop: 120, entry: limit(104), tag: 'mine' });
          told.push(shown(turned));
        },
        3: () => told.push(shown(turned as OrderTicket)),
      },
      [FLAT, FLAT, FLAT, [100, 105, 99, 104], FLAT],
      { extra: { onFill: ({ ticket }) => void told.push(`${ticket.tag} ${String(ticket === turned)}`) } },
    );
    expect(told).toEqual([
      ...['entry.long false', 'mine entry sell planned 0', 'close false'],
      ...['mine true', 'mine entry sell filled 10'],
    ]);
  });

  it('is that of the entry that rests, where that is brought to other terms', async () => {
    const tickets: OrderTicket[] = [];
    await over(
      {
        1: ({ long }) => tickets.push(long({ ...order, entry: limit(90) })),
        2: ({ long }) => tickets.push(long({ ...order, entry: limit(91) })),
        3: () => tickets.push(tickets[0] as OrderTicket),
      },
      rows(4),
    );
    expect(tickets[1]).toBe(tickets[0]);
    expect(tickets[0]?.limit).toBe(91);
  });

  it('of both sides is two, and of the side that is off a refusal', async () => {
    const both: (readonly string[])[] = [];
    const sides = {
      long: { ...order, entry: stopEntry(110) },
      short: { ...order, stop: 120, entry: stopEntry(90) },
    } as const;
    for (const enableShorts of [true, false])
      await over(
        {
          1: ({ either }) =>
            both.push(either(sides).map(({ tag, status, refusal }) => `${tag} ${refusal?.check ?? status}`)),
        },
        rows(3),
        { config: { strategy: { enableShorts } } },
      );
    expect(both).toEqual([
      ['entry.long planned', 'entry.short planned'],
      ['entry.long planned', 'entry.short shorts_off'],
    ]);
  });

  it('of what is taken off is planned while targets give way, and the same one then', async () => {
    let ticket: OrderTicket | undefined;
    const told: string[] = [];
    await over(
      {
        1: ({ long }) => long({ ...order, takeProfit: { at: 150 } }),
        2: ({ reduce }) => {
          ticket = reduce({ why: 'less', share: '40%' });
          told.push(shown(ticket as OrderTicket));
        },
        3: () => told.push(shown(ticket as OrderTicket)),
        4: ({ flat }) => flat('out'),
        5: ({ reduce }) => told.push(String(reduce({ why: 'less', share: '40%' })?.tag)),
      },
      rows(6),
    );
    expect(told[0]).toBe('reduce exit sell planned 0');
    expect(told.slice(1)).toEqual(['reduce exit sell filled 4', 'undefined']);
  });

  it('cannot be asked for while no handler runs', async () => {
    let kept: BarContext<unknown> | undefined;
    await over({ 1: (context) => (kept = context) }, rows(2));
    expect(() => kept?.long(order)).toThrow(/must be asked while a handler runs/);
    expect(() => kept?.orders.market({ ...order, side: 'buy' })).toThrow(/must be asked while a handler runs/);
  });
});
