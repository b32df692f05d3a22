import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Decimal } from '#src/domain/decimal.js';
import { assertKnownTerms, termsOf, VERBS, type Verb } from '#src/services/strategy/define/known-terms.js';
import { assertKnownIntent } from '#src/services/strategy/host/known-intents.js';
import { chase, limit, r, stopEntry } from '#src/services/strategy/define/index.js';

const ENTRY = { why: 'w', risk: 0.01, stop: 90 };
const EXITS = {
  ...{ stop: 90, takeProfit: [{ at: 110, share: '50%', postOnly: true }, { at: r(2) }], timeStop: '1h' },
  trail: { by: { price: 5 }, after: r(1), step: r(0.5) },
  breakEven: { after: r(1), offset: { price: new Decimal(1) } },
};
const PLAIN = { why: 'w', side: 'buy', quantity: 1, tag: 't', reduceOnly: false };
const SPECS = [
  { ...PLAIN, type: 'limit', price: 99, postOnly: true },
  { ...PLAIN, type: 'stop', price: 110, limit: 111, triggerBy: 'mark' },
];
const REST = limit(99, { timeout: '4 bars', postOnly: true, then: 'market' });
const CHASE = chase({ timeout: '4 bars', limit: { price: 3 }, every: '1s', offsetTicks: 1, then: 'market' });
/** Of every verb what it can be given, with every object that it has within. */
const WHOLE: Readonly<Record<Verb, readonly object[]>> = {
  long: [
    { ...ENTRY, ...EXITS, entry: limit(99, { timeout: '1h', then: 'market' }), tag: 't', values: { a: 1 } },
    { ...ENTRY, entry: stopEntry(110, { limit: 111, triggerBy: 'mark' }), takeProfit: { at: r(1) } },
  ],
  short: [{ ...ENTRY, ...EXITS, entry: chase({ timeout: '1m', limit: { price: 3 }, every: '1s', offsetTicks: 1 }) }],
  either: [{ long: { ...ENTRY, ...EXITS, entry: REST }, short: { ...ENTRY, ...EXITS, entry: stopEntry(90) } }],
  flat: [{ why: 'w', values: { a: 1 } }],
  add: [
    { why: 'w', fraction: '10%', stop: 1, tag: 't', entry: REST, values: { a: 1 } },
    { why: 'w', quantity: 1, entry: CHASE },
  ],
  reduce: [
    { why: 'w', share: '50%', entry: REST, values: { a: 1 } },
    { why: 'w', share: '5%', entry: CHASE },
  ],
  exits: [{ why: 'w', ...EXITS }],
  'orders.market': [PLAIN],
  'orders.limit': [{ ...PLAIN, price: 99, postOnly: true, timeout: '1h', timeInForce: 'GTC' }],
  'orders.stop': [{ ...PLAIN, price: 99, limit: 98, triggerBy: 'last', timeout: '1h' }],
  'orders.takeProfit': [{ ...PLAIN, price: 99, limit: 98, triggerBy: 'last' }],
  'orders.trailingStop': [{ ...PLAIN, by: { price: 5 }, after: 110 }],
  'orders.bracket': [
    { ...PLAIN, entry: REST, role: 'entry', positionSide: 'long', leverage: 2 },
    { ...PLAIN, entry: CHASE },
  ],
  'exits of orders.bracket': [EXITS],
  'orders.oco': [{ orders: SPECS }],
  'orders.batch': [{ orders: SPECS }],
  'orders.cancelAll': [{ side: 'buy', role: 'entry', tag: 't*' }],
};

type Path = readonly (string | number)[];
/** Where the objects within lie, the whole one first. Values are the strategy's own names. */
function objectsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null || Decimal.isDecimal(value) || path.at(-1) === 'values') return [];
  const inner = Object.entries(value).flatMap(([key, each]) =>
    objectsIn(each, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return Array.isArray(value) || path.at(-1) === 'orders' ? inner : [path, ...inner];
}

/** A copy whose object at that path has one term more. */
function misspelt(value: unknown, [first, ...rest]: Path, term: string): unknown {
  if (first === undefined) return { ...(value as object), [term]: 1 };
  const inner = misspelt((value as Record<string | number, unknown>)[first], rest, term);
  if (Array.isArray(value)) return (value as unknown[]).map((each, index) => (index === first ? inner : each));
  return { ...(value as object), [first]: inner };
}

const CASES = VERBS.flatMap((verb) =>
  WHOLE[verb].flatMap((given) => objectsIn(given).map((path) => ({ verb, given, path }))),
);

const SIZES = { risk: '1%', fraction: '10%', notional: 100, quantity: 1 } as const;
const SIZE_NAMES = Object.keys(SIZES) as (keyof typeof SIZES)[];
const PAIRS = SIZE_NAMES.flatMap((one, index) => SIZE_NAMES.slice(index + 1).map((other) => [one, other] as const));

describe('two terms that say the same otherwise', () => {
  const both = ([one, other]: (typeof PAIRS)[number]): object => ({
    ...{ why: 'w', stop: 90 },
    ...{ [one]: SIZES[one], [other]: SIZES[other] },
  });
  it.each(PAIRS)('are not both given: %s and %s', (...pair) => {
    const order = both(pair);
    for (const [verb, given] of [
      ...(['long', 'short', 'add'] as const).map((name) => [name, order] as const),
      ['either', { long: { why: 'w', risk: '1%', stop: 90 }, short: order }] as const,
    ])
      expect(() => assertKnownTerms(verb, given)).toThrow(
        expect.objectContaining({
          code: 'STRAT-001',
          message: expect.stringContaining(`was given ${pair.join(' and ')}.`),
        }),
      );
  });

  it('are not both given of a distance, however deep it lies; what is undefined is not given', () => {
    const by = (distance: object): object => ({ ...ENTRY, trail: { by: distance } });
    expect(() => assertKnownTerms('long', by({ price: 5, r: 1 }))).toThrow(
      'long: trail: by must be given one of price, r',
    );
    expect(() => assertKnownTerms('long', by({ price: 5, r: undefined }))).not.toThrow();
    expect(() => assertKnownTerms('long', { ...ENTRY, fraction: undefined })).not.toThrow();
  });
});

describe('a term that nobody reads', () => {
  it('is refused wherever it lies: every verb, every object within', () => {
    expect(CASES.length).toBeGreaterThan(60);
    // The holder of a list is none of its author's.
    const own = CASES.filter(({ verb, path }) => path.length > 0 || !('orders' in termsOf(verb)));
    fc.assert(
      fc.property(fc.constantFrom(...own), fc.stringMatching(/^[a-z]{3,9}X$/), ({ verb, given, path }, term) => {
        expect(() => assertKnownTerms(verb, given)).not.toThrow();
        const wrong = misspelt(given, path, term) as object;
        expect(() => assertKnownTerms(verb, wrong)).toThrow(
          expect.objectContaining({ code: 'STRAT-001', message: expect.stringContaining(`was given ${term}`) }),
        );
      }),
      { numRuns: 400 },
    );
  });

  it.each(CASES)('is told with where it lies: $verb $path', ({ verb, given, path }) => {
    const wrong = misspelt(given, path, 'qqqqqqqq') as object;
    const names = path.filter((each) => typeof each === 'string');
    expect(() => assertKnownTerms(verb, wrong)).toThrow([verb, ...names].join(': '));
  });

  it.each([
    ['long', { ...ENTRY, limit: 99 }, /long must be given what it knows, was given limit/, /entry: limit\(price\)/],
    ['short', { ...ENTRY, takeprofit: 80 }, /was given takeprofit/, /Did you mean takeProfit\?/],
    ['either', { long: ENTRY, shrt: ENTRY }, /was given shrt/, /Did you mean short\?/],
    ['add', { why: 'w', quantity: 1, trail: {} }, /add must be given what it knows, was given trail/, /quantity/],
    ['reduce', { why: 'w', shares: 0.5 }, /was given shares/, /Did you mean share\?/],
    ['exits', { why: 'w', stp: 90 }, /was given stp/, /Did you mean stop\?/],
    ['long', { ...ENTRY, trail: { bye: '1%' } }, /long: trail .* was given bye/, /Did you mean by\?/],
    ['orders.market', { ...PLAIN, reduceonly: true }, /was given reduceonly/, /Did you mean reduceOnly\?/],
    ['orders.limit', { ...PLAIN, prise: 9 }, /was given prise/, /Did you mean price\?/],
    ['add', { why: 'w', entry: { ...stopEntry(9), then: 'market' } }, /add: entry .* was given then/, /kind, price/],
    ['add', { why: 'w', entry: { kind: 'iceberg' } }, /entry of add must be made by limit, stop, chase, was/, /chase/],
    [
      'reduce',
      { why: 'w', entry: stopEntry(9) },
      /entry of reduce must be made by limit, chase, was "stop"/,
      /limit\(price\)/,
    ],
    ['orders.oco', { orders: [{ ...PLAIN, type: 'limt' }] }, /must have one of the types .* was "limt"/, /.*/],
  ] as const)('says what was meant: %s %#', (verb, order, message, fix) => {
    expect(() => assertKnownTerms(verb, order)).toThrow(
      expect.objectContaining({
        code: 'STRAT-001',
        message: expect.stringMatching(message),
        fix: expect.stringMatching(fix),
      }),
    );
  });

  it.each([
    ['place', { why: 'w', lots: 1, reduceOnyl: true }, 'reduceOnyl'],
    ['placeList', { kind: 'oco', intents: [{ why: 'w', limt: 1 }] }, 'limt'],
    ['placeList', { kind: 'bracket', entry: { why: 'w' }, exits: [{ why: 'w', stp: 1 }] }, 'stp'],
    ['amend', { why: 'w', price: 1 }, 'price'],
    ['cancelAll', { tags: 't' }, 'tags'],
  ] as const)('is refused at the desk, too: %s', (verb, given, term) => {
    expect(() => assertKnownIntent(verb, given)).toThrow(`was given ${term}`);
  });
});
