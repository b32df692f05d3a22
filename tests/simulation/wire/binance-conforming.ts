import type { AdapterRig, ConformingVenue, MarketAdapter } from '#di/testing/conformance/contract.js';
import { usdmSimulator } from '#di/testing/conformance/usdm-simulator.js';
import { usdmHosts } from '#src/venues/binance-usdm/hosts.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import { Secret } from '#src/ports/configuration/secret.js';
import { UsdmVenue } from '#src/venues/binance-usdm/usdm-venue.js';
import { UsdmMarket } from '#src/venues/binance-usdm/usdm-market.js';

/** The whole adapter, as a bot has it. */
export const usdmTrader = (rig: AdapterRig): UsdmVenue =>
  new UsdmVenue(
    {
      ...rig,
      ticker: rig.clock,
      readKey: () =>
        Promise.resolve({
          apiKey: new Secret(rig.key?.apiKey ?? ''),
          apiSecret: new Secret(rig.key?.apiSecret ?? ''),
        }),
      jitter: new SeededRandom().stream('venue', 1),
      symbols: () => ['BTCUSDT', 'ETHUSDT'],
    },
    usdmHosts(rig),
  );

export const usdmAdapter = (rig: AdapterRig): MarketAdapter => new UsdmMarket(rig, usdmHosts(rig));

/** The product's own adapter of Binance USD-M, on the product's own server. */
export const BINANCE: ConformingVenue = {
  name: 'binance-usdm',
  production: { restUrl: 'https://fapi.binance.com', streamUrl: 'wss://fstream.binance.com' },
  knows: { streams: { book: true, trades: true, account: false }, serverTime: true },
  adapter: usdmAdapter,
  trader: usdmTrader,
  simulator: usdmSimulator,
};
