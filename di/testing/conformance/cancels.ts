import { lots, ticks } from '../../../src/domain/units.js';
import { expectSame, expectThat } from './expecting.js';
import { traded, type Scenario } from './scenario.js';
import type { ConformanceWorld } from './world.js';

const E1 = traded('E1', 'an order that is cancelled is gone at the venue, and its end is told once', async (world) => {
  await world.placed('PB1');
  const { outcome } = await world.within(world.trader.cancelOrder(world.refOf('PB1')));
  expectThat(outcome === 'cancelled' || outcome === 'requested', `It must be cancelled, was ${outcome}.`);
  await world.scheduler.advance(1_000);
  expectSame(world.account.open(), [], 'What is open');
  expectSame(world.endsOf('PB1'), ['cancelled'], 'The ends that were told');
});

const E2 = traded('E2', 'what is not open any more, or never was, is said so', async (world) => {
  await world.placed('PB1', { type: 'market' });
  await world.placed('PB2');
  await world.within(world.trader.cancelOrder(world.refOf('PB2')));
  for (const clientId of ['PB1', 'PB2', 'PB3']) {
    const { outcome } = await world.within(world.trader.cancelOrder(world.refOf(clientId)));
    expectSame(outcome, 'not_open', `The answer for ${clientId}`);
  }
  const found = await world.within(world.trader.getOrder(world.refOf('PB1')));
  expectSame(found.found && found.order.report.status, 'filled', 'What the first is found as');
});

const E3 = traded(
  'E3',
  'a cancellation whose answer is lost, or says nothing, is not known',
  async (world) => {
    await world.placed('PB1');
    world.line.loses = 'answer';
    const { outcome } = await world.within(world.trader.cancelOrder(world.refOf('PB1')));
    world.line.loses = undefined;
    expectSame(outcome, 'unknown', 'The outcome');
    const found = await world.within(world.trader.getOrder(world.refOf('PB1')));
    expectSame(found.found && found.order.report.status, 'cancelled', 'What it is found as');
  },
  async (world) => {
    await world.placed('PB1');
    world.wire.faults(['server-error']);
    const { outcome } = await world.within(world.trader.cancelOrder(world.refOf('PB1')));
    world.wire.faults([]);
    expectSame(outcome, 'unknown', 'The outcome of one that is answered with a failure of the venue');
  },
);

const E7 = traded(
  'E7',
  'a change whose answer is lost is not known, and what fills meanwhile is told once',
  ...(['request', 'answer'] as const).map((lost) => async (world: ConformanceWorld) => {
    await world.placed('PB1');
    const { limit = 0 } = world.order('PB1');
    world.line.loses = lost;
    const changed = world.trader.amendOrder({ ref: world.refOf('PB1'), limit: ticks(limit - 20), lots: lots(15) });
    expectSame((await world.within(changed)).outcome, 'unknown', 'The outcome');
    world.line.loses = undefined;
    const wanted = lost === 'answer' ? 15 : 10;
    const found = await world.within(world.trader.getOrder(world.refOf('PB1')));
    expectSame(found.found && found.order.size, world.instrument.size(lots(wanted)), 'The size that it has');
    world.market.trade(world.instrument.price(ticks(limit - 40)), world.instrument.size(lots(1_000)), 'sell');
    await world.scheduler.advance(1_000);
    expectSame(
      world.fillsOf('PB1').reduce((sum, fill) => sum + fill.lots, 0),
      wanted,
      'What has filled',
    );
    expectSame(world.endsOf('PB1'), ['filled'], 'The ends that were told');
  }),
);

const F1 = traded('F1', 'a stop waits at the venue, and triggers on its own side', async (world) => {
  const { market, instrument } = world;
  const best = market.best('buy');
  expectThat(best !== undefined, 'There must be bids.');
  await world.placed('PB0', { type: 'market', lots: lots(5) });
  const stop = ticks(instrument.toTicks(best.price, 'nearest') - 500);
  const terms = {
    type: 'stop_market',
    side: 'sell',
    stop,
    triggerBy: 'mark',
    reduceOnly: true,
    lots: lots(5),
  } as const;
  expectSame((await world.placed('PB1', terms)).outcome, 'accepted', 'The outcome');
  await world.scheduler.advance(1_000);
  expectSame(world.fillsOf('PB1'), [], 'What it has filled before its price');
  expectSame(world.account.open(), ['PB1'], 'What is open');
  const below = instrument.price(ticks(stop - 10));
  market.value(below, below);
  await world.scheduler.advance(1_000);
  expectSame(
    world.fillsOf('PB1').reduce((sum, fill) => sum + fill.lots, 0),
    5,
    'What it has filled',
  );
  expectSame(world.account.held(market.symbol), instrument.size(lots(0)), 'What is held');
});

const F6 = traded('F6', 'an order that waits is listed, found and cancelled by its name', async (world) => {
  const best = world.market.best('buy');
  expectThat(best !== undefined, 'There must be bids.');
  const stop = ticks(world.instrument.toTicks(best.price, 'nearest') - 500);
  const result = await world.placed('PB1', { type: 'stop_market', side: 'sell', stop, triggerBy: 'mark' });
  expectSame(result.outcome, 'accepted', 'The outcome');
  const open = await world.within(world.trader.listOpenOrders());
  expectSame(
    open.map(({ clientId, type }) => [clientId, type]),
    [['PB1', 'stop_market']],
    'What is listed',
  );
  const found = await world.within(world.trader.getOrder(world.refOf('PB1')));
  expectSame(found.found && found.order.type, 'stop_market', 'What it is found as');
  const { outcome } = await world.within(world.trader.cancelOrder(world.refOf('PB1')));
  expectThat(outcome === 'cancelled' || outcome === 'requested', `It must be cancelled, was ${outcome}.`);
  expectSame(world.account.open(), [], 'What is open');
});

export const CANCELS: readonly Scenario[] = [E1, E2, E3, E7];
export const CONDITIONAL: readonly Scenario[] = [F1, F6];
