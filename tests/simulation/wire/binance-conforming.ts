import type { AdapterRig, ConformingVenue, MarketAdapter } from '#di/testing/conformance/contract.js';
import { usdmSimulator } from '#di/testing/conformance/usdm-simulator.js';
import { usdmHosts } from '#src/venues/binance-usdm/hosts.js';
import { UsdmMarket } from '#src/venues/binance-usdm/usdm-market.js';

export const usdmAdapter = (rig: AdapterRig): MarketAdapter => new UsdmMarket(rig, usdmHosts(rig));

/** The product's own adapter of Binance USD-M, on the product's own server. */
export const BINANCE: ConformingVenue = {
  name: 'binance-usdm',
  production: { restUrl: 'https://fapi.binance.com', streamUrl: 'wss://fstream.binance.com' },
  knows: { streams: { book: true, trades: true, account: false }, serverTime: true },
  adapter: usdmAdapter,
  simulator: usdmSimulator,
};
