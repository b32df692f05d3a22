import { OrderRequest, type OrderTerms, type OrderType } from '../../../src/domain/order.js';
import { HOUR_MS } from '../../../src/domain/time-spans.js';
import { lots, ticks } from '../../../src/domain/units.js';
import type { OrderForm } from './contract.js';
import { expectSame, expectThat } from './expecting.js';
import { traded, type Scenario } from './scenario.js';
import type { ConformanceWorld } from './world.js';

/** Orders that a venue takes within ten seconds. */
const AT_ONCE = 100;
const PAUSE_MS = 10_000;
const MANY = 500;

const waits = (type: OrderType): boolean => type !== 'market' && type !== 'limit';
const priced = (type: OrderType): boolean => type === 'limit' || type.endsWith('_limit');

function bidOf({ market, instrument }: ConformanceWorld): number {
  const best = market.best('buy');
  expectThat(best !== undefined, 'There must be bids.');
  return instrument.toTicks(best.price, 'nearest');
}

/** One order of each type, as plain as it can be. */
function plainest(world: ConformanceWorld, type: OrderType): Partial<OrderTerms> {
  const bid = bidOf(world);
  const [rises, falls] = [ticks(bid + 2_000), ticks(bid - 2_000)];
  return {
    type,
    ...(priced(type) ? { limit: falls } : {}),
    ...(type.startsWith('stop') ? { stop: rises } : {}),
    ...(type.startsWith('take') ? { stop: falls } : {}),
    ...(type === 'trailing_stop' ? { options: { trailBps: 150 } } : {}),
  };
}

/** What may be said of an order besides, each alone; absent where it is no word of that type. */
function words(world: ConformanceWorld, type: OrderType): readonly Partial<OrderTerms>[] {
  const bid = bidOf(world);
  return [
    { timeInForce: 'IOC' },
    { timeInForce: 'FOK' },
    { timeInForce: 'GTD', options: { goodTill: world.clock.now() + HOUR_MS } },
    { postOnly: true },
    { reduceOnly: true },
    { side: 'sell' },
    { leverage: 3 },
    { options: { selfTrade: 'expire_taker' } },
    { options: { positionSide: 'long' } },
    { options: { after: 'PB0' } },
    { options: { group: 'one-of-two' } },
    { options: { closePosition: true }, lots: lots(0) },
    ...(waits(type) ? [{ triggerBy: 'mark' } as const, { triggerBy: 'index' } as const] : []),
    ...(type === 'trailing_stop' ? [{ options: { activation: ticks(bid - 3_000) } }] : []),
  ];
}

const both = (first: Partial<OrderTerms>, second: Partial<OrderTerms>): Partial<OrderTerms> => ({
  ...first,
  ...second,
  ...(first.options === undefined && second.options === undefined
    ? {}
    : { options: { ...first.options, ...second.options } }),
});

/** What was asked for, word by word; `reduceOnly` may be said by closing, or by the side of a hedged account. */
function expectSaid({ options = {}, ...order }: OrderRequest, asked: OrderForm, what: string): void {
  const { clientId, side, type, instrument, limit, stop, triggerBy, timeInForce, postOnly, reduceOnly } = order;
  const closes = options.closePosition === true;
  const byItsSide = options.positionSide !== undefined && (options.positionSide === 'long') === (side === 'sell');
  const said = {
    ...{ clientId: asked.clientId, symbol: asked.symbol, side: asked.side, type: asked.type },
    ...{ size: asked.size, limit: asked.limit, stop: asked.stop, activation: asked.activation },
    ...{ postOnly: asked.postOnly, reduceOnly: asked.reduceOnly || asked.closePosition === true || byItsSide },
    ...{ goodTill: asked.goodTill, trailBps: asked.trailBps, selfTrade: asked.selfTrade },
    ...{ positionSide: asked.positionSide, closes: asked.closePosition === true },
    ...(triggerBy === undefined ? {} : { triggerBy: asked.triggerBy }),
    ...(limit === undefined ? {} : { timeInForce: asked.timeInForce }),
  };
  const price = (at: typeof limit) => (at === undefined ? undefined : instrument.price(at));
  const wanted = {
    ...{ clientId, symbol: instrument.symbol, side, type },
    ...{ size: closes ? undefined : instrument.size(order.lots), limit: price(limit), stop: price(stop) },
    activation: price(options.activation),
    ...{ postOnly, reduceOnly: reduceOnly || closes || byItsSide },
    ...{ goodTill: options.goodTill, trailBps: options.trailBps, selfTrade: options.selfTrade },
    ...{ positionSide: options.positionSide, closes },
    ...(triggerBy === undefined ? {} : { triggerBy }),
    ...(limit === undefined ? {} : { timeInForce }),
  };
  expectSame(said, wanted, what);
}

const TYPES: readonly OrderType[] = [
  ...(['market', 'limit', 'stop_market', 'stop_limit'] as const),
  ...(['take_profit_market', 'take_profit_limit', 'trailing_stop'] as const),
];

const C9 = traded('C9', 'every word of an order is in the request for it, or the order is refused', async (world) => {
  let [tried, sent] = [0, 0];
  const trial = async (terms: Partial<OrderTerms>, what: string): Promise<void> => {
    tried += 1;
    const request = world.order(`PB${tried}`, terms);
    const before = world.account.placed();
    let code: unknown;
    await world.within(world.trader.placeOrder(request)).catch((error: unknown) => {
      code = (error as { readonly code?: unknown }).code ?? String(error);
    });
    if (code !== undefined) {
      expectSame(code, 'VENUE-003', `The code of the refusal of ${what}`);
      expectSame(world.account.placed(), before, `Requests for ${what}, which is refused,`);
      return;
    }
    sent += 1;
    const asked = world.account.asked().at(-1);
    expectThat(asked !== undefined && world.account.placed() === before + 1, `${what} must be asked for once.`);
    expectSaid(request, asked, what);
    if (sent % AT_ONCE === 0) await world.scheduler.advance(PAUSE_MS);
  };
  for (const type of TYPES) {
    const plain = plainest(world, type);
    await trial(plain, `an order of the type ${type}`);
    const all = words(world, type);
    for (const [place, word] of all.entries()) {
      await trial(both(plain, word), `${type} with ${Object.keys(word).join(' and ')}`);
      for (const other of all.slice(place + 1))
        await trial(both(both(plain, word), other), `${type} with ${JSON.stringify(both(word, other))}`);
    }
  }
  expectThat(sent > TYPES.length, 'Some of it must be taken.');
});

const C14 = traded(
  'C14',
  'an order that would trade with one of the same account ends, and that is said',
  async (world) => {
    const between = ticks(bidOf(world) + 10);
    await world.placed('PB1', { side: 'sell', limit: between });
    await world.placed('PB2', { limit: between, options: { selfTrade: 'expire_taker' } });
    await world.scheduler.advance(1_000);
    expectSame([...world.fillsOf('PB1'), ...world.fillsOf('PB2')], [], 'What has filled');
    expectSame(world.account.open(), ['PB1'], 'What is open');
    const ends = world.heardOf.flatMap((event) =>
      event.kind === 'order' && event.clientId === 'PB2' && event.report.status === 'expired' ? [event.report] : [],
    );
    expectThat(ends.length === 1 && (ends[0]?.reason ?? '') !== '', 'It must be told as ended once, with a reason.');
  },
);

const C16 = traded('C16', 'many orders at once keep their names, each with its own outcome', async (world) => {
  const names = Array.from({ length: MANY }, (_, place) => `PB${place}`);
  const { symbol } = world.market;
  for (let from = 0; from < MANY; from += AT_ONCE) {
    const some = names.slice(from, from + AT_ONCE);
    const placing = some.map((clientId) => world.trader.placeOrder(world.order(clientId, { timeInForce: 'IOC' })));
    const results = await world.within(Promise.all(placing));
    const refs = some.map((clientId) => ({ clientId, symbol }));
    for (const [place, result] of results.entries()) {
      expectSame(result.outcome, 'accepted', `The outcome of ${some[place] ?? ''}`);
      const name = result.outcome === 'accepted' ? result.order?.clientId : undefined;
      expectSame(name ?? some[place], refs[place]?.clientId, 'Whose outcome it is');
    }
    await world.scheduler.advance(PAUSE_MS);
  }
  const asked = world.account.asked().map(({ clientId }) => clientId);
  expectSame([...asked].sort(), [...names].sort(), 'Names on the wire');
  const ended = world.heardOf.flatMap((event) =>
    event.kind === 'order' && event.report.status === 'expired' ? [event.clientId] : [],
  );
  expectSame([...ended].sort(), [...names].sort(), 'Orders whose end was told');
});

export const FORMS: readonly Scenario[] = [C9, C14, C16];
