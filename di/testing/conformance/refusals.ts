import { lots, ticks } from '../../../src/domain/units.js';
import type { OrderTerms } from '../../../src/domain/order.js';
import type { SubmitResult } from '../../../src/ports/venue/submit-result.js';
import { expectSame, expectThat } from './expecting.js';
import { traded, type Scenario } from './scenario.js';
import type { ConformanceWorld } from './world.js';

const FAR = 2;

/** Refused by the venue, or before it, for this reason; and nothing has come of it. */
async function refused(world: ConformanceWorld, clientId: string, terms: Partial<OrderTerms>, reason: string) {
  let result: SubmitResult | undefined;
  try {
    result = await world.placed(clientId, terms);
  } catch (error) {
    expectSame((error as { readonly code?: unknown }).code, 'VENUE-003', `The code of the refusal of ${clientId}`);
  }
  if (result !== undefined) {
    expectSame(result.outcome, 'rejected', `The outcome of ${clientId}`);
    expectSame(result.outcome === 'rejected' && result.reason, reason, `The reason of ${clientId}`);
  }
  expectThat(!world.account.open().includes(clientId), `${clientId} must not be open.`);
}

const limitOf = ({ market, instrument }: ConformanceWorld): number => {
  const best = market.best('buy');
  expectThat(best !== undefined, 'There must be bids.');
  return instrument.toTicks(best.price, 'nearest');
};

const B3 = traded('B3', 'a price beyond the band of the venue is refused as one', async (world) => {
  await refused(world, 'PB1', { limit: ticks(limitOf(world) * FAR) }, 'price_filter');
});

const B4 = traded('B4', 'a size beyond what one order may have is refused as one', async (world) => {
  const most = world.instrument.maxLots;
  await refused(world, 'PB1', { lots: lots(most + 1) }, 'lot_size');
  await refused(world, 'PB2', { type: 'market', lots: lots(world.instrument.maxMarketLots + 1) }, 'lot_size');
});

const B5 = traded('B5', 'what is worth too little is refused, and a reduction of as little is not', async (world) => {
  const { instrument, market } = world;
  const dear = market.spec.minNotional.div(instrument.price(ticks(limitOf(world)))).div(market.spec.step);
  const few = lots(Math.max(1, dear.ceil().toNumber() - 1));
  const small = ticks(Math.floor(limitOf(world) / FAR));
  if (instrument.notional(small, few) < instrument.minNotional && instrument.bandBelow === Number.POSITIVE_INFINITY)
    await refused(world, 'PB1', { limit: small, lots: few }, 'min_notional');
  await world.placed('PB2', { type: 'market', lots: lots(5) });
  const { outcome } = await world.placed('PB3', { type: 'market', side: 'sell', lots: lots(1), reduceOnly: true });
  expectSame(outcome, 'accepted', 'The outcome of the reduction');
});

const C10 = traded('C10', 'each refusal has its reason', async (world) => {
  await refused(world, 'PB1', { type: 'market', lots: lots(world.instrument.maxMarketLots) }, 'insufficient_margin');
  const stop = ticks(limitOf(world) + 2_000);
  const beyond = { type: 'stop_market', side: 'sell', stop, triggerBy: 'mark' } as const;
  await refused(world, 'PB2', beyond, 'would_trigger');
  await world.placed('PB3');
  const again = await world.placed('PB3');
  expectSame(again.outcome === 'rejected' && again.reason, 'duplicate_client_id', 'The reason of a name that is given');
  expectSame(world.account.open(), ['PB3'], 'What is open');
});

const C12 = traded('C12', 'each of several orders in one request has its own outcome', async (world) => {
  const orders = [
    world.order('PB1'),
    world.order('PB2', { limit: ticks(limitOf(world) * FAR) }),
    world.order('PB3'),
  ] as const;
  const results = await world.within(world.trader.placeOrders(orders));
  expectSame(
    results.map(({ outcome }) => outcome),
    ['accepted', 'rejected', 'accepted'],
    'The outcomes',
  );
  expectSame([...world.account.open()].sort(), ['PB1', 'PB3'], 'What is open');
});

export const REFUSALS: readonly Scenario[] = [B3, B4, C10, C12];
export const LEAST: readonly Scenario[] = [B5];
