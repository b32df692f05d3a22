import { lots, ticks } from '../../../src/domain/units.js';
import { expectSame, expectThat } from './expecting.js';
import { traded, type Scenario } from './scenario.js';
import type { ConformanceWorld } from './world.js';

const SOON_MS = 1_000;
/** Every character that a client id of a bot has. */
const LONGEST = 'PB0123456789ABCDEFGHJKMN';

/** A price that trades with what rests on the other side. */
const crossing = (world: ConformanceWorld) => {
  const best = world.market.best('sell');
  expectThat(best !== undefined, 'There must be asks.');
  return { limit: ticks(world.instrument.toTicks(best.price, 'nearest')), size: best.size };
};

const C2 = traded('C2', 'a market order over two levels fills at both, each once', async (world) => {
  const wanted = world.instrument.toLots(crossing(world).size) + 10;
  const result = await world.placed('PB1', { type: 'market', lots: lots(wanted) });
  expectSame(result.outcome, 'accepted', 'The outcome');
  await world.scheduler.advance(SOON_MS);
  const fills = world.fillsOf('PB1');
  expectSame(
    fills.reduce((sum, fill) => sum + fill.lots, 0),
    wanted,
    'What has filled',
  );
  expectThat(new Set(fills.map(({ price }) => price)).size === 2, 'Two levels must have been taken.');
  expectSame(new Set(fills.map(({ tradeId }) => tradeId)).size, fills.length, 'Names of the fills');
  expectSame(world.account.held(world.market.symbol), world.instrument.size(lots(wanted)), 'What is held');
  expectSame(world.endsOf('PB1'), ['filled'], 'The ends that were told');
  const { items } = await world.within(world.trader.listFills(world.clock.now() - 60_000));
  const named = (each: readonly { readonly tradeId: string; readonly clientId: string }[]) =>
    each.map(({ tradeId, clientId }) => `${tradeId} ${clientId}`).sort();
  expectSame(named(items), named(fills), 'The fills of the history');
});

const C5 = traded('C5', 'a post-only order that would take takes nothing', async (world) => {
  const result = await world.placed('PB1', { postOnly: true, limit: crossing(world).limit });
  await world.scheduler.advance(SOON_MS);
  expectSame(world.fillsOf('PB1'), [], 'What it has filled');
  if (result.outcome === 'rejected') expectSame(result.reason, 'post_only_would_take', 'The reason');
  else expectThat(world.endsOf('PB1').length === 1, 'One that was accepted must end.');
  expectSame(world.account.open(), [], 'What is open');
});

const C6 = traded(
  'C6',
  'what cannot fill at once ends: the rest of one, the whole of another',
  async (world) => {
    const { limit, size } = crossing(world);
    const most = world.instrument.toLots(size);
    await world.placed('PB1', { limit, lots: lots(most + 5), timeInForce: 'IOC' });
    await world.scheduler.advance(SOON_MS);
    expectSame(
      world.fillsOf('PB1').reduce((sum, fill) => sum + fill.lots, 0),
      most,
      'What has filled',
    );
    expectSame(world.endsOf('PB1').length, 1, 'Ends that were told');
    expectSame(world.account.open(), [], 'What is open');
  },
  async (world) => {
    const { limit, size } = crossing(world);
    const wanted = lots(world.instrument.toLots(size) + 5);
    const result = await world.placed('PB1', { limit, lots: wanted, timeInForce: 'FOK' });
    await world.scheduler.advance(SOON_MS);
    expectSame(world.fillsOf('PB1'), [], 'What it has filled');
    if (result.outcome === 'rejected') expectSame(result.reason, 'not_fillable', 'The reason');
    else expectSame(world.endsOf('PB1').length, 1, 'Ends that were told');
  },
);

const C8 = traded('C8', 'what only reduces never opens', async (world) => {
  const { symbol } = world.market;
  for (const [clientId, side] of [
    ['PB1', 'buy'],
    ['PB2', 'sell'],
  ] as const) {
    await world.placed(clientId, { type: 'market', side, reduceOnly: true });
    await world.scheduler.advance(SOON_MS);
    expectSame(world.account.held(symbol), world.instrument.size(lots(0)), 'What is held after a reduction of nothing');
  }
  await world.placed('PB3', { type: 'market', lots: lots(5) });
  await world.placed('PB4', { type: 'market', side: 'sell', lots: lots(9), reduceOnly: true });
  await world.scheduler.advance(SOON_MS);
  const held = world.account.held(symbol);
  expectThat(
    held.gte(0) && held.lte(world.instrument.size(lots(5))),
    `It must not flip, and ${held.toFixed()} is held.`,
  );
});

const C15 = traded('C15', 'the longest client id comes back as it was', async (world) => {
  await world.placed(LONGEST);
  expectSame(world.account.open(), [LONGEST], 'What is open at the venue');
  const open = await world.within(world.trader.listOpenOrders());
  expectSame(
    open.map(({ clientId }) => clientId),
    [LONGEST],
    'What is listed',
  );
  const found = await world.within(world.trader.getOrder(world.refOf(LONGEST)));
  expectSame(found.found && found.order.clientId, LONGEST, 'What is found');
});

const G1 = traded('G1', 'balances and positions are those of the venue, flat and not', async (world) => {
  expectSame(await world.within(world.trader.listPositions()), [], 'Positions of a flat account');
  await world.placed('PB1', { type: 'market', lots: lots(7) });
  const [position, ...others] = await world.within(world.trader.listPositions());
  expectSame(position?.size, world.account.held(world.market.symbol), 'The position');
  expectSame(others, [], 'Other positions');
  world.line.isDown = true;
  let told: unknown = 'refused';
  try {
    told = await world.within(world.trader.listPositions());
  } catch {
    // Not to be had is not flat.
  }
  expectSame(told, 'refused', 'Positions that cannot be had');
  world.line.isDown = false;
});

export const ORDERS: readonly Scenario[] = [C2, C5, C6, C8, C15];
export const ACCOUNT: readonly Scenario[] = [G1];
