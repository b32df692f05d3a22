import { Decimal } from '../../../src/domain/decimal.js';
import { opposite, OrderRequest, signOf, type Side } from '../../../src/domain/order.js';
import { lots, ticks, type Lots } from '../../../src/domain/units.js';
import type { SimulatedVenue } from '../../../src/venues/simulated/brokerage/venue.js';
import type { Market } from '../../../src/venues/simulated/core/market.js';

/** What others do at the exchange inside, in the instant in which a test wants it. Each leaves the market as it was. */
export class VenueActs {
  private others = 0;

  constructor(
    private readonly venue: () => SimulatedVenue,
    private readonly now: () => number,
  ) {}

  /** Somebody offers so much of what an order that takes at once wants, and nobody more. */
  show(request: OrderRequest, share: number): void {
    const market = this.market(request.symbol);
    if (market === undefined || !isImmediate(request)) return;
    this.offer(market, lots(Math.max(1, Math.floor(request.lots * share))));
  }

  /** Somebody trades with so much of an order that rests; what was offered to one that does not is withdrawn. */
  fillPart(request: OrderRequest, share: number): void {
    const market = this.market(request.symbol);
    if (market !== undefined && isImmediate(request)) withdraw(market);
    else this.meet(request.clientId, (left) => lots(Math.max(1, Math.floor(left * share))));
  }

  /** Somebody trades with all of it. */
  fillWhole(clientId: string): void {
    this.meet(clientId, (left) => left);
  }

  /**
   * The venue takes the position away, at the mark: as the other side of somebody's bankruptcy, which no margin of ours
   * could keep off.
   */
  takeAway(symbol: string): void {
    const market = this.market(symbol);
    const held = market?.position.lots ?? 0;
    if (market === undefined || held === 0) return;
    const price = ticks(Math.round(market.mark / market.instrument.marksPerTick));
    this.venue().deleverage(symbol, held > 0 ? 'sell' : 'buy', lots(Math.abs(held)), price, this.now());
  }

  /** An order of the same account that is none of the bot's. */
  tradeAsAnother(symbol: string, side: Side, quantity: number): void {
    const market = this.market(symbol);
    if (market === undefined) return;
    const { instrument } = market;
    const size = instrument.toLots(new Decimal(quantity));
    this.others += 1;
    const terms = { type: 'market', timeInForce: 'IOC', postOnly: false, reduceOnly: false } as const;
    this.offer(market, size);
    this.venue().submit(
      new OrderRequest({ ...terms, clientId: `another-${this.others}`, instrument, side, lots: size }),
    );
    withdraw(market);
  }

  /** At the last price, on both sides: it moves no mark. */
  private offer(market: Market, size: Lots): void {
    this.venue().quote(market.symbol, market.last, size, market.last, size, this.now());
  }

  private meet(clientId: string, share: (left: Lots) => Lots): void {
    const venue = this.venue();
    const order = this.symbols()
      .map((symbol) => venue.find({ clientId, symbol }))
      .find((each) => each !== undefined);
    if (order === undefined || !order.isOpen || order.remaining === 0) return;
    const { request, remaining } = order;
    const market = this.market(request.symbol);
    if (market === undefined) return;
    const { last } = market;
    const price = request.limit ?? request.stop;
    if (price === undefined || Number.isNaN(last)) return;
    // Beyond a limit, so that nobody's place before it matters; at a trigger.
    const through = request.limit === undefined ? price : ticks(price - signOf(request.side));
    venue.transact(() => {
      venue.trade(request.symbol, through, share(remaining), this.now(), opposite(request.side));
      venue.trade(request.symbol, last, lots(1), this.now());
    });
  }

  private symbols(): readonly string[] {
    return [...this.venue().markets.keys()];
  }

  private market(symbol: string): Market | undefined {
    return this.venue().markets.get(symbol);
  }
}

const isImmediate = ({ type, timeInForce }: OrderRequest): boolean =>
  type === 'market' || timeInForce === 'IOC' || timeInForce === 'FOK';

/** A market of bars has no quote standing between them. */
function withdraw(market: Market): void {
  market.quoted = false;
  market.bidLots = market.askLots = lots(0);
}
