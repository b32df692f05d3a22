import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { Fill } from '#src/domain/order.js';
import { lots, units } from '#src/domain/units.js';
import type { AccountTerms } from '#src/ports/venue/account-terms.js';
import type { Capabilities } from '#src/ports/venue/capabilities.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { FakeEventStore } from '../../../support/memory-event-store.js';
import { Rig, SYMBOL, T0 } from '../rig.js';

const d = (value: number | string): Decimal => new Decimal(value);

/** A bot with 10,000 on an account that tells its terms. */
async function opened(terms: AccountTerms = {}, capabilities: Partial<Capabilities> = {}, journal?: FakeEventStore) {
  const broker = new FakeBroker({ capabilities: { accountTerms: true, ...capabilities } });
  broker.terms = terms;
  const rig = new Rig({
    broker,
    ...(journal === undefined ? {} : { journal }),
    config: { risk: { maxLeverage: d(3) }, execution: { collateral: ['USDT'] } },
  });
  await rig.start();
  if (rig.portfolio.ledger.deposits === 0)
    rig.stream.accept({ kind: 'transfer', id: 'opening', amount: d(10_000), asset: 'USDT', at: T0 });
  return { rig, broker };
}

/** The venue closes `size` lots of a long position. */
const liquidation = (rig: Rig, size: number, id: string, cause: Fill['cause'] = 'liquidation'): void =>
  rig.stream.accept({
    kind: 'fill',
    fill: { ...rig.fill('autoclose-1', size, id), side: 'sell', cause, fee: units(-1_000) },
  });

describe('a liquidation', () => {
  it('AC-07: of the whole position locks the bot, and its fee stands in the ledger', async () => {
    const { rig } = await opened();
    rig.hold(10);
    liquidation(rig, 10, 'l1');
    expect(rig.ladder).toMatchObject({ state: 'LOCKED', reason: 'liquidated' });
    expect(rig.portfolio.position(rig.instrument).isFlat).toBe(true);
    expect(rig.portfolio.ledger.income('fees')).toBe(-1_000);
    expect(rig.ladder.permits(true)).toBe(false);
  });

  it('AC-08: of a part of it only reduces from then on, and of the rest locks', async () => {
    const { rig } = await opened();
    rig.hold(10);
    liquidation(rig, 4, 'l1');
    expect(rig.ladder).toMatchObject({ state: 'REDUCE_ONLY', reason: 'liquidated_in_part' });
    expect(rig.portfolio.position(rig.instrument).lots).toBe(6);
    liquidation(rig, 6, 'l2');
    expect(rig.ladder.state).toBe('LOCKED');
  });

  it('is known before its record is written: one that is lost with the process is told again', async () => {
    const { rig } = await opened();
    rig.hold(10);
    rig.events.failure = new Error('disk full');
    liquidation(rig, 10, 'l1');
    expect(rig.ladder.state).toBe('LOCKED');
  });

  it.each(['adl', 'settlement'] as const)('is no %s: that is booked and said', async (cause) => {
    const { rig } = await opened();
    rig.hold(10);
    liquidation(rig, 4, 'l1', cause);
    expect(rig.ladder.state).toBe('NORMAL');
    expect(rig.portfolio.position(rig.instrument).lots).toBe(6);
  });

  it('is announced by an order that it ends, and by a warning of the venue', async () => {
    const { rig, broker } = await opened();
    const order = rig.submit();
    await rig.pending.idle();
    broker.end(order.request, 'liquidated');
    expect(rig.ladder).toMatchObject({ state: 'REDUCE_ONLY', reason: 'liquidation_announced' });

    const warned = await opened();
    warned.broker.push({ kind: 'margin', level: 'call', message: 'MARGIN_CALL', at: T0 });
    expect(warned.rig.ladder).toMatchObject({ state: 'REDUCE_ONLY', reason: 'margin_call' });
    expect(warned.rig.records('margin_warning')).toMatchObject([{ level: 'call' }]);
  });
});

describe('the terms of the account', () => {
  const symbols = (leverage: number, marginMode: 'cross' | 'isolated' = 'cross'): AccountTerms => ({
    symbols: [{ symbol: SYMBOL, leverage: d(leverage), marginMode }],
  });

  it.each<[string, AccountTerms, string, string]>([
    ['hedged positions', { positionMode: 'hedge' }, 'HALTED', 'account_position_mode'],
    ['more leverage than the limit', symbols(20), 'REDUCE_ONLY', 'account_leverage'],
    ['a key that may not trade', { permissions: { trade: false } }, 'HALTED', 'account_may_not_trade'],
  ])('PT-23: %s are found at the start, and tighten', async (_what, terms, state, reason) => {
    const { rig } = await opened(terms);
    expect(rig.ladder).toMatchObject({ state, reason });
  });

  it.each<[string, AccountTerms]>([
    ['one net position, leverage within the limit', { positionMode: 'one_way', ...symbols(3) }],
    ['nothing', {}],
    ['leverage of a symbol that is not traded', { symbols: [{ symbol: 'ETH-PERP', leverage: d(50) }] }],
  ])('PT-23: %s is as it must be', async (_what, terms) => {
    const { rig } = await opened(terms);
    expect(rig.ladder.state).toBe('NORMAL');
  });

  it('PT-23: hedged positions are as they must be where the venue was told to hedge', async () => {
    const { rig } = await opened({ positionMode: 'hedge' }, { hedges: true });
    expect(rig.ladder.state).toBe('NORMAL');
    const undeclared = await opened({ positionMode: 'hedge' });
    expect(undeclared.rig.ladder.state).toBe('HALTED');
  });

  it('PT-23: leverage of an account whose orders name theirs says nothing of the next order', async () => {
    const { rig } = await opened(symbols(20), { leverage: 'per_order' });
    expect(rig.ladder.state).toBe('NORMAL');
  });

  it('AC-02: leverage raised from outside is found by the next look, within a minute, and by the stream', async () => {
    const { rig, broker } = await opened(symbols(3));
    broker.terms = symbols(10);
    await rig.reconciler.reconcile();
    expect(rig.config.current.tasks.orderReconcileMs).toBeLessThanOrEqual(60_000);
    expect(rig.ladder).toMatchObject({ state: 'REDUCE_ONLY', reason: 'account_leverage' });

    const told = await opened(symbols(3));
    told.broker.push({ kind: 'terms', terms: symbols(10), at: T0 });
    expect(told.rig.ladder.state).toBe('REDUCE_ONLY');
  });

  it.each<[string, AccountTerms]>([
    ['the margin mode of a symbol', symbols(3, 'isolated')],
    ['the mode of positions', { positionMode: 'hedge' }],
  ])('AC-03: %s that is changed halts', async (_what, terms) => {
    const { rig, broker } = await opened({ positionMode: 'one_way', ...symbols(3, 'cross') });
    broker.push({ kind: 'terms', terms, at: T0 });
    expect(rig.ladder.state).toBe('HALTED');
  });

  it('AC-03: a margin mode that was changed while the bot was down is found at the start, once', async () => {
    const journal = new FakeEventStore(() => T0);
    await opened(symbols(3, 'isolated'), {}, journal);
    const next = await opened(symbols(3, 'cross'), {}, journal);
    expect(next.rig.ladder).toMatchObject({ state: 'HALTED', reason: 'account_margin_mode' });
    const third = await opened(symbols(3, 'cross'), {}, journal);
    expect(third.rig.ladder.state).toBe('NORMAL');
    expect(journal.query({ types: ['account_terms'] })).toHaveLength(2);
  });

  it('that cannot be read back, or read at all, change nothing', async () => {
    const { rig, broker } = await opened(symbols(3));
    broker.next('describeAccount', { throws: new Error('busy') });
    await rig.reconciler.reconcile();
    broker.next('describeAccount', { value: { positionMode: 'HEDGE' } as never });
    await rig.reconciler.reconcile();
    broker.push({ kind: 'terms', terms: { positionMode: 'HEDGE' } as never, at: T0 });
    expect(rig.ladder.state).toBe('NORMAL');
  });

  it('are not asked for where a venue does not tell them', async () => {
    const { rig, broker } = await opened({ positionMode: 'hedge' }, { accountTerms: false });
    await rig.reconciler.reconcile();
    expect(broker.called()).not.toContain('describeAccount');
    expect(rig.ladder.state).toBe('NORMAL');
  });

  it('show in a position that has a side', async () => {
    const { rig, broker } = await opened({}, { accountTerms: false });
    const position = { symbol: SYMBOL, size: d(1), entryPrice: d(50_000) };
    broker.push({ kind: 'position', position, at: T0 });
    expect(rig.ladder.state).toBe('NORMAL');
    broker.push({ kind: 'position', position: { ...position, positionSide: 'long' }, at: T0 });
    expect(rig.ladder).toMatchObject({ state: 'HALTED', reason: 'account_position_mode' });
  });
});

describe('a hedged account', () => {
  it('of +0.05 and -0.05 is not flat', async () => {
    const { rig, broker } = await opened();
    const side = (size: number, positionSide: 'long' | 'short') => ({
      symbol: SYMBOL,
      size: d(size),
      entryPrice: d(50_000),
      positionSide,
    });
    broker.account.positions = [side(0.05, 'long'), side(-0.05, 'short')];
    expect(await rig.positions.reconcile()).toEqual({
      matched: false,
      drift: { [SYMBOL]: { ours: '0', venue: '0.05 and -0.05' } },
    });
  });
});

describe('money that comes or goes by itself', () => {
  const withdraw = (broker: FakeBroker, total: number): void => {
    broker.account.balances = [{ asset: 'USDT', total: d(total), available: d(total) }];
  };

  it('AC-17: 8,000 of 10,000 withdrawn leave 2,000, and are no loss', async () => {
    const { rig, broker } = await opened();
    rig.portfolio.observe(T0);
    withdraw(broker, 2_000);
    await rig.positions.reconcile();
    expect(rig.instrument.money(rig.portfolio.equity).toString()).toBe('10000');
    await rig.positions.reconcile();
    expect(rig.instrument.money(rig.portfolio.equity).toString()).toBe('2000');
    expect(rig.instrument.money(rig.portfolio.dayStartEquity ?? units(0)).toString()).toBe('2000');
    expect(rig.instrument.money(rig.portfolio.equityPeak).toString()).toBe('2000');
    expect(rig.portfolio.ledger.income('price')).toBe(0);
    expect(rig.ladder.state).toBe('NORMAL');
    rig.portfolio.assertConsistent();
  });

  it('AC-17: a deposit is no profit', async () => {
    const { rig, broker } = await opened();
    withdraw(broker, 15_000);
    await rig.positions.reconcile();
    await rig.positions.reconcile();
    await rig.positions.reconcile();
    expect(rig.instrument.money(rig.portfolio.equity).toString()).toBe('15000');
    expect(rig.instrument.money(rig.portfolio.ledger.income('deposits')).toString()).toBe('15000');
    expect(rig.instrument.money(rig.portfolio.equityPeak).toString()).toBe('15000');
  });

  it('AC-17: is asked for where the venue lists transfers, and booked as one', async () => {
    const { rig, broker } = await opened({}, { transfers: true });
    withdraw(broker, 2_000);
    broker.transfers = [{ id: 'w1', amount: d(-8_000), asset: 'USDT', at: T0 }];
    await rig.positions.reconcile();
    expect(rig.instrument.money(rig.portfolio.equity).toString()).toBe('2000');
    expect(rig.ladder.state).toBe('NORMAL');
  });

  it('that a venue with a list of transfers does not explain stops new positions, twice seen', async () => {
    const { rig, broker } = await opened({}, { transfers: true });
    withdraw(broker, 2_000);
    await rig.positions.reconcile();
    expect(rig.ladder.state).toBe('NORMAL');
    await rig.positions.reconcile();
    expect(rig.ladder).toMatchObject({ state: 'REDUCE_ONLY', reason: 'balance_differs' });
    expect(rig.records('balance_drift')).toMatchObject([{ difference: '-8000' }]);
  });

  it('is told from fills that are on their way, from rounding, and from fees paid in another coin', async () => {
    const { rig, broker } = await opened();
    broker.setPrice(SYMBOL, 50_000);
    broker.next('placeOrder', { fill: { fees: { BNB: '0.02' } }, streamed: false });
    rig.submit({ lots: lots(100) });
    await rig.pending.idle();
    for (let round = 0; round < 3; round += 1) await rig.positions.reconcile();
    expect(rig.portfolio.position(rig.instrument).lots).toBe(100);
    expect(rig.records('transfer')).toHaveLength(1);
    withdraw(broker, 9_999.999);
    for (let round = 0; round < 3; round += 1) await rig.positions.reconcile();
    expect(rig.records('transfer')).toHaveLength(1);
  });

  it('is the opening balance where none has been booked, once, and no difference', async () => {
    const { rig, broker } = await opened();
    rig.portfolio.deposit(units(0 - rig.portfolio.ledger.income('deposits')), T0, 'gone');
    withdraw(broker, 500);
    for (let round = 0; round < 3; round += 1) await rig.positions.reconcile();
    expect(rig.portfolio.equity).toBe(500e8);
    expect(rig.records('transfer').map(({ transfer_id: id }) => id)).toEqual(['opening', 'opening-USDT']);
    expect(rig.records('balance_drift')).toEqual([]);
  });
});

describe('terms of which one part cannot be read', () => {
  it.each([
    ['a margin mode of which nobody has heard', { marginMode: 'portfolio' }],
    ['a position mode by another name', { positionMode: 'HEDGE' }],
    [
      'a symbol without a leverage',
      {
        symbols: [
          { symbol: 'ETH-PERP', leverage: d(0) },
          { symbol: SYMBOL, leverage: d(50) },
        ],
      },
    ],
    ['no symbol at all', { symbols: [null, { symbol: SYMBOL, leverage: d(50) }] }],
    ['symbols that are no list', { symbols: {} }],
  ])('tell the others: %s', async (_what, part) => {
    const whole = { permissions: { trade: false }, symbols: [{ symbol: SYMBOL, leverage: d(50) }], ...part };
    const { rig, broker } = await opened();
    broker.terms = whole as never;
    await rig.reconciler.reconcile();
    await rig.reconciler.reconcile();
    expect(rig.ladder).toMatchObject({ state: 'HALTED', reason: 'account_may_not_trade' });
    expect(rig.stream.status()).toMatchObject({ set_aside: 1 });
    expect(rig.records('account_event_failed')).toHaveLength(1);
    const leverages = 'symbols' in part && !Array.isArray(part.symbols) ? {} : { [SYMBOL]: '50' };
    expect(rig.records('account_terms').at(-1)).toMatchObject({ may_trade: false, leverages });
  });

  it("are not known where the key's rights cannot be read, and hide no leverage", async () => {
    const { rig, broker } = await opened();
    broker.terms = { permissions: { trade: 'yes' }, symbols: [{ symbol: SYMBOL, leverage: d(50) }] } as never;
    await rig.reconciler.reconcile();
    expect(rig.ladder).toMatchObject({ state: 'REDUCE_ONLY', reason: 'account_leverage' });
    expect(rig.records('account_terms').at(-1)).toMatchObject({ may_trade: null });
  });
});
