import { injectable } from 'inversify';
import {
  Brokerage,
  createBot,
  Decimal,
  inject,
  token,
  VenueAdapter,
  venueOrderId,
  type AccountEvent,
  type Balance,
  type BookSnapshot,
  type CancelResult,
  type Candle,
  type Capabilities,
  type Fill,
  type InstrumentSpec,
  type OrderLookup,
  type OrderRef,
  type OrderRequest,
  type Page,
  type PerpsBot,
  type Quote,
  type SubmitResult,
  type Subscription,
  type VenueOrder,
  type VenuePosition,
} from 'perpsbot';

/**
 * The exchange's own wire: yours to write. Every call rejects when it cannot tell; none answers "nothing" for "not
 * known".
 */
export interface Wire {
  login(): Promise<{ readonly account: string }>;
  products(): Promise<readonly InstrumentSpec[]>;
  ticker(symbol: string): Promise<{ readonly bid: string; readonly ask: string; readonly at: number }>;
  balances(): Promise<readonly { readonly asset: string; readonly total: string; readonly free: string }[]>;
  send(
    order: Readonly<Record<string, string>>,
  ): Promise<{ readonly id?: string; readonly refused?: string; readonly at: number }>;
  cancel(clientId: string): Promise<{ readonly wasOpen: boolean; readonly at: number }>;
  orders(clientId?: string): Promise<readonly VenueOrder[]>;
  fills(since: number): Promise<readonly Fill[]>;
  /** Fills and order news as they happen, until closed or aborted. */
  listen(sink: (event: AccountEvent) => void, signal: AbortSignal): Promise<Subscription>;
}
export const Wire = token<Wire>('Wire');

/** A spot venue without market streams: the bot polls its prices. What it does not override, it refuses. */
@injectable()
export class MyVenue extends VenueAdapter {
  // #region capabilities
  readonly capabilities: Capabilities = {
    venue: 'my-venue',
    environment: 'live',
    orderTypes: ['market', 'limit'],
    timeInForce: ['GTC', 'IOC'],
    postOnly: 'none',
    reduceOnly: 'none',
    triggerPrices: [],
    amend: 'none',
    amendTriggers: false,
    cancelAll: 'none',
    brackets: false,
    groups: false,
    closePosition: false,
    clientOrderId: { maxLength: 36, pattern: /^[\w-]{1,36}$/ },
    requestExpiry: false,
    positionMode: ['one_way'],
    leverage: 'none',
    streams: { book: false, trades: false, account: true },
    preview: false,
    serverTime: false,
    marketSnapshots: false,
    accountSnapshots: false,
    fundingPayments: false,
    transfers: false,
  };
  // #endregion

  constructor(@inject(Wire) private readonly wire: Wire) {
    super();
  }

  async connect(): Promise<void> {
    await this.wire.login();
  }

  async disconnect(): Promise<void> {}

  async getAccountId(): Promise<string> {
    return (await this.wire.login()).account;
  }

  listProducts(): Promise<readonly InstrumentSpec[]> {
    return this.wire.products();
  }

  async listBalances(): Promise<readonly Balance[]> {
    return (await this.wire.balances()).map(({ asset, total, free }) => ({
      asset,
      total: new Decimal(total),
      available: new Decimal(free),
    }));
  }

  /** Spot: what is held stands in the balances. */
  async listPositions(): Promise<readonly VenuePosition[]> {
    return [];
  }

  async getQuote(symbol: string): Promise<Quote> {
    const { bid, ask, at } = await this.wire.ticker(symbol);
    return { symbol, bid: new Decimal(bid), ask: new Decimal(ask), at };
  }

  async getOrderBook(symbol: string): Promise<BookSnapshot> {
    const { at } = await this.wire.ticker(symbol);
    return { symbol, bids: [], asks: [], at };
  }

  async getCandles(): Promise<readonly Candle[]> {
    return [];
  }

  // #region outcomes
  /** Three outcomes, and only the venue's own word makes a refusal: a cut line leaves us not knowing. */
  async placeOrder({ clientId, symbol, side, type, size, price }: OrderRequest): Promise<SubmitResult> {
    try {
      const order = {
        clientId,
        symbol,
        side,
        type,
        size: size.toFixed(),
        ...(price === undefined ? {} : { price: price.toFixed() }),
      };
      const { id, refused, at } = await this.wire.send(order);
      if (refused !== undefined) return { outcome: 'rejected', reason: 'other', message: refused, at };
      if (id !== undefined) return { outcome: 'accepted', venueId: venueOrderId(id), at };
      return { outcome: 'unknown', ref: { clientId, symbol }, cause: 'the answer names no order' };
    } catch (error) {
      return { outcome: 'unknown', ref: { clientId, symbol }, cause: String(error) };
    }
  }
  // #endregion

  async cancelOrder(ref: OrderRef): Promise<CancelResult> {
    try {
      const { wasOpen, at } = await this.wire.cancel(ref.clientId);
      return wasOpen ? { outcome: 'cancelled', ref, at } : { outcome: 'not_open', ref };
    } catch (error) {
      return { outcome: 'unknown', ref, cause: String(error) };
    }
  }

  async getOrder({ clientId }: OrderRef): Promise<OrderLookup> {
    const [order] = await this.wire.orders(clientId);
    return order === undefined ? { found: false } : { found: true, order };
  }

  listOpenOrders(): Promise<readonly VenueOrder[]> {
    return this.wire.orders();
  }

  async listFills(since: number): Promise<Page<Fill>> {
    return { items: await this.wire.fills(since) };
  }

  openAccount(sink: (event: AccountEvent) => void, signal: AbortSignal): Promise<Subscription> {
    return this.wire.listen(sink, signal);
  }
}

export function createLiveBot(wire: Wire, directory: string): PerpsBot {
  // #region bind
  const bot = createBot({
    config: { profile: 'canary', streaming: { enabled: false }, storage: { directory } },
    overrides: (container) => {
      container.bind(Wire).toConstantValue(wire);
      container.rebind(Brokerage).to(MyVenue).inSingletonScope();
    },
  });
  // #endregion
  return bot;
}
