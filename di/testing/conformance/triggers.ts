import { lots, ticks } from '../../../src/domain/units.js';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time-spans.js';
import { isTerminal } from '../../../src/domain/order-state.js';
import { expectLacking, expectSame, expectThat } from './expecting.js';
import { traded, type Scenario } from './scenario.js';
import type { ConformanceWorld } from './world.js';

const AWAY = 500;

/** A stop below what is held; what takes the mark there. */
async function stopped(world: ConformanceWorld, size = 5): Promise<() => Promise<void>> {
  const best = world.market.best('buy');
  expectThat(best !== undefined, 'There must be bids.');
  await world.placed('PB0', { type: 'market', lots: lots(size) });
  const stop = ticks(world.instrument.toTicks(best.price, 'nearest') - AWAY);
  const terms = { type: 'stop_market', side: 'sell', stop, triggerBy: 'mark', reduceOnly: true } as const;
  expectSame((await world.placed('PB1', { ...terms, lots: lots(size) })).outcome, 'accepted', 'The outcome of a stop');
  return async () => {
    const below = world.instrument.price(ticks(stop - 10));
    world.market.value(below, below);
    await world.scheduler.advance(1_000);
  };
}

const F2 = traded('F2', 'what a stop has become is found under its own name', async (world) => {
  const fall = await stopped(world);
  await fall();
  expectSame(
    world.fillsOf('PB1').reduce((sum, fill) => sum + fill.lots, 0),
    5,
    'What has filled under its name',
  );
  const found = await world.within(world.trader.getOrder(world.refOf('PB1')));
  expectSame(found.found && [found.order.clientId, found.order.report.status], ['PB1', 'filled'], 'What is found');
  const names = new Set(world.fillsOf('PB1').map(({ venueId }) => String(venueId)));
  expectThat(found.found && names.has(String(found.order.venueId)), 'Its fills must bear the name that it has now.');
  const { outcome } = await world.within(world.trader.cancelOrder(world.refOf('PB1')));
  expectSame(outcome, 'not_open', 'The answer to its cancellation');
});

const F3 = traded('F3', 'a stop that becomes no order when it triggers is told so, with a reason', async (world) => {
  const fall = await stopped(world);
  await world.placed('PB2', { type: 'market', side: 'sell', lots: lots(5), reduceOnly: true });
  await fall();
  const ends = world.heardOf.flatMap((event) =>
    event.kind === 'order' && event.clientId === 'PB1' && isTerminal(event.report.status) ? [event.report] : [],
  );
  expectSame(ends.length, 1, 'Ends that were told');
  expectThat((ends[0]?.reason ?? '') !== '', 'A reason must be told.');
  expectSame(world.fillsOf('PB1'), [], 'What it has filled');
});

const F5 = traded(
  'F5',
  'a trailing stop follows from its activation on, by the distance that was asked for, and none other is taken',
  async (world) => {
    const { market, instrument } = world;
    const best = market.best('buy');
    expectThat(best !== undefined, 'There must be bids.');
    const at = instrument.toTicks(best.price, 'nearest');
    const trail = { type: 'trailing_stop', side: 'sell', triggerBy: 'mark', reduceOnly: true, lots: lots(5) } as const;
    for (const [clientId, trailBps] of [
      ['PB8', 5],
      ['PB9', 9_000],
    ] as const) {
      const placing = world.within(world.trader.placeOrder(world.order(clientId, { ...trail, options: { trailBps } })));
      await expectLacking(placing, `a trailing stop of ${trailBps} basis points`);
    }
    await world.placed('PB0', { type: 'market', lots: lots(5) });
    const options = { trailBps: 100, activation: ticks(at + 1_000) };
    expectSame((await world.placed('PB1', { ...trail, options })).outcome, 'accepted', 'The outcome');
    // Not activated; activated, and followed to the top; short of the distance; at it.
    const top = at + 2_000;
    const steps = [
      [at - 6_000, 0],
      [top, 0],
      [Math.ceil(top * 0.99) + 5, 0],
      [Math.floor(top * 0.99), 5],
    ] as const;
    for (const [to, wanted] of steps) {
      const mark = instrument.price(ticks(to));
      market.value(mark, mark);
      await world.scheduler.advance(1_000);
      const filled = world.fillsOf('PB1').reduce((sum, fill) => sum + fill.lots, 0);
      expectSame(filled, wanted, `What it has filled with the mark at ${mark.toFixed()}`);
    }
  },
);

const F4 = traded('F4', 'a stop of a position that is gone opens none, and its end is told', async (world) => {
  const { symbol } = world.market;
  const fall = await stopped(world);
  await world.placed('PB2', { type: 'market', side: 'sell', lots: lots(5), reduceOnly: true });
  await fall();
  expectSame(world.account.held(symbol), world.instrument.size(lots(0)), 'What is held');
  expectSame(world.fillsOf('PB1'), [], 'What the stop has filled');
  expectSame(world.account.open(), [], 'What is open');
  expectSame(world.endsOf('PB1').length, 1, 'Ends of the stop that were told');
});

const E4 = traded(
  'E4',
  'everything of ours ends at once, what waits for a trigger too, of one symbol or of all',
  async (world) => {
    const [, other] = world.symbols;
    await stopped(world);
    await world.placed('PB2');
    const results = await world.within(world.trader.cancelAll(world.market.symbol));
    expectSame(
      results.map(({ ref, outcome }) => `${ref.clientId} ${outcome}`).sort(),
      ['PB1 cancelled', 'PB2 cancelled'],
      'The answers',
    );
    expectSame(world.account.open(), [], 'What is open');
    expectSame(await world.within(world.trader.cancelAll(other)), [], 'The answer where nothing is open');
  },
);

const G2 = traded('G2', 'funding that was paid is told once, by stream and list under one name', async (world) => {
  const { market, clock } = world;
  await world.placed('PB1', { type: 'market', lots: lots(9) });
  const from = clock.now();
  const stamp = Math.ceil((from + 1) / (8 * HOUR_MS)) * 8 * HOUR_MS;
  market.funding(market.spec.takerFee, stamp);
  await world.scheduler.advance(stamp - from + MINUTE_MS);
  const told = world.heardOf.flatMap((event) => (event.kind === 'funding' ? [event.payment.id] : []));
  const listed = await world.within(world.trader.listFundingPayments(from));
  expectSame(listed.length, 1, 'Payments of the list');
  expectSame(
    [...new Set(told)],
    listed.map(({ id }) => id),
    'Payments of the stream',
  );
  const [payment] = listed;
  expectThat(payment?.amount !== undefined && payment.amount < 0, 'Who is long pays a rate above zero.');
});

const G5 = traded('G5', 'another leverage that somebody else has set is told', async (world) => {
  const other = world.traderAs(world.account.key);
  await world.within(other.setLeverage(world.market.symbol, 9));
  await world.scheduler.advance(MINUTE_MS);
  const told = world.heardOf.flatMap((event) => (event.kind === 'terms' ? (event.terms.symbols ?? []) : []));
  expectSame(
    told.map(({ symbol, leverage }) => [symbol, leverage?.toFixed()]),
    [[world.market.symbol, '9']],
    'The terms that were told',
  );
});

const G6 = traded('G6', "somebody else's order is shown, and stays", async (world) => {
  const other = world.traderAs(world.account.key);
  await world.within(other.placeOrder(world.order('by-hand')));
  await world.scheduler.advance(1_000);
  const shown = world.heardOf.flatMap((event) => (event.kind === 'foreign_order' ? [event.order.clientId] : []));
  expectThat(shown.includes('by-hand'), 'It must be shown.');
  expectSame(world.account.open(), ['by-hand'], 'What is open');
});

export const TRIGGERS: readonly Scenario[] = [F2, F3, F4, F5];
export const OTHERS: readonly Scenario[] = [E4, G2, G5, G6];
