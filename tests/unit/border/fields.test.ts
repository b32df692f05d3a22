import { describe, expect, it } from '@jest/globals';
import { readAccountEvent } from '#src/border/account-events.js';
import { readAccountTerms } from '#src/border/account-terms.js';
import { readInstrumentSpec } from '#src/border/instruments.js';
import { readBook, readCandle, readSnapshot } from '#src/border/market.js';
import { readDepthEvent, readInstrumentEvent, readMarkEvent, readNotice } from '#src/border/market-events.js';
import {
  readAmendResult,
  readCancelResult,
  readLookup,
  readReport,
  readSubmitResult,
  readVenueOrder,
} from '#src/border/orders.js';
import { readBalance, readPosition } from '#src/border/positions.js';
import { isUnreadable } from '#src/border/reading.js';
import { readAccountId, readServerTime } from '#src/border/session.js';
import { Decimal } from '#src/domain/decimal.js';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import { venueOrderId } from '#src/domain/order.js';
import type { CancelResult } from '#src/ports/venue/cancel-result.js';
import type { AmendResult, SubmitResult } from '#src/ports/venue/submit-result.js';
import {
  BALANCE,
  BOOK,
  CANDLE,
  DEPTH,
  FILL,
  FUNDING,
  INSTRUMENT_CHANGE,
  MARGIN,
  MARK,
  NOTICE,
  NOW,
  ORDER,
  POSITION,
  REPORT,
  SNAPSHOT,
  SPEC,
  TERMS,
  TRANSFER,
} from './samples.js';

const NAN = new Decimal(NaN);
const ONE = new Decimal(1);
const TIER = { floor: new Decimal(0), cap: ONE, rate: new Decimal('0.01'), maxLeverage: ONE, cum: new Decimal(0) };
const TEXTS = [undefined, null, '', 7, {}];
const OPTIONAL_TEXTS = [null, 7, {}];
const WORDS = [undefined, null, '', 'BUY', 'PENDING', 0];
const OPTIONAL_WORDS = [null, '', 'BUY', 0];
/** Seconds, microseconds and nanoseconds of the same instant among them. */
const TIMES = [undefined, null, NaN, Infinity, -1, '1', new Date(NOW), NOW / 1_000, NOW * 1_000, NOW * 1e6];
const WHOLES = [undefined, null, NaN, Infinity, 0.5, '4', 2 ** 53, new Decimal(4)];
const HUGE = new Decimal('1e900000000');
const SIZES = [undefined, null, NAN, new Decimal(Infinity), HUGE, 4, '4', new Decimal(-1)];
const PRICES = [...SIZES, new Decimal(0)];
const AMOUNTS = SIZES.slice(0, -1);
const OPTIONAL_AMOUNTS = AMOUNTS.slice(1);
/** Not read by anybody: whatever stands there harms nobody. */
const UNREAD: readonly unknown[] = [];

type Bad<T> = Readonly<Record<keyof T, readonly unknown[]>>;

/** Each kind with one good sample, and for every field of its type what must not pass. */
function kind<T extends object>(
  name: string,
  sample: T,
  read: (value: T) => unknown,
  bad: Bad<T>,
): readonly (readonly [string, T, (value: T) => unknown, Bad<T>])[] {
  return [[name, sample, read, bad]];
}

const event =
  <T>(wrap: (value: T) => unknown) =>
  (value: T): unknown =>
    readAccountEvent(wrap(value) as AccountEvent, NOW);

const KINDS = [
  ...kind(
    'fill',
    FILL,
    event((fill) => ({ kind: 'fill', fill })),
    {
      tradeId: TEXTS,
      clientId: [undefined, null, 7],
      venueId: [undefined, null, 7],
      instrument: [undefined, null, 'BTC-PERP', {}],
      side: WORDS,
      lots: [...WHOLES, 0, -4],
      price: [...WHOLES, 0, -1, 9e15],
      fee: WHOLES,
      liquidity: WORDS,
      at: TIMES,
      cause: OPTIONAL_WORDS,
      positionSide: OPTIONAL_WORDS,
      fees: [
        null,
        {},
        'BNB',
        [null],
        [{ asset: '', amount: new Decimal(1) }],
        ...AMOUNTS.map((amount) => [{ asset: 'BNB', amount }]),
      ],
      feeEstimated: [null, false, 1],
    },
  ),
  ...kind(
    'funding payment',
    FUNDING,
    event((payment) => ({ kind: 'funding', payment })),
    {
      id: TEXTS,
      instrument: [undefined, null, 'BTC-PERP', {}],
      at: TIMES,
      rate: OPTIONAL_AMOUNTS,
      markPrice: PRICES.slice(1),
      lots: WHOLES.slice(1),
      amount: WHOLES.slice(1),
      cause: [null, '', 'adl', 1],
    },
  ),
  ...kind(
    'transfer',
    TRANSFER,
    event((transfer) => ({ kind: 'transfer', ...transfer })),
    {
      id: TEXTS,
      amount: AMOUNTS,
      asset: TEXTS,
      at: TIMES,
    },
  ),
  ...kind('margin warning', MARGIN, (margin) => readAccountEvent(margin, NOW), {
    kind: [undefined, null, 'MARGIN_CALL'],
    level: WORDS,
    symbol: OPTIONAL_TEXTS,
    equity: OPTIONAL_AMOUNTS,
    maintenance: OPTIONAL_AMOUNTS,
    message: OPTIONAL_TEXTS,
    at: TIMES,
  }),
  ...kind('set of terms', TERMS, readAccountTerms, {
    positionMode: OPTIONAL_WORDS,
    marginMode: OPTIONAL_WORDS,
    symbols: [
      null,
      {},
      [null],
      ...TEXTS.map((symbol) => [{ symbol }]),
      ...PRICES.slice(1).map((leverage) => [{ symbol: 'BTC-PERP', leverage }]),
      ...OPTIONAL_WORDS.map((marginMode) => [{ symbol: 'BTC-PERP', marginMode }]),
    ],
    permissions: [null, true, {}, { trade: 'yes' }, { trade: true, withdraw: 'no' }],
    multiAsset: [null, 'yes', 1, {}],
    feesIn: OPTIONAL_TEXTS,
  }),
  ...kind('notice', NOTICE, readNotice, {
    kind: WORDS,
    symbol: OPTIONAL_TEXTS,
    channel: OPTIONAL_WORDS,
    message: UNREAD,
    at: UNREAD,
  }),
  ...kind('mark', MARK, (mark) => readMarkEvent(mark, NOW), {
    kind: UNREAD,
    symbol: TEXTS,
    mark: PRICES.slice(1),
    index: PRICES.slice(1),
    fundingRate: OPTIONAL_AMOUNTS,
    nextFundingAt: [null, NaN, Infinity, -1, '1'],
    at: TIMES,
  }),
  ...kind('change of an instrument', INSTRUMENT_CHANGE, (change) => readInstrumentEvent(change, NOW), {
    kind: UNREAD,
    symbol: [...TEXTS, 'ETH-PERP'],
    status: OPTIONAL_WORDS,
    spec: [null, {}, { ...SPEC, tick: NAN }, { ...SPEC, symbol: 'ETH-PERP' }],
    at: TIMES,
  }),
  ...kind('message of depth', DEPTH, (depth) => readDepthEvent(depth, NOW), {
    kind: UNREAD,
    symbol: TEXTS,
    type: WORDS,
    bids: [undefined, null, {}, [null], [{ price: NAN, size: new Decimal(1) }]],
    asks: [undefined, null, {}, [null], [{ price: new Decimal(1), size: NAN }]],
    sequence: [null, 7, {}, { last: 0.5 }, { last: 7, first: '6' }, { last: 7, previous: NaN }],
    at: TIMES,
  }),
  ...kind('description of an instrument', SPEC, readInstrumentSpec, {
    base: TEXTS,
    quote: TEXTS,
    symbol: TEXTS,
    settle: TEXTS,
    kind: WORDS,
    tick: PRICES,
    step: PRICES,
    minSize: SIZES,
    minNotional: SIZES,
    maxSize: PRICES.slice(1),
    maxMarketSize: PRICES.slice(1),
    band: [null, 0.05, {}, { above: NAN, below: new Decimal(1) }, { above: new Decimal(1), below: new Decimal(0) }],
    status: OPTIONAL_WORDS,
    maxLeverage: PRICES,
    makerFee: AMOUNTS,
    takerFee: AMOUNTS,
    maintenanceRate: SIZES,
    fundingIntervalHours: [undefined, NaN, -1, 'h', '8', Infinity],
    contract: OPTIONAL_WORDS,
    multiplier: PRICES.slice(1),
    liquidationFee: SIZES.slice(1),
    orderGrid: [null, 0.1, {}, { tick: NAN, step: ONE }, { tick: ONE, step: new Decimal(0) }],
    venue: OPTIONAL_TEXTS,
    tiers: [
      null,
      {},
      [null],
      ...SIZES.map((floor) => [{ ...TIER, floor }]),
      ...PRICES.filter((cap) => !(Decimal.isDecimal(cap) && cap.eq(Infinity))).map((cap) => [{ ...TIER, cap }]),
      ...SIZES.map((rate) => [{ ...TIER, rate }]),
      ...PRICES.map((maxLeverage) => [{ ...TIER, maxLeverage }]),
      ...AMOUNTS.map((cum) => [{ ...TIER, cum }]),
    ],
  }),
  ...kind('report', REPORT, (report) => readReport(report, NOW), {
    status: WORDS,
    at: TIMES,
    venueId: [null, '', 7],
    reason: OPTIONAL_TEXTS,
  }),
  ...kind('order', ORDER, (order) => readVenueOrder(order, NOW), {
    venueId: TEXTS,
    clientId: OPTIONAL_TEXTS,
    symbol: TEXTS,
    side: WORDS,
    type: WORDS,
    size: SIZES,
    filled: SIZES,
    price: PRICES.slice(1),
    stopPrice: PRICES.slice(1),
    reduceOnly: [undefined, null, 'false', 0],
    closePosition: [null, 'false', 0],
    report: [undefined, null, 'open', { ...REPORT, at: NaN }, { ...REPORT, status: 'PENDING_NEW' }],
  }),
  ...kind('position', POSITION, readPosition, {
    symbol: TEXTS,
    size: AMOUNTS,
    entryPrice: SIZES,
    markPrice: OPTIONAL_AMOUNTS,
    liquidationPrice: OPTIONAL_AMOUNTS,
    leverage: OPTIONAL_AMOUNTS,
    marginMode: OPTIONAL_WORDS,
    isolatedMargin: UNREAD,
    maintenanceMargin: UNREAD,
    adlQuantile: UNREAD,
    positionSide: OPTIONAL_WORDS,
  }),
  ...kind('balance', BALANCE, readBalance, { asset: TEXTS, total: AMOUNTS, available: UNREAD }),
  ...kind('market snapshot', SNAPSHOT, readSnapshot, {
    symbol: UNREAD,
    mid: PRICES,
    spreadBps: AMOUNTS,
    depthL1: SIZES,
    depthL10: SIZES,
    volume1m: SIZES,
    at: UNREAD,
  }),
  ...kind('candle', CANDLE, readCandle, {
    openAt: [undefined, null, NaN, Infinity, '1'],
    open: PRICES,
    high: PRICES,
    low: PRICES,
    close: PRICES,
    volume: SIZES,
  }),
  ...kind('order book', BOOK, readBook, {
    symbol: UNREAD,
    bids: [undefined, null, {}, [null], [{ price: NAN, size: new Decimal(1) }], [{ price: new Decimal(1), size: NAN }]],
    asks: [undefined, null, {}, [null], [{ price: 1, size: new Decimal(1) }]],
    at: UNREAD,
  }),
] as unknown as readonly (readonly [
  string,
  Record<string, unknown>,
  (value: unknown) => unknown,
  Record<string, readonly unknown[]>,
])[];

const refuses = (read: () => unknown): boolean => {
  try {
    read();
    return false;
  } catch (error) {
    return isUnreadable(error);
  }
};

describe('what enters from a venue', () => {
  it.each(KINDS)('is taken as it is when every field of a %s can be read', (_name, sample, read) => {
    expect(() => read(sample)).not.toThrow();
  });

  it.each(KINDS)('is refused for each bad value of each field of a %s', (_name, sample, read, bad) => {
    const passed = Object.entries(bad).flatMap(([field, values]) =>
      values
        .filter((value) => !refuses(() => read({ ...sample, [field]: value })))
        .map((value) => `${field} = ${String(value)}`),
    );
    expect(passed).toEqual([]);
  });

  it.each(KINDS)('is refused where there is no %s at all', (_name, _sample, read) => {
    expect([undefined, null, 7, 'x'].filter((value) => !refuses(() => read(value)))).toEqual([]);
  });

  it('knows no event of another kind', () => {
    for (const value of [{ kind: 'balances' }, { kind: 'balance' }, { kind: 'position', at: NOW }, {}, null]) {
      expect(refuses(() => readAccountEvent(value as AccountEvent, NOW))).toBe(true);
    }
  });

  it('takes the small times of a world that counts from zero', () => {
    expect(() => readAccountEvent({ kind: 'fill', fill: { ...FILL, at: 0 } }, 1_000)).not.toThrow();
  });

  it('takes an answer about an order that it cannot read for none', () => {
    for (const answer of [
      undefined,
      {},
      { found: 'no' },
      { found: true },
      { found: true, order: { ...ORDER, side: 1 } },
    ])
      expect(refuses(() => readLookup(answer as never, NOW))).toBe(true);
    expect(readLookup({ found: false }, NOW)).toEqual({ found: false });
  });

  it('takes an answer to an order or a cancellation that it cannot read for an unknown outcome', () => {
    const ref = { clientId: 'c1', symbol: 'BTC-PERP' };
    const answers: unknown[] = [
      undefined,
      null,
      {},
      { outcome: 'ACCEPTED' },
      ...TEXTS.map((venueId) => ({ outcome: 'accepted', venueId, at: NOW })),
      ...TIMES.map((at) => ({ outcome: 'accepted', venueId: venueOrderId('v1'), at })),
      ...WORDS.map((reason) => ({ outcome: 'rejected', reason, message: '', at: NOW })),
      ...TIMES.map((at) => ({ outcome: 'rejected', reason: 'other', message: '', at })),
      { outcome: 'rejected', reason: 'other', message: 7, at: NOW },
      { outcome: 'unknown' },
      ...OPTIONAL_WORDS.map((stage) => ({ outcome: 'accepted', venueId: venueOrderId('v1'), at: NOW, stage })),
      { outcome: 'accepted', venueId: venueOrderId('v1'), at: NOW, order: null },
      { outcome: 'accepted', venueId: venueOrderId('v1'), at: NOW, order: { ...ORDER, size: NAN } },
      { outcome: 'accepted', venueId: venueOrderId('v1'), at: NOW, order: { ...ORDER, clientId: 'c2' } },
      { outcome: 'accepted', venueId: venueOrderId('v1'), at: NOW, order: { ...ORDER, symbol: 'ETH-PERP' } },
    ];
    for (const answer of answers)
      expect(readSubmitResult(answer as SubmitResult, ref, NOW)).toEqual({
        outcome: 'unknown',
        ref,
        cause: expect.stringContaining('must be'),
      });
    for (const answer of [undefined, null, {}, { outcome: 'CANCELED' }])
      expect(readCancelResult(answer as never, ref)).toMatchObject({ outcome: 'unknown', ref });
    const good: SubmitResult = {
      outcome: 'accepted',
      venueId: ORDER.venueId,
      at: NOW,
      stage: 'received',
      order: ORDER,
    };
    expect(readSubmitResult(good, ref, NOW)).toBe(good);
    const requested: CancelResult = { outcome: 'requested', ref, at: NOW };
    expect(readCancelResult(requested, ref)).toBe(requested);
  });

  it('takes an answer to a change that it cannot read for an unknown outcome, and knows that a change may end an order', () => {
    const ref = { clientId: 'c1', symbol: 'BTC-PERP' };
    const ended: AmendResult = { outcome: 'ended', ref, report: { ...REPORT, status: 'cancelled' } };
    expect(readAmendResult(ended, ref, NOW)).toBe(ended);
    for (const answer of [
      null,
      {},
      { outcome: 'ended' },
      { outcome: 'accepted' },
      { ...ended, report: { ...REPORT, at: NaN } },
    ])
      expect(readAmendResult(answer as never, ref, NOW)).toMatchObject({ outcome: 'unknown', ref });
  });

  it('refuses an account without a name and a clock of another unit', () => {
    expect(TEXTS.filter((value) => !refuses(() => readAccountId(value as string)))).toEqual([]);
    expect(TIMES.filter((value) => !refuses(() => readServerTime(value as number, NOW)))).toEqual([]);
  });
});
