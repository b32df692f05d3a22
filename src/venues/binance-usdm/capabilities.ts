import type { Capabilities } from '../../ports/venue/capabilities.js';
import { MOST_CANCELLED, MOST_PLACED } from './orders/order-requests.js';

/** What Binance USD-M takes, and this adapter asks for. Sources stand where each is used. */
export const USDM_CAPABILITIES: Omit<Capabilities, 'environment'> = {
  venue: 'binance-usdm',
  orderTypes: [
    ...(['market', 'limit', 'stop_market', 'stop_limit'] as const),
    ...(['take_profit_market', 'take_profit_limit', 'trailing_stop'] as const),
  ],
  timeInForce: ['GTC', 'IOC', 'FOK', 'GTD'],
  postOnly: 'reject',
  reduceOnly: 'native',
  triggerPrices: ['mark', 'last'],
  amend: 'in_place',
  cancelAll: 'symbol',
  batch: { place: MOST_PLACED, cancel: MOST_CANCELLED },
  deadMan: { per: 'symbol', sparesTriggers: true },
  closePosition: true,
  goodTillMin: 600_000,
  marginModes: ['cross', 'isolated'],
  clientOrderId: {
    maxLength: 36,
    pattern: /^[.A-Z:/a-z0-9_-]{1,36}$/,
  },
  requestExpiry: true,
  positionMode: ['one_way', 'hedge'],
  leverage: 'per_symbol',
  streams: { book: true, trades: true, account: true },
  preview: false,
  serverTime: true,
  marketSnapshots: false,
  accountSnapshots: false,
  accountTerms: true,
  fundingPayments: true,
  transfers: 'recent',
};
