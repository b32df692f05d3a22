import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { venueOrderId, type Fill, type FundingPayment } from '#src/domain/order.js';
import { lots, ticks, units } from '#src/domain/units.js';
import type { VenueOrder } from '#src/ports/venue/venue-order.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { instrument } from '#src/testing/instruments.js';
import { Rig, SYMBOL } from './rig.js';

async function held(): Promise<Rig> {
  const rig = new Rig();
  await rig.start();
  return rig;
}

const BAD: readonly (readonly [string, Partial<Fill>])[] = [
  ['no size', { lots: lots(0) }],
  ['a price that is no number', { price: ticks(Number.NaN) }],
  ['no id', { tradeId: '' }],
  ['another word for its side', { side: 'BUY' as Fill['side'] }],
  ['a time in microseconds', { at: Date.UTC(2024, 0, 2) * 1_000 }],
  ['a time in seconds', { at: Date.UTC(2024, 0, 2) / 1_000 }],
];

describe('rows of the venue that cannot be read', () => {
  it.each(BAD)('books the good fill behind one with %s, and starts again', async (_what, broken) => {
    const rig = await held();
    rig.broker.account.fills = [rig.fill('web-1', 4, 't1', broken), rig.fill('web-1', 3, 't2')];
    rig.broker.listFills = () => Promise.resolve({ items: rig.broker.account.fills });
    expect(await rig.stream.backfill()).toBe(1);
    expect(rig.portfolio.position(rig.instrument).lots).toBe(3);
    expect(rig.stream.status()).toMatchObject({ set_aside: 1 });
    expect(rig.records('account_event_failed')).toHaveLength(1);
    expect(rig.ladder.tightened).toEqual(['REDUCE_ONLY history_incomplete']);

    // A person has looked and resumed: the same row, told again at every query, stops nothing any more.
    const next = new Rig({ journal: rig.journal, broker: rig.broker, clock: rig.clock });
    await next.start();
    expect(next.portfolio.position(next.instrument).lots).toBe(3);
    expect(next.ladder.tightened).toEqual([]);
    expect(next.stream.status()).toMatchObject({ set_aside: 1 });
    expect(next.records('account_event_failed')).toHaveLength(1);
  });

  it('does not move the watermark by a fill that it could not read', async () => {
    const rig = await held();
    const asked: number[] = [];
    const { now } = { now: rig.clock.now() };
    rig.broker.listFills = (since) => {
      asked.push(since);
      return Promise.resolve({ items: [rig.fill('web-1', 4, 't1', { at: now * 1_000 })] });
    };
    await rig.stream.backfill();
    rig.clock.set(now + 600_000);
    await rig.stream.backfill();
    expect(asked).toEqual([now, now]);
  });

  it('stops at a bad fill of the stream, once, and keeps a bad report of an order from the books', async () => {
    const rig = await held();
    const order = rig.submit();
    await rig.pending.idle();
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 4, 't1', { at: Number.NaN }) });
    expect(rig.ladder.tightened).toEqual(['HALTED account_event_failed']);
    rig.ladder.state = 'NORMAL';
    rig.stream.accept({ kind: 'fill', fill: rig.fill(order, 4, 't1', { at: Number.NaN }) });
    expect(rig.ladder.state).toBe('NORMAL');

    const report = { status: 'cancelled', at: Number.NaN } as const;
    rig.stream.accept({ kind: 'order', clientId: order.request.clientId, symbol: SYMBOL, report });
    rig.stream.accept(undefined as never);
    expect([rig.status(order), rig.ladder.state]).toEqual(['open', 'NORMAL']);
    expect(rig.stream.status()).toMatchObject({ set_aside: 3 });
  });
});

const TRADE = { id: 'd1', amount: new Decimal(5), asset: 'USDT' };

/** A bad row of each list that an account answers with, before a good one. */
const LISTS: readonly (readonly [string, (rig: Rig) => void])[] = [
  ['no fill at all', (rig) => lists(rig, 'listFills', null, rig.fill('web-1', 3, 'good'))],
  [
    'a fill of another contract',
    (rig) => lists(rig, 'listFills', rig.fill('web-1', 3, 'bad', { instrument: OTHER }), rig.fill('web-1', 3, 'good')),
  ],
  ['no payment at all', (rig) => lists(rig, 'listFundingPayments', null, payment(rig, 'good', 3))],
  [
    'a payment beyond exact money',
    (rig) => lists(rig, 'listFundingPayments', payment(rig, 'bad', 2 ** 53 - 1), payment(rig, 'good', 3)),
  ],
  ['no transfer at all', (rig) => lists(rig, 'listTransfers', null, { ...TRADE, at: rig.clock.now() })],
  [
    'a transfer beyond exact money',
    (rig) =>
      lists(
        rig,
        'listTransfers',
        { ...TRADE, id: 'bad', amount: new Decimal('1e20'), at: rig.clock.now() },
        { ...TRADE, at: rig.clock.now() },
      ),
  ],
  [
    'a transfer of a size that nobody could write down',
    (rig) =>
      lists(
        rig,
        'listTransfers',
        { ...TRADE, id: 'bad', asset: 'SHIB', amount: new Decimal('1e900000000'), at: rig.clock.now() },
        { ...TRADE, at: rig.clock.now(), kind: 'deposit' },
      ),
  ],
];
const OTHER = instrument({ multiplier: new Decimal(10) });
const payment = (rig: Rig, id: string, amount: number): FundingPayment => ({
  id,
  instrument: rig.instrument,
  at: rig.clock.now(),
  rate: undefined,
  markPrice: undefined,
  lots: undefined,
  amount: units(amount),
});

/** The venue names the bad row first. */
function lists(rig: Rig, list: 'listFills' | 'listFundingPayments' | 'listTransfers', ...rows: unknown[]): void {
  const answer: unknown = list === 'listFills' ? { items: rows } : rows;
  rig.broker[list] = () => Promise.resolve(answer as never);
}

describe('a bad row of any list of the account', () => {
  const whole = (rig?: Rig): Rig =>
    new Rig({
      broker: rig?.broker ?? new FakeBroker({ capabilities: { fundingPayments: true, transfers: true } }),
      config: { execution: { collateral: ['USDT'] } },
      ...(rig === undefined ? {} : { journal: rig.journal, clock: rig.clock }),
    });

  it.each(LISTS)('hides no good one, and the next start stands: %s', async (_what, answer) => {
    const rig = whole();
    await rig.start();
    // Something is held already: another contract's fill is found out by it.
    rig.stream.accept({ kind: 'fill', fill: rig.fill('web-1', 2, 'held') });
    const before = rig.portfolio.equity;
    answer(rig);
    expect(await rig.stream.backfill()).toBe(1);
    expect(rig.portfolio.equity).not.toBe(before);
    expect(rig.stream.status()).toMatchObject({ set_aside: 1 });
    expect(rig.ladder.tightened).toEqual(['REDUCE_ONLY history_incomplete']);
    expect(await rig.stream.backfill()).toBe(0);

    const next = whole(rig);
    await next.start();
    expect(next.portfolio.equity).toBe(rig.portfolio.equity);
    expect(next.ladder.tightened).toEqual([]);
  });

  it("of balances is no zero where it may be ours, and nobody's where ours are named", async () => {
    const rig = whole();
    await rig.start();
    rig.stream.accept({ kind: 'transfer', ...TRADE, at: rig.clock.now() });
    const own = { asset: 'USDT', total: new Decimal(5), available: new Decimal(5) };
    rig.broker.always('listBalances', { value: [null as never, { ...own, asset: 7 as never }, own] });
    expect((await rig.positions.reconcile()).matched).toBe(true);
    for (const rows of [[null], [{ ...own, total: new Decimal(NaN) }], [{ total: own.total }], undefined]) {
      rig.broker.always('listBalances', { value: rows as never });
      await expect(rig.positions.reconcile()).rejects.toMatchObject({ code: 'VENUE-005' });
    }
    expect(rig.records('balance_drift')).toEqual([]);
  });

  it.each(['listFills', 'listPositions', 'listOpenOrders'] as const)(
    'is told from no list at all: %s',
    async (list) => {
      const rig = whole();
      await rig.start();
      rig.broker.always(list, { value: undefined as never });
      const asked =
        list === 'listFills'
          ? rig.stream.backfill()
          : list === 'listPositions'
            ? rig.positions.reconcile()
            : rig.reconciler.reconcile();
      await expect(asked).rejects.toMatchObject({ code: 'VENUE-005' });
    },
  );
});

describe('orders and positions that cannot be read', () => {
  const broken = (rig: Rig, clientId: string): VenueOrder => ({
    ...rig.venueOrder(rig.submit(), 'open'),
    clientId,
    size: new Decimal(Number.NaN),
  });

  it('explains the others, and takes nothing for gone', async () => {
    const rig = await held();
    const order = rig.submit();
    await rig.pending.idle();
    const rows = [
      broken(rig, order.request.clientId),
      null as never,
      { ...rig.venueOrder(order, 'open'), clientId: 'web-2' },
    ];
    await rig.pending.idle();
    rig.broker.always('listOpenOrders', { value: rows });
    const report = await rig.reconciler.reconcile();
    expect(report.unexplained).toContain(order.request.clientId);
    expect(report.unexplained).toContain('an order that cannot be read');
    expect(report.quarantined).toEqual(['web-2']);
    expect(rig.status(order)).toBe('open');
  });

  it('takes a position of ours that cannot be read for not known, and never for flat', async () => {
    const rig = await held();
    const bad = { symbol: SYMBOL, size: new Decimal(Number.NaN), entryPrice: new Decimal(1) };
    rig.broker.always('listPositions', { value: [bad] });
    await expect(rig.positions.reconcile()).rejects.toMatchObject({ code: 'VENUE-005' });
    rig.broker.always('listPositions', { value: [{ ...bad, symbol: 'DOGE-PERP' }] });
    expect((await rig.positions.reconcile()).matched).toBe(true);
  });

  it('cancels every order that it can name, and says that there may be more', async () => {
    const rig = await held();
    const name = rig.submit().request.clientId;
    await rig.pending.idle();
    rig.broker.always('listOpenOrders', { value: [null as never, { ...broken(rig, name), side: 'BUY' as never }] });
    await rig.pending.idle();
    const report = await rig.engine.cancelAll('test');
    expect(report.cancelled).toContain(name);
    expect(report.unconfirmed).toContain('orders the venue could not list');
  });

  it('asks about an order whose answer it could not read', async () => {
    const rig = await held();
    rig.broker.next('placeOrder', { value: { outcome: 'accepted', venueId: venueOrderId('v1'), at: Number.NaN } });
    const order = rig.submit();
    await rig.pending.idle();
    expect(rig.status(order)).toBe('unknown');
    expect(rig.records('order').every((record) => Number.isFinite(record['updated_at']))).toBe(true);
  });
});
