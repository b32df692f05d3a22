import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { bars, runStrategy, type StrategyRun } from '#di/testing.js';
import { Decimal } from '#src/domain/decimal.js';
import {
  chase,
  defineStrategy,
  limit,
  r,
  stopEntry,
  type Entry,
  type EntryOrder,
} from '#src/services/strategy/define/index.js';
import { termsOf } from '#src/services/strategy/define/known-terms.js';

type Asked = Partial<Omit<EntryOrder, 'why'>>;
type Row = readonly [open: number, high: number, low: number, close: number];
const FLAT: Row = [100, 100, 100, 100];
const GRID = {
  tick: new Decimal('0.1'),
  step: new Decimal('0.001'),
  makerFee: new Decimal(0),
  takerFee: new Decimal(0),
};

/** What is asked for with the first bars. */
const over = (asked: readonly (Asked | undefined)[], rows: readonly Row[]): Promise<StrategyRun> => {
  const definition = defineStrategy({
    name: 'asks-again',
    setup: () => ({ bar: 0 }),
    onBar({ long, position }, seen) {
      const terms = asked[seen.bar];
      seen.bar += 1;
      if (position.isFlat && terms !== undefined) long({ why: `bid ${seen.bar}`, ...terms } as EntryOrder);
    },
  });
  return runStrategy(definition, {
    bars: bars.ohlc(
      '5m',
      rows.map(([open, high, low, close]) => ({ open, high, low, close })),
    ),
    instrument: GRID,
    config: { simulation: { matching: { barPath: 'pessimistic' } } },
  });
};
/** Once for each. */
const once = new Map<string, Promise<readonly string[]>>();
const cameTo = (asked: Asked, rows: readonly Row[]): Promise<readonly string[]> => {
  const key = JSON.stringify([asked, rows]);
  const known = once.get(key) ?? over([asked], rows).then(ended);
  once.set(key, known);
  return known;
};
const ended = ({ orders, fillLines }: StrategyRun): readonly string[] => [
  ...fillLines,
  ...orders
    .filter(({ status }) => status === 'open')
    .map(({ side, type, size, stop, limit: at }) => `${side} ${size} ${type} ${stop ?? ''} ${at ?? ''}`),
];
const stopsSent = ({ orders }: StrategyRun): number => orders.filter(({ type }) => type === 'stop_market').length;

const BID = { quantity: 10, stop: 80, entry: limit(95) } as const;
/** Up, through the bid and through its stop; then a rise. */
const FALL: readonly Row[] = [FLAT, FLAT, FLAT, [100, 100, 70, 75], [75, 160, 75, 160], [160, 160, 100, 100], FLAT];
const RISE: readonly Row[] = [
  ...[FLAT, FLAT, FLAT, [100, 100, 94, 100] as Row, [100, 131, 100, 130] as Row],
  ...[[130, 130, 85, 86] as Row, [86, 90, 76, 78] as Row, [78, 79, 70, 71] as Row],
];

/** What is asked at first, what then, and over what. */
interface Case {
  readonly first?: Asked;
  readonly then: Asked;
  readonly rows?: readonly Row[];
  /** Over these bars it comes to the same: the order was sent anew. */
  readonly anew?: true;
}
const SIZE = { stop: 80, entry: limit(95) } as const;
/** Of every term one that is changed alone. */
const TERMS: Readonly<Record<string, readonly Case[]>> = {
  quantity: [{ then: { ...BID, quantity: 7 } }],
  risk: [{ first: { ...SIZE, risk: '1%' }, then: { ...SIZE, risk: '2%' } }],
  fraction: [{ first: { ...SIZE, fraction: '10%' }, then: { ...SIZE, fraction: '20%' } }],
  notional: [{ first: { ...SIZE, notional: 950 }, then: { ...SIZE, notional: 475 } }],
  stop: [
    { then: { ...BID, stop: 90 } },
    { first: { ...BID, stop: 90 }, then: BID },
    { first: { ...SIZE, fraction: '10%', stop: 'none' }, then: { ...SIZE, fraction: '10%', stop: 80 } },
    { first: { ...SIZE, fraction: '10%', stop: 80 }, then: { ...SIZE, fraction: '10%', stop: 'none' } },
    { first: { ...SIZE, fraction: '10%', stop: 80 }, then: { ...SIZE, fraction: '10%', stop: 92 } },
  ],
  takeProfit: [
    { then: { ...BID, takeProfit: { at: 120 } }, rows: RISE },
    { first: { ...BID, takeProfit: { at: 120 } }, then: BID, rows: RISE },
    { first: { ...BID, takeProfit: { at: 120 } }, then: { ...BID, takeProfit: { at: 110 } }, rows: RISE },
    {
      first: { ...BID, takeProfit: [{ at: 120, share: '50%' }] },
      then: { ...BID, takeProfit: [{ at: 120, share: '20%' }] },
      rows: RISE,
    },
  ],
  trail: [{ then: { ...BID, trail: { by: { price: 20 } } }, rows: RISE }],
  breakEven: [{ then: { ...BID, breakEven: { after: r(1) } }, rows: RISE }],
  timeStop: [{ then: { ...BID, timeStop: '2 bars' }, rows: RISE }],
  entry: [{ then: { ...BID, entry: stopEntry(120) }, rows: RISE }],
};
/** The same of what is within `entry`. */
const buy = (entry: Entry): Asked => ({ ...BID, entry });
const CLIMB: readonly Row[] = [
  FLAT,
  FLAT,
  FLAT,
  [100, 100, 100, 100],
  [110.4, 125, 110.4, 125],
  [125, 126, 118, 119],
  FLAT,
];
const ENTRIES: Readonly<Record<Entry['kind'], Readonly<Record<string, readonly Case[]>>>> = {
  limit: {
    price: [{ then: buy(limit(90)) }],
    postOnly: [
      { first: buy(limit(95)), then: buy(limit(95, { postOnly: true })), anew: true },
      { first: buy(limit(95, { postOnly: true })), then: buy(limit(95)), anew: true },
    ],
    then: [
      {
        first: buy(limit(90, { timeout: '3 bars' })),
        then: buy(limit(90, { timeout: '3 bars', then: 'market' })),
        rows: [FLAT, FLAT, FLAT, FLAT, FLAT, FLAT],
      },
    ],
  },
  stop: {
    price: [{ first: buy(stopEntry(110)), then: buy(stopEntry(115)), rows: CLIMB }],
    limit: [
      { first: buy(stopEntry(110)), then: buy(stopEntry(110, { limit: 110.2 })), rows: CLIMB },
      { first: buy(stopEntry(110, { limit: 110.2 })), then: buy(stopEntry(110)), rows: CLIMB },
      { first: buy(stopEntry(110, { limit: 110.2 })), then: buy(stopEntry(110, { limit: 110.5 })), rows: CLIMB },
    ],
    triggerBy: [
      { first: buy(stopEntry(110)), then: buy(stopEntry(110, { triggerBy: 'last' })), rows: CLIMB, anew: true },
    ],
  },
  chase: {
    offsetTicks: [
      {
        first: buy(chase({ offsetTicks: 90, timeout: '9 bars' })),
        then: buy(chase({ offsetTicks: 20, timeout: '9 bars' })),
      },
    ],
    every: [
      {
        first: buy(chase({ offsetTicks: 20, every: '90 bars', timeout: '99 bars' })),
        then: buy(chase({ offsetTicks: 20, every: '1s', timeout: '99 bars' })),
        rows: [FLAT, FLAT, [101, 110, 101, 110], [110, 110, 105, 110], [110, 110, 105, 110]],
      },
    ],
    limit: [
      {
        first: buy(chase({ offsetTicks: 20, limit: { price: 1 }, timeout: '99 bars' })),
        then: buy(chase({ offsetTicks: 20, limit: { price: 50 }, timeout: '99 bars' })),
        rows: [FLAT, FLAT, [101, 110, 101, 110], [110, 110, 105, 110], [110, 110, 105, 110]],
      },
    ],
    then: [
      {
        first: buy(chase({ offsetTicks: 90, timeout: '3 bars' })),
        then: buy(chase({ offsetTicks: 90, timeout: '3 bars', then: 'market' })),
        rows: [FLAT, FLAT, FLAT, FLAT, FLAT, FLAT],
      },
    ],
  },
};
/** The name, the reasons and the time are those of the entry as it was sent. */
const KEPT = ['why', 'values', 'tag'];
const KEPT_WITHIN = ['kind', 'timeout'];

const all: readonly (readonly [name: string, Case])[] = [
  ...Object.entries(TERMS),
  ...Object.entries(ENTRIES).flatMap(([kind, terms]) =>
    Object.entries(terms).map(([term, cases]) => [`${kind}.${term}`, cases] as const),
  ),
].flatMap(([name, cases]) => cases.map((each, index) => [`${name} ${index + 1}`, each] as const));

describe('an entry that rests and is asked for again', () => {
  it('has every term of an entry in this table', () => {
    const known = termsOf('long');
    expect(Object.keys(known).sort()).toEqual([...Object.keys(TERMS), ...KEPT].sort());
    for (const [kind, terms] of Object.entries(ENTRIES)) {
      const { entry } = known as { readonly entry: (value: object) => object };
      expect(Object.keys(entry({ kind })).sort()).toEqual([...Object.keys(terms), ...KEPT_WITHIN].sort());
    }
  });

  it.each(all)(
    'comes to %s as if that had been asked for at first',
    async (name, { first = BID, then, rows = FALL, anew }) => {
      const changed = await over([first, then], rows);
      const fresh = await cameTo(then, rows);
      expect(ended(changed)).toEqual(fresh);
      if (anew === true) expect(changed.orders.filter(({ role }) => role === 'entry')).toHaveLength(2);
      else expect({ before: await cameTo(first, rows) }).not.toEqual({ before: fresh });
      if (name === 'stop 1') await changed.expectSound();
    },
  );
});

describe('what stands for it at the venue', () => {
  it('is not touched where nothing differs, and that it was asked for is said', async () => {
    const run = await over([BID, BID], FALL.slice(0, 3));
    expect([run.orders.map(({ status }) => status), stopsSent(run)]).toEqual([['open', 'open'], 1]);
    expect(run.explain(1)).toContain('bar 1: hold, bid 2');
  });

  it('stays with what was planned for it where the change is refused', async () => {
    const run = await over([BID, { ...BID, entry: limit(99), stop: 97, quantity: 1_000_000 }], FALL);
    expect(ended(run)).toEqual(ended(await over([BID], FALL)));
  });
});
