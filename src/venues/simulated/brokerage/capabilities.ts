import type { Capabilities } from '../../../ports/venue/capabilities.js';

/** Those of Binance USD-M, "batchOrders". */
export const BATCH = { place: 5, cancel: 10 };

/** What the exchange inside can do. */
export const CAPABILITIES: Capabilities = {
  venue: 'simulated',
  environment: 'simulated',
  orderTypes: [
    'market',
    'limit',
    'stop_market',
    'stop_limit',
    'take_profit_market',
    'take_profit_limit',
    'trailing_stop',
  ],
  timeInForce: ['GTC', 'IOC', 'FOK', 'GTD'],
  postOnly: 'reject',
  reduceOnly: 'native',
  triggerPrices: ['last', 'mark', 'index'],
  amend: 'in_place',
  amendTriggers: true,
  cancelAll: 'account',
  batch: BATCH,
  deadMan: { per: 'symbol' },
  brackets: true,
  groups: true,
  closePosition: true,
  clientOrderId: {
    maxLength: 36,
    pattern: /^[.A-Z:/a-z0-9_-]{1,36}$/,
    remembered: false,
  },
  requestExpiry: true,
  positionMode: ['one_way', 'hedge'],
  marginModes: ['cross', 'isolated'],
  leverage: 'per_order',
  streams: { book: true, trades: true, account: true },
  preview: true,
  serverTime: true,
  marketSnapshots: true,
  accountSnapshots: true,
  accountTerms: true,
  fundingPayments: true,
  transfers: true,
};
