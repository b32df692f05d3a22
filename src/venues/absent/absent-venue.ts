import { injectable } from 'inversify';
import { fault, type PerpsBotError } from '../../domain/errors.js';
import type { Brokerage, Capabilities } from '../../ports/core-services/brokerage.js';

const refusal = (): PerpsBotError =>
  fault('VENUE-001', 'The live world must be given a venue: no adapter is bound to Brokerage.', {
    why: 'The exchange inside is never used for live trading.',
    fix: 'Bind one: createBot({ overrides: (container) => container.rebind(Brokerage).to(YourVenue).inSingletonScope() }). To try the bot, use --profile demo.',
  });

const refuse = (): Promise<never> => Promise.reject(refusal());

/** What the live world holds until somebody binds a venue: every call refuses with VENUE-001. */
@injectable()
export class AbsentVenue implements Brokerage {
  readonly capabilities: Capabilities = {
    venue: 'none',
    environment: 'live',
    orderTypes: [],
    timeInForce: [],
    postOnly: 'none',
    reduceOnly: 'none',
    triggerPrices: [],
    amend: 'none',
    cancelAll: 'none',
    clientOrderId: { maxLength: 24, pattern: /^[0-9A-Z-]{1,24}$/, unique: 'none', idempotentResend: false },
    requestExpiry: false,
    positionMode: [],
    leverage: 'none',
    fills: 'per_trade',
    streams: { book: false, trades: false, account: false },
    preview: false,
    serverTime: false,
    accountSnapshots: false,
  };

  readonly connect = refuse;
  readonly getAccountId = refuse;
  readonly listBalances = refuse;
  readonly listPositions = refuse;
  readonly listProducts = refuse;
  readonly getQuote = refuse;
  readonly getOrderBook = refuse;
  readonly getCandles = refuse;
  readonly placeOrder = refuse;
  readonly cancelOrder = refuse;
  readonly getOrder = refuse;
  readonly listOpenOrders = refuse;
  readonly listFills = refuse;
  readonly openBook = refuse;
  readonly openTrades = refuse;
  readonly openAccount = refuse;

  /** There is nothing to leave. */
  disconnect(): Promise<void> {
    return Promise.resolve();
  }
}
