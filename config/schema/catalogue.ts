import type { Tree } from './tree.js';

/** base, tick, step, least notional, highest leverage, first price of a generated market */
type Row = readonly [
  base: string,
  tick: string,
  step: string,
  minNotional: string,
  maxLeverage: string,
  startPrice: string,
];

const PERPETUALS: readonly Row[] = [
  ['BTC', '0.1', '0.001', '10', '20', '50000'],
  ['ETH', '0.01', '0.001', '10', '20', '2500'],
  ['SOL', '0.01', '0.01', '10', '10', '150'],
  ['XRP', '0.0001', '1', '10', '10', '0.5'],
];

const SPOT: readonly Row[] = [
  ['BTC', '0.01', '0.0001', '1', '1', '50000'],
  ['ETH', '0.01', '0.001', '1', '1', '2500'],
  ['SOL', '0.01', '0.01', '1', '1', '150'],
  ['XRP', '0.0001', '0.1', '1', '1', '0.5'],
  ['LTC', '0.01', '0.01', '1', '1', '80'],
  ['ADA', '0.0001', '0.1', '1', '1', '0.45'],
  ['DOGE', '0.00001', '1', '1', '1', '0.12'],
  ['BCH', '0.01', '0.001', '1', '1', '400'],
  ['AVAX', '0.01', '0.01', '1', '1', '30'],
  ['LINK', '0.001', '0.01', '1', '1', '15'],
];

const perpetual = {
  quote: 'USDT',
  settle: 'USDT',
  kind: 'perpetual',
  makerFee: '2bps',
  takerFee: '5bps',
  maintenanceRate: '0.5%',
  fundingIntervalHours: 8,
};
const spot = {
  quote: 'USD',
  settle: 'USD',
  kind: 'spot',
  makerFee: '40bps',
  takerFee: '60bps',
  maintenanceRate: '0%',
  fundingIntervalHours: 0,
};

const product = ([base, tick, step, minNotional, maxLeverage]: Row, common: Tree): Tree => ({
  base,
  tick,
  step,
  minSize: step,
  minNotional,
  maxLeverage,
  ...common,
});

/** Products known without a venue, in the grammar of the files: what the demo, paper trading and backtests need. */
export const CATALOGUE: Tree = Object.fromEntries([
  ...PERPETUALS.map((row) => [`${row[0]}-PERP`, product(row, perpetual)] as const),
  ...SPOT.map((row) => [`${row[0]}-USD`, product(row, spot)] as const),
]);

export const START_PRICES: Tree = Object.fromEntries([
  ...PERPETUALS.map((row) => [`${row[0]}-PERP`, row[5]] as const),
  ...SPOT.map((row) => [`${row[0]}-USD`, row[5]] as const),
]);
