import { injectable } from 'inversify';
import { fault, type PerpsBotError } from '../../domain/errors.js';
import type { Brokerage } from '../../ports/venue/brokerage.js';
import type { Capabilities } from '../../ports/venue/capabilities.js';

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
    clientOrderId: { maxLength: 24, pattern: /^[0-9A-Z-]{1,24}$/ },
    requestExpiry: false,
    positionMode: [],
    leverage: 'none',
    streams: { book: false, trades: false, account: false },
    preview: false,
    serverTime: false,
    marketSnapshots: false,
    accountSnapshots: false,
    fundingPayments: false,
    transfers: false,
  };

  readonly connect = refuse;
  readonly getAccountId = refuse;
  readonly getServerTime = refuse;
  readonly listProducts = refuse;
  readonly getQuote = refuse;
  readonly getOrderBook = refuse;
  readonly getCandles = refuse;
  readonly getMarketSnapshot = refuse;
  readonly getFundingRate = refuse;
  readonly openBook = refuse;
  readonly openTrades = refuse;
  readonly placeOrder = refuse;
  readonly cancelOrder = refuse;
  readonly cancelAll = refuse;
  readonly amendOrder = refuse;
  readonly placeOrders = refuse;
  readonly cancelOrders = refuse;
  readonly previewOrder = refuse;
  readonly setDeadMan = refuse;
  readonly listBalances = refuse;
  readonly listPositions = refuse;
  readonly listOpenOrders = refuse;
  readonly getOrder = refuse;
  readonly listFills = refuse;
  readonly listFundingPayments = refuse;
  readonly listTransfers = refuse;
  readonly describeAccount = refuse;
  readonly getAccountSnapshot = refuse;
  readonly openAccount = refuse;
  readonly setLeverage = refuse;
  readonly setMarginMode = refuse;
  readonly setPositionMode = refuse;
  readonly moveIsolatedMargin = refuse;
  readonly quoteConversion = refuse;
  readonly commitConversion = refuse;
  readonly moveFunds = refuse;

  /** There is nothing to leave. */
  disconnect(): Promise<void> {
    return Promise.resolve();
  }
}
