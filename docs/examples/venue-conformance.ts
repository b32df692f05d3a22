import { conformance, usdmSimulator, type AdapterRig, type MarketAdapter } from 'perpsbot/testing';

/** Hands every scenario to a runner of tests, as `it` of Jest and Vitest and `test` of Node are. */
export function conforms(
  it: (name: string, run: () => Promise<void>) => void,
  myMarket: (rig: AdapterRig) => MarketAdapter,
): void {
  // #region conformance
  const scenarios = conformance({
    name: 'my-binance',
    production: { restUrl: 'https://fapi.binance.com', streamUrl: 'wss://fstream.binance.com' },
    knows: { streams: { book: true, trades: true, account: false }, serverTime: true },
    adapter: (rig) => myMarket(rig), // yours: on the transports, the clock and the timers of the rig
    simulator: usdmSimulator, // or a server of your venue's protocol
  });
  for (const { id, title, run } of scenarios) it(`${id} ${title}`, run);
  // #endregion
}
