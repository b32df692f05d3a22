import { Decimal } from '#src/domain/decimal.js';
import { rateOf } from '#src/domain/instrument.js';
import { HOUR_MS } from '#src/domain/time-spans.js';
import type { ConformingVenue, DrivenMarket, SimulatorRig } from '#di/testing/conformance/contract.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { listedAs } from '#src/venues/simulated/core/market-events.js';
import { CAPABILITIES } from '#src/venues/simulated/brokerage/capabilities.js';
import { SimulatedBrokerage } from '#src/venues/simulated/brokerage/simulated-brokerage.js';
import { DeterministicExchange } from '#src/venues/simulated/exchange/deterministic-exchange.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import { FakeConfigController, testConfig } from '../../support/config.js';

const INTERVALS = [8, 4, 1];

const specs = ['BTC', 'ETH'].map((base) =>
  instrumentSpec({ symbol: `${base}-PERP`, base, tick: new Decimal('0.1'), status: 'trading' }),
);

function drive(venue: DeterministicExchange, symbol: string, { clock }: SimulatorRig): DrivenMarket {
  const market = venue.markets.get(symbol);
  if (market === undefined) throw new Error(`There is no ${symbol}.`);
  const now = (): number => clock.now();
  const driven: DrivenMarket = {
    symbol,
    get spec() {
      return listedAs(market);
    },
    update: (bids, asks) => {
      const { instrument } = market;
      venue.depthBegin(symbol, market.depth === undefined);
      for (const [side, levels] of [
        ['buy', bids],
        ['sell', asks],
      ] as const)
        for (const { price, size } of levels)
          venue.depth(symbol, side, instrument.toTicks(price, 'nearest'), instrument.toLots(size, 'nearest'));
      venue.depthEnd(symbol, now());
    },
    trade: (price, size, side) =>
      venue.trade(
        symbol,
        market.instrument.toTicks(price, 'nearest'),
        market.instrument.toLots(size, 'nearest'),
        now(),
        side,
      ),
    value: (mark, index) => {
      venue.index(symbol, market.instrument.toMarks(index), now());
      venue.mark(symbol, market.instrument.toMarks(mark), now());
    },
    funding: (rate, nextAt) => {
      const hours = INTERVALS.find((each) => Math.ceil((now() + 1) / (each * HOUR_MS)) * each * HOUR_MS === nextAt);
      venue.redefine(symbol, { fundingIntervalHours: hours ?? Number.NaN }, now());
      venue.setFundingRate(symbol, rateOf(rate));
    },
    redefine: ({ status, minSize, minNotional, fundingIntervalHours }) =>
      venue.redefine(
        symbol,
        {
          ...(minSize === undefined ? {} : { minSize }),
          ...(minNotional === undefined ? {} : { minNotional }),
          ...(fundingIntervalHours === undefined ? {} : { fundingIntervalHours }),
          ...(status === undefined ? {} : { tradable: status === 'trading' }),
        },
        now(),
      ),
    best: (side) => {
      const { instrument, bid, ask, bidLots, askLots } = market;
      const [price, lots] = side === 'buy' ? [bid, bidLots] : [ask, askLots];
      return Number.isNaN(price) ? undefined : { price: instrument.price(price), size: instrument.size(lots) };
    },
  };
  const level = (price: string, size: string) => ({ price: new Decimal(price), size: new Decimal(size) });
  driven.update([level('100', '2'), level('99.3', '5')], [level('103', '1.5'), level('104.1', '4')]);
  driven.value(new Decimal('101'), new Decimal('101'));
  return driven;
}

let exchange: DeterministicExchange;
const config = new FakeConfigController(
  testConfig({
    symbols: specs.map(({ symbol }) => symbol),
    instruments: Object.fromEntries(specs.map((spec) => [spec.symbol, spec])),
  }),
);

/** The exchange inside, as any venue is seen: nothing lies between it and the adapter. */
export const SIMULATED: ConformingVenue = {
  name: 'simulated',
  knows: CAPABILITIES,
  adapter: () => new SimulatedBrokerage(exchange, config),
  simulator: async (rig) => {
    exchange = new DeterministicExchange(config, new NoExchangeStore(), { readText: () => undefined });
    exchange.open();
    const [first, second] = specs.map(({ symbol }) => drive(exchange, symbol, rig)) as [DrivenMarket, DrivenMarket];
    return { markets: [first, second], close: async () => exchange.close() };
  },
};
