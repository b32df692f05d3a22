import type { Capabilities } from '../ports/venue/capabilities.js';

/** What a `FakeBroker` says that it can do, until a test says otherwise. */
export const FAKE_CAPABILITIES: Capabilities = {
  venue: 'fake',
  environment: 'simulated',
  orderTypes: ['market', 'limit', 'stop_market', 'stop_limit'],
  timeInForce: ['GTC', 'IOC', 'FOK'],
  postOnly: 'reject',
  reduceOnly: 'native',
  triggerPrices: ['last', 'mark'],
  amend: 'none',
  amendTriggers: false,
  cancelAll: 'symbol',
  brackets: false,
  groups: false,
  closePosition: false,
  clientOrderId: {
    maxLength: 36,
    pattern: /^[0-9A-Za-z_-]{1,36}$/,
    remembered: false,
  },
  requestExpiry: true,
  positionMode: ['one_way'],
  leverage: 'per_symbol',
  streams: { book: true, trades: true, account: true },
  preview: false,
  serverTime: false,
  marketSnapshots: false,
  accountSnapshots: false,
  fundingPayments: false,
  transfers: false,
};
