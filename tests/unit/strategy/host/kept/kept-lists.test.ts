import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { resolveConfig } from '#config/index.js';
import { withoutPeople } from '#di/backtest.js';
import { bars } from '#di/testing.js';
import type { FaultStep } from '#di/testing/faults/fault-step.js';
import { runFaulted, type FaultedOutcome } from '#di/testing/faults/faulted-run.js';
import { configOf, SPEC } from '#di/testing/run-config.js';
import { columnsOf, type TestBar } from '#di/testing/test-bars.js';
import { Decimal } from '#src/domain/decimal.js';
import { isTerminal } from '#src/domain/order-state.js';
import type { Order } from '#src/domain/order.js';
import { lots, ticks } from '#src/domain/units.js';
import type { EventStrategy } from '#src/ports/strategy/event-strategy.js';
import type { Intent } from '#src/ports/strategy/intent.js';
import type { OrderTicket } from '#src/ports/strategy/order-ticket.js';
import type { StrategyDesk } from '#src/ports/strategy/strategy-desk.js';
import { Brokerage } from '#src/ports/venue/brokerage.js';
import type { Capabilities } from '#src/ports/venue/capabilities.js';
import { eventStrategy } from '#src/services/strategy/host/by-events.js';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const SYMBOL = 'TEST-PERP';
const GRID = { tick: new Decimal(1), step: new Decimal(1), minSize: new Decimal(1) };
/** As most venues over their own wire. */
const BARE: Partial<Capabilities> = { brackets: false, groups: false };

type Row = readonly [open: number, high: number, low: number, close: number];
type Act = (desk: StrategyDesk) => void;
const FLAT: Row = [100, 100, 100, 100];

interface Terms {
  readonly steps?: readonly FaultStep[];
  readonly can?: Partial<Capabilities>;
  readonly handlers?: Partial<EventStrategy>;
}

/** In the paper world, at a venue that can do less; acts at the close of bars of a number that counts from 1. */
function over(rows: readonly Row[], acts: Readonly<Record<number, Act>>, terms: Terms = {}): Promise<FaultedOutcome> {
  const { steps = [], can = BARE, handlers = {} } = terms;
  const spec = { ...SPEC, ...GRID };
  const columns = columnsOf(
    bars.ohlc(
      '1h',
      rows.map(([open, high, low, close]): TestBar => ({ open, high, low, close })),
    ),
    spec,
  );
  const run = { name: 'scripted', columns, spec, params: {}, equity: 10_000, config: {} };
  const config = resolveConfig(configOf('paper', run));
  const definition = eventStrategy({
    name: 'scripted',
    parameters: [],
    create: (_settings, symbols) => ({
      name: 'scripted',
      needs: { symbols, timeframes: [{ ms: HOUR, lookback: 1 }] },
      onRestart: 'keep',
      onBar: (bar, desk) => acts[(bar.at - START) / HOUR]?.(desk),
      snapshot: () => undefined,
      restore: () => undefined,
      ...handlers,
    }),
  });
  return runFaulted(definition, columns, { ...config, risk: withoutPeople(config.risk) }, steps, (container) =>
    container.onActivation(Brokerage, (_context, broker) => lacking(broker, can)),
  );
}

const lacking = (broker: Brokerage, can: Partial<Capabilities>): Brokerage =>
  new Proxy(broker, {
    get: (target, key): unknown =>
      key === 'capabilities' ? { ...target.capabilities, ...can } : Reflect.get(target, key, target),
  });

const intent = (
  desk: StrategyDesk,
  {
    size,
    limit,
    stop,
    ...terms
  }: Omit<Partial<Intent>, 'limit' | 'stop'> & { size: number; tag: string; limit?: number; stop?: number },
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

const target = { side: 'sell', reduceOnly: true, role: 'take_profit' } as const;
const stopped = { side: 'sell', reduceOnly: true, role: 'stop' } as const;

const list =
  (kind: 'bracket' | 'followers', entry: { limit?: number } = {}, more: { stop?: number } = {}): Act =>
  (desk) =>
    void desk.placeList({
      kind,
      entry: intent(desk, { size: 10, tag: 'in', ...entry }),
      exits: [
        intent(desk, { ...target, size: 4, limit: 110, tag: 'near' }),
        intent(desk, { ...stopped, size: 10, stop: more.stop ?? 90, tag: 'stop' }),
      ],
    });

const told = ({ orders }: FaultedOutcome): readonly string[] =>
  orders.map(({ request, status, origin }) => {
    const { side, lots: size, type } = request;
    return `${origin?.asked?.tag ?? ''} ${side} ${size} ${type} ${status}`;
  });
const filled = ({ fills }: FaultedOutcome): readonly string[] =>
  fills.map(({ side, lots: size, price }) => `${side} ${size} @${price}`);
const open = ({ orders }: FaultedOutcome): readonly Order[] => orders.filter(({ status }) => !isTerminal(status));
/** What is done first, once the entry has filled. */
const afterFill = ({ changes }: FaultedOutcome): readonly string[] => {
  const at = changes.findIndex(({ origin, status }) => origin?.asked?.tag === 'in' && status === 'filled');
  return changes.slice(at + 1, at + 3).map(({ origin, status }) => `${origin?.asked?.tag ?? ''} ${status}`);
};

describe('lists at a venue that keeps neither brackets nor groups', () => {
  it('a bracket: exits leave with the fill, the stop first, and what one closes the others close no more', async () => {
    const run = await over([FLAT, FLAT, [100, 111, 99, 110], [110, 110, 89, 90]], { 1: list('bracket') });
    expect(filled(run)).toEqual(['buy 10 @100', 'sell 4 @110', 'sell 6 @90']);
    expect(run.orders.map(({ origin }) => origin?.asked?.tag)).toEqual(['in', 'stop', 'near']);
    expect(afterFill(run)).toEqual(['stop planned', 'near planned']);
    expect(run.orders.every(({ request }) => request.options === undefined)).toBe(true);
    expect(open(run)).toEqual([]);
    expect(run.violations).toEqual([]);
  });

  it('a bracket that is stopped first leaves no target behind', async () => {
    const run = await over([FLAT, FLAT, [100, 101, 89, 90], FLAT], { 1: list('bracket') });
    expect(filled(run)).toEqual(['buy 10 @100', 'sell 10 @90']);
    expect(open(run)).toEqual([]);
  });

  it('exits behind an entry that rests are sent with each of its fills, as large as that, and grow', async () => {
    const entry = { limit: 98 };
    const run = await over(
      [FLAT, [100, 100, 97, 99], [99, 99, 97, 99], FLAT],
      { 1: list('followers', entry) },
      { steps: [{ when: { order: 'in', is: 'sent' }, fault: 'partial', share: 0.3 }] },
    );
    const sizes = (tag: string) =>
      run.changes.filter(({ origin }) => origin?.asked?.tag === tag).map(({ request }) => request.lots);
    expect(filled(run).slice(0, 1)).toEqual(['buy 3 @98']);
    expect(sizes('stop')[0]).toBe(3);
    expect(sizes('near')[0]).toBe(3);
    expect(run.violations).toEqual([]);
  });

  describe('an entry that fills more once its exits have done all that they were for', () => {
    /** A part of it fills at once, the rest as a change of its limit is on its way. */
    const sent = { when: { order: 'in', is: 'sent' } } as const;
    const steps: readonly FaultStep[] = [
      { ...sent, fault: 'partial', share: 0.3 },
      { ...sent, fault: 'race' },
    ];
    /** Its switch takes no stop along, so that the entry rests on beside one. */
    const can = { ...BARE, deadMan: { per: 'symbol', sparesTriggers: true } } as const;
    const grows: Act = (desk) => desk.find('in')?.amend({ limit: 97, why: 'a tick lower' });
    /** What was accepted in the instant in which the entry became whole. */
    const exits = ({ changes }: FaultedOutcome): readonly string[] =>
      changes
        .filter(({ status, updatedAt, origin }, at) => {
          const whole = changes.findIndex((each) => each.origin?.asked?.tag === 'in' && each.status === 'filled');
          return status === 'open' && at > whole && updatedAt === changes[whole]?.updatedAt && origin !== undefined;
        })
        .map(({ origin, request: { lots: size, limit, stop } }) => [origin?.asked?.tag, size, limit ?? stop].join(' '))
        .sort();

    it('has the new part stopped, where the strategy has moved the stop to, and its target again', async () => {
      const acts = {
        1: list('bracket', { limit: 98 }),
        2: (desk: StrategyDesk) => desk.find('stop')?.amend({ stop: 99, why: 'nearer' }),
        4: grows,
      };
      const run = await over([FLAT, FLAT, [100, 100, 99, 100], FLAT, FLAT], acts, { steps, can });
      expect(filled(run)).toEqual(['buy 3 @98', 'sell 3 @99', 'buy 7 @98']);
      expect(exits(run)).toEqual(['near 4 110', 'stop 7 99']);
      expect(run.violations).toEqual([]);
    });

    it('has the new part stopped, and what its target has not closed yet closed there', async () => {
      const acts = { 1: list('bracket', { limit: 98 }), 3: grows };
      const run = await over([FLAT, FLAT, [100, 111, 100, 105], FLAT, FLAT], acts, { steps, can });
      expect(filled(run)).toEqual(['buy 3 @98', 'sell 3 @110', 'buy 7 @98']);
      expect(exits(run)).toEqual(['near 1 110', 'stop 7 90']);
      expect(run.violations).toEqual([]);
    });

    it('has each exit of its own size again, where they share nothing', async () => {
      const acts = { 1: list('followers', { limit: 98 }), 3: grows };
      const run = await over([FLAT, FLAT, [100, 111, 100, 105], FLAT, FLAT], acts, { steps, can });
      expect(filled(run)).toEqual(['buy 3 @98', 'sell 3 @110', 'buy 7 @98']);
      expect(exits(run)).toEqual(['near 1 110', 'stop 7 90']);
      expect(run.violations).toEqual([]);
    });
  });

  it('nothing sleeps on after an entry that ended without a fill', async () => {
    let tickets: readonly OrderTicket[] = [];
    const run = await over([FLAT, FLAT, FLAT, FLAT], {
      1: (desk) => {
        list('bracket', { limit: 95 })(desk);
        tickets = [...desk.open()];
      },
      2: (desk) => desk.find('in')?.cancel('changed its mind'),
    });
    expect(tickets.map(({ tag }) => tag)).toEqual(['in', 'near', 'stop']);
    expect(tickets.map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(told(run)).toEqual(['in buy 10 limit cancelled']);
  });

  it('an exit that sleeps takes other terms, or is given up, and the rest goes by them', async () => {
    const run = await over([FLAT, FLAT, [100, 100, 94, 95], [95, 106, 95, 100], FLAT], {
      1: list('bracket', { limit: 95 }),
      2: (desk) => {
        desk.find('near')?.amend({ limit: 105, why: 'nearer' });
        desk.find('stop')?.cancel('held by hand');
      },
    });
    expect(filled(run)).toEqual(['buy 10 @95', 'sell 4 @105']);
    expect(told(run)).toEqual(['in buy 10 limit filled', 'near sell 4 limit filled']);
  });

  it('a stop that the market has passed when its entry fills is a close at market', async () => {
    const run = await over([FLAT, FLAT, [90, 90, 80, 85], [85, 85, 85, 85]], {
      1: list('followers', { limit: 95 }, { stop: 92 }),
    });
    expect(filled(run)).toEqual(['buy 10 @95', 'sell 10 @85']);
    expect(told(run)).toContain('stop sell 10 market filled');
    expect(open(run)).toEqual([]);
  });

  it('of an oco: the first execution of one ends the others', async () => {
    const run = await over([FLAT, [100, 104, 99, 103], [103, 103, 95, 96]], {
      1: (desk) =>
        void desk.placeList({
          kind: 'oco',
          intents: [
            intent(desk, { size: 3, stop: 102, tag: 'up' }),
            intent(desk, { size: 2, side: 'sell', stop: 98, tag: 'down' }),
          ],
        }),
    });
    expect(told(run)).toEqual(['up buy 3 stop_market filled', 'down sell 2 stop_market cancelled']);
    expect(filled(run)).toEqual(['buy 3 @102']);
  });

  it('are refused together where their entry is, and nothing sleeps', async () => {
    let tickets: readonly OrderTicket[] = [];
    let left: readonly OrderTicket[] = [];
    const run = await over([FLAT, FLAT], {
      1: (desk) => {
        list('bracket', { limit: 100_000 })(desk);
        tickets = ['in', 'near', 'stop'].flatMap((tag) => desk.find(tag) ?? []);
        left = [...desk.open()];
      },
    });
    expect(new Set(tickets.map(({ refusal }) => refusal?.check))).toEqual(new Set(['price_collar']));
    expect(left).toEqual([]);
    expect(run.orders.filter(({ status }) => status !== 'rejected')).toEqual([]);
  });

  it('a stop that the venue refuses is sent again until it stands', async () => {
    const run = await over(
      [FLAT, FLAT, FLAT, FLAT],
      { 1: list('bracket') },
      { steps: [{ when: { order: 'stop', is: 'sent' }, fault: 'reject', reason: 'other' }] },
    );
    expect(told(run).filter((line) => line.startsWith('stop'))).toEqual([
      'stop sell 10 stop_market rejected',
      'stop sell 10 stop_market open',
    ]);
  });
});

describe('a process that dies while the bot keeps a list', () => {
  const rows: readonly Row[] = [FLAT, FLAT, [100, 100, 94, 95], [95, 111, 95, 110], [110, 110, 89, 90], FLAT];
  const acts = { 1: list('bracket', { limit: 95 }) };

  it.each([
    ['while its entry rests', { bar: 1 }],
    ['as its entry fills', { order: 'in', is: 'filled' }],
    ['as its stop is sent', { order: 'stop', is: 'sent' }],
    ['as its target is sent', { order: 'near', is: 'sent' }],
    ['while its exits rest', { at: '10830s' }],
    ['when its target has filled', { order: 'near', is: 'filled' }],
  ] as const)('%s: it goes on as without', async (_name, when) => {
    const plain = await over(rows, acts);
    expect(filled(plain)).toEqual(['buy 10 @95', 'sell 4 @110', 'sell 6 @90']);
    const run = await over(rows, acts, { steps: [{ when, fault: 'kill' }] });
    expect(run.lives).toBe(2);
    expect(filled(run)).toEqual(filled(plain));
    expect(open(run)).toEqual([]);
    expect(run.violations).toEqual([]);
  });

  it('ends the others of an oco of which one filled meanwhile', async () => {
    const run = await over(
      [FLAT, FLAT, [100, 104, 99, 103], [103, 103, 95, 96], FLAT],
      {
        1: (desk) =>
          void desk.placeList({
            kind: 'oco',
            intents: [
              intent(desk, { size: 3, limit: 97, tag: 'low' }),
              intent(desk, { size: 2, side: 'sell', limit: 103, tag: 'high' }),
            ],
          }),
      },
      { steps: [{ when: { bar: 1 }, fault: 'kill' }] },
    );
    expect(filled(run)).toEqual(['sell 2 @103']);
    expect(told(run)).toEqual(['low buy 3 limit cancelled', 'high sell 2 limit filled']);
  });
});
