import { Decimal, ZERO } from '../../../src/domain/decimal.js';
import { Instrument } from '../../../src/domain/instrument.js';
import { OrderRequest, type Fill, type OrderTerms } from '../../../src/domain/order.js';
import { DAY_MS } from '../../../src/domain/time-spans.js';
import { lots, ticks } from '../../../src/domain/units.js';
import { expectSame, expectThat } from './expecting.js';
import { leap, traded, type Scenario } from './scenario.js';
import type { ConformanceWorld } from './world.js';

const SOON_MS = 1_000;
/** The ledger of a venue may lag behind what its stream says. */
const LEDGER_MS = 20_000;

const A8 = traded('A8', 'what a key may do is said as it is', async (world) => {
  const mayTrade = async () => {
    const { permissions } = await world.within(world.trader.describeAccount([world.market.symbol]));
    return permissions?.trade;
  };
  expectSame(await mayTrade(), true, 'Whether it may trade');
  world.account.allow({ trade: false });
  expectSame(await mayTrade(), false, 'Whether a key that may look alone may trade');
  const { outcome } = await world.placed('PB1');
  expectSame(outcome, 'rejected', 'The outcome of its order');
  expectSame(world.account.open(), [], 'What is open');
});

const G3 = traded('G3', 'money that comes or goes by no trade is a transfer, each in its asset', async (world) => {
  const from = world.clock.now();
  const before = await world.within(world.trader.listBalances());
  const moves = [
    ['transfer', new Decimal(1_000)],
    ['transfer', new Decimal(-250)],
    ['bonus', new Decimal('5.5')],
    ['conversion', new Decimal('0.25')],
  ] as const;
  for (const [kind, amount] of moves) {
    world.account.receive(kind, amount);
    await world.scheduler.advance(LEDGER_MS);
  }
  const listed = (await world.within(world.trader.listTransfers(from))).filter(({ at }) => at >= from);
  expectSame(
    listed.map(({ amount }) => amount).sort((a, b) => a.cmp(b)),
    moves.map(([, amount]) => amount).sort((a, b) => a.cmp(b)),
    'Transfers of the list',
  );
  const { settle } = world.market.spec;
  expectSame(listed.filter(({ asset }) => asset !== settle).length, 1, 'Transfers of another asset');
  const told = world.heardOf.flatMap((event) => (event.kind === 'transfer' ? [event.id] : []));
  expectSame([...new Set(told)].sort(), listed.map(({ id }) => id).sort(), 'Transfers that were told');
  const others = world.heardOf.filter(({ kind }) => kind === 'fill' || kind === 'funding');
  expectSame(others.length, 0, 'What was told as a result of trading');
  const after = await world.within(world.trader.listBalances());
  const totalOf = (balances: typeof before) => balances.find(({ asset }) => asset === settle)?.total ?? ZERO;
  expectSame(totalOf(after).minus(totalOf(before)), new Decimal('755.5'), 'What the balance has gained');
});

const causes = (world: ConformanceWorld): readonly Fill[] =>
  world.heardOf.flatMap((event) => (event.kind === 'fill' && event.fill.cause !== undefined ? [event.fill] : []));

const sizeOf = (fills: readonly Fill[]): number => fills.reduce((sum, fill) => sum + fill.lots, 0);

/** A position on as much leverage as there is, and an order that rests beside it. */
async function burdened(world: ConformanceWorld, size: number): Promise<number> {
  const { symbol } = world.market;
  await world.within(world.trader.setLeverage(symbol, 100));
  await world.placed('PB1', { type: 'market', lots: lots(size) });
  await world.placed('PB2');
  await world.scheduler.advance(SOON_MS);
  return world.instrument.toLots(world.account.held(symbol));
}

/** Whoever's order it was, it was the venue's own: nobody's to adopt. */
const expectNobodys = (world: ConformanceWorld): void =>
  expectSame(
    world.heardOf.filter(({ kind }) => kind === 'foreign_order').length,
    0,
    'Orders that are told as those of somebody else',
  );

const G4 = traded(
  'G4',
  'what the venue closes itself is told with its cause, and ends what is open',
  ...[5_000, 10].map((size) => async (world: ConformanceWorld) => {
    const held = await burdened(world, size);
    expectSame(held, size, 'What is held before');
    world.wire.faults(['liquidation']);
    await world.within(world.trader.listBalances());
    world.wire.faults([]);
    await world.scheduler.advance(SOON_MS);
    const fills = causes(world);
    expectSame(new Set(fills.map(({ cause }) => cause)).size === 1 && fills[0]?.cause, 'liquidation', 'The cause');
    expectSame(sizeOf(fills), held, 'What was closed');
    expectSame(world.account.held(world.market.symbol), ZERO, 'What is held');
    expectSame(await world.within(world.trader.listPositions()), [], 'Positions that are listed');
    expectSame(world.endsOf('PB2').length, 1, 'Ends of the order that was open');
    expectSame(world.account.open(), [], 'What is open');
    expectNobodys(world);
  }),
  async (world) => {
    const held = await burdened(world, 5_000);
    const best = world.market.best('sell');
    expectThat(best !== undefined, 'There must be asks.');
    const mark = best.price.times('1.02');
    world.market.value(mark, mark);
    world.wire.faults(['deleveraging']);
    await world.within(world.trader.listBalances());
    world.wire.faults([]);
    await world.scheduler.advance(SOON_MS);
    const fills = causes(world);
    expectSame(new Set(fills.map(({ cause }) => cause)).size === 1 && fills[0]?.cause, 'adl', 'The cause');
    expectThat(sizeOf(fills) > 0 && sizeOf(fills) < held, 'A part must have been taken.');
    const left = world.instrument.size(lots(held - sizeOf(fills)));
    expectSame(world.account.held(world.market.symbol), left, 'What is held');
    const [position] = await world.within(world.trader.listPositions());
    expectSame(position?.size, left, 'The position that is listed');
    expectNobodys(world);
  },
);

const G7 = traded('G7', 'a fee is what was charged, in whatever it was charged', async (world) => {
  const { market, account, instrument } = world;
  const bid = market.best('buy');
  expectThat(bid !== undefined, 'There must be bids.');
  await world.placed('PB1', { type: 'market' });
  market.redefine({ makerFee: new Decimal('-0.0001'), takerFee: new Decimal('0.0003') });
  await world.placed('PB2', { type: 'market' });
  await world.placed('PB3');
  market.trade(
    instrument.price(ticks(instrument.toTicks(bid.price, 'nearest') - 120)),
    instrument.size(lots(10)),
    'sell',
  );
  await world.scheduler.advance(SOON_MS);
  account.chargeElsewhere();
  await world.placed('PB4', { type: 'market' });
  await world.scheduler.advance(SOON_MS);
  const fills = world.heardOf.flatMap((event) => (event.kind === 'fill' ? [event.fill] : []));
  expectSame(
    fills.flatMap(({ fee, fees }) => fees ?? [{ asset: market.spec.settle, amount: instrument.money(fee) }]),
    account.charged(),
    'What was charged',
  );
  expectThat(
    fills.some(({ fee }) => fee > 0) && fills.some(({ fees }) => fees?.[0]?.asset !== undefined),
    'There must be a rebate, and a fee in another asset.',
  );
});

/** Trades of one order within one millisecond: more than two pages of any venue. */
const OF_ONE_INSTANT = 2_100;

const G9 = traded(
  'G9',
  'the history of trades is whole, each once and in its order, over pages, days and symbols',
  async (world) => {
    const { market, account, instrument } = world;
    const from = world.clock.now();
    const bid = market.best('buy');
    expectThat(bid !== undefined, 'There must be bids.');
    await world.within(world.trader.setLeverage(market.symbol, 20));
    expectSame((await world.placed('PB1', { lots: lots(OF_ONE_INSTANT) })).outcome, 'accepted', 'The outcome');
    const through = instrument.price(ticks(instrument.toTicks(bid.price, 'nearest') - 120));
    for (let left = OF_ONE_INSTANT; left > 0; left -= 1) market.trade(through, instrument.size(lots(1)), 'sell');
    const [, other] = world.simulator.markets;
    const second = new Instrument(other.spec);
    for (const clientId of ['PB2', 'PB3']) {
      await leap(world, 4 * DAY_MS);
      await world.placed(clientId, { type: 'market', expiresAt: world.clock.now() + 5_000 });
      const terms: OrderTerms = world.order(`${clientId}-other`, { type: 'market' });
      const ofOther = new OrderRequest({ ...terms, instrument: second });
      await world.within(world.trader.placeOrder(ofOther));
    }
    const fills: Fill[] = [];
    let cursor: string | undefined;
    do {
      const page = await world.within(world.trader.listFills(from, cursor));
      fills.push(...page.items);
      cursor = page.next;
    } while (cursor !== undefined);
    expectSame(fills.length, account.charged().length, 'Trades of the history');
    expectSame(new Set(fills.map(({ tradeId }) => tradeId)).size, fills.length, 'Their names');
    expectThat(
      fills.every(({ at }, place) => at >= (fills[place - 1]?.at ?? 0)),
      'They must be in their order.',
    );
    expectSame(
      [...new Set(fills.map(({ clientId }) => clientId))].sort(),
      ['PB1', 'PB2', 'PB2-other', 'PB3', 'PB3-other'],
      'Whose they are',
    );
  },
);

export const MONEY: readonly Scenario[] = [A8, G3, G4, G7, G9];
