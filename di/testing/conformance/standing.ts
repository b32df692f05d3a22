import { lots, ticks } from '../../../src/domain/units.js';
import { expectRefusal, expectSame, expectThat } from './expecting.js';
import { inWorld, traded, type Scenario } from './scenario.js';

const A1 = traded('A1', 'a connection orders nothing and sets nothing, and the account has one name', async (world) => {
  const name = await world.within(world.trader.getAccountId());
  expectThat(name !== '', 'The account must have a name.');
  await world.within(world.trader.connect());
  expectSame(await world.within(world.trader.getAccountId()), name, 'The name after another connection');
  expectSame(world.account.placed(), 0, 'Orders that were sent');
  expectSame(world.account.open(), [], 'What is open');
});

const WRONG = 'not-the-secret-of-anybody';

const A2: Scenario = {
  id: 'A2',
  title: 'a key that is refused ends the connection, says where, and is not repeated',
  needsBook: false,
  needsWire: true,
  needsAccount: true,
  run: (venue) =>
    inWorld(venue, async (world) => {
      for (const key of [
        { ...world.account.key, apiSecret: WRONG },
        { ...world.account.key, apiKey: WRONG },
      ]) {
        const trader = world.traderAs(key);
        const error = await expectRefusal(world.within(trader.connect()), 'a key that is none');
        expectSame((error as { readonly code?: unknown }).code, 'VENUE-004', 'The code');
        expectThat(error.message.includes('testnet'), `The environment must be named, was: ${error.message}`);
        expectThat(!error.message.includes(WRONG), 'What it is must not be repeated.');
        await trader.disconnect();
      }
    }),
};

const D9 = traded('D9', 'a name that is sent again makes no second order', async (world) => {
  await world.placed('PB1');
  await world.placed('PB1');
  expectSame(world.account.open(), ['PB1'], 'What is open');
  await world.placed('PB2', { type: 'market', lots: lots(3) });
  expectSame(world.account.held(world.market.symbol), world.instrument.size(lots(3)), 'What is held');
});

const E5 = traded('E5', 'each of several cancellations has its own outcome, and none sends nothing', async (world) => {
  const before = world.requests().length;
  expectSame(await world.within(world.trader.cancelOrders([])), [], 'The answer to none');
  expectSame(world.requests().length, before, 'What was sent for none');
  await world.placed('PB1', { type: 'market' });
  await world.placed('PB2');
  const results = await world.within(world.trader.cancelOrders(['PB1', 'PB2', 'PB3'].map((id) => world.refOf(id))));
  expectSame(
    results.map(({ outcome, ref }) => [ref.clientId, outcome]),
    [
      ['PB1', 'not_open'],
      ['PB2', 'cancelled'],
      ['PB3', 'not_open'],
    ],
    'The outcomes',
  );
  expectSame(world.account.open(), [], 'What is open');
});

const E6 = traded('E6', 'a change is made, or its refusal or the end of the order is said', async (world) => {
  const { limit } = world.order('PB1');
  expectThat(limit !== undefined, 'An order that rests must have a limit.');
  await world.placed('PB1', { postOnly: true });
  const ref = world.refOf('PB1');
  const moved = await world.within(world.trader.amendOrder({ ref, limit: ticks(limit - 10), lots: lots(12) }));
  expectSame(moved.outcome, 'accepted', 'The outcome of a change');
  const found = await world.within(world.trader.getOrder(ref));
  expectSame(
    found.found && [found.order.price, found.order.size],
    [world.instrument.price(ticks(limit - 10)), world.instrument.size(lots(12))],
    'What it has become',
  );
  const best = world.market.best('sell');
  expectThat(best !== undefined, 'There must be asks.');
  const crossing = ticks(world.instrument.toTicks(best.price, 'nearest'));
  const { outcome } = await world.within(world.trader.amendOrder({ ref, limit: crossing }));
  await world.scheduler.advance(1_000);
  expectSame(world.fillsOf('PB1'), [], 'What it has filled');
  const isOpen = world.account.open().includes('PB1');
  expectSame(outcome, isOpen ? 'rejected' : 'ended', 'The outcome of a price that would take');
});

const E8 = traded(
  'E8',
  "the dead man's switch ends what rests unless it is wound up, and not once it is off",
  async (world) => {
    const { symbol } = world.market;
    const wind = (ms: number | undefined) => world.within(world.trader.setDeadMan(ms, symbol));
    await world.placed('PB1');
    await wind(10_000);
    await world.scheduler.advance(8_000);
    await wind(10_000);
    await world.scheduler.advance(8_000);
    expectSame(world.account.open(), ['PB1'], 'What is open while it is wound up');
    await wind(undefined);
    await world.scheduler.advance(20_000);
    expectSame(world.account.open(), ['PB1'], 'What is open once it is off');
    await wind(10_000);
    await world.scheduler.advance(12_000);
    expectSame(world.account.open(), [], 'What is open once it has run out');
  },
);

const G8 = traded('G8', 'the terms of the account are set, read back, and set again without harm', async (world) => {
  const { symbol } = world.market;
  for (let time = 0; time < 2; time += 1) {
    await world.within(world.trader.setLeverage(symbol, 7));
    await world.within(world.trader.setMarginMode(symbol, 'isolated'));
    await world.within(world.trader.setPositionMode('one_way'));
    const { symbols = [], positionMode } = await world.within(world.trader.describeAccount([symbol]));
    expectSame(
      symbols.map(({ leverage, marginMode }) => [leverage?.toFixed(), marginMode]),
      [['7', 'isolated']],
      'The terms of the symbol',
    );
    expectSame(positionMode, 'one_way', 'The mode of positions');
  }
  await world.placed('PB1');
  await expectRefusal(world.within(world.trader.setPositionMode('hedge')), 'another mode while orders are open');
});

export const IDENTITY: readonly Scenario[] = [A1, A2];
export const STANDING: readonly Scenario[] = [D9, E5, E6, E8];
export const TERMS: readonly Scenario[] = [G8];
