import { PerpsBotError } from '../../../domain/errors.js';
import { lots } from '../../../domain/units.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { HttpReply, ServedRequest } from '../../../ports/transport/http-server.js';
import type { RandomStream } from '../../../ports/configuration/random.js';
import type { VenueFault } from '../../../ports/venue/serving/wire-faults.js';
import type { AccountDesks } from '../account/account-desks.js';
import type { Accounts } from '../account/accounts.js';
import { Params } from '../params.js';
import { WireRefusal } from '../refusal.js';
import type { WireMarket } from '../market/wire-market.js';
import type { WireMarkets } from '../rest/asked.js';
import { forcedOut, deleveraged } from './forced.js';

const MAINTENANCE_MS = 10_000;
/** A clock that is off is so by at most this, in either direction. */
const MOST_SKEW_MS = 3_000;
const LATEST_REJECT_MS = 500;
const MOST_LEVERAGE = 20;
/** Off the market, in percent: a hand-made order that rests. */
const AWAY = 0.02;

export interface VenueFaultParts {
  readonly happens: (fault: VenueFault) => boolean;
  readonly random: RandomStream;
  readonly scheduler: Scheduler;
  readonly markets: WireMarkets;
  readonly accounts: Accounts;
}

/** What befalls the venue, and whoever has an account there, while somebody asks for something. */
export class VenueFaults {
  /** How far the venue's clock is from its own time. */
  skewMs = 0;
  private closedUntil = Number.NEGATIVE_INFINITY;
  private readonly raised = new Map<string, boolean>();

  constructor(private readonly parts: VenueFaultParts) {}

  /** Before a request is looked at. An answer: it is not, and nothing of it is done. */
  before(request: ServedRequest, now: number): HttpReply | undefined {
    const { happens, random, accounts } = this.parts;
    if (happens('maintenance')) this.closedUntil = now + MAINTENANCE_MS;
    if (now < this.closedUntil)
      return { status: 503, body: JSON.stringify({ code: -1001, msg: 'Service Unavailable: system maintenance.' }) };
    if (happens('clock-skew')) this.skewMs = Math.round((random.next() * 2 - 1) * MOST_SKEW_MS);
    if (happens('filter-change')) this.refilter();
    const desks = accounts.standing(request.headers.get('x-mbx-apikey') ?? '');
    if (desks !== undefined) this.befall(desks, request);
    return undefined;
  }

  /** Once it has been answered. */
  after(request: ServedRequest): void {
    const { happens, random, scheduler, accounts } = this.parts;
    const desks = accounts.standing(request.headers.get('x-mbx-apikey') ?? '');
    if (desks === undefined || !isOf(request, 'POST') || !happens('late-reject')) return;
    const order = desks.account.register.open(undefined).at(-1);
    if (order === undefined) return;
    scheduler.after(Math.ceil(random.next() * LATEST_REJECT_MS), () => desks.orders.expire(order));
  }

  /** The least worth of an order doubles, and is what it was the next time. */
  private refilter(): void {
    const market = this.chosen([...this.parts.markets.values()]);
    if (market === undefined) return;
    const { minNotional } = market.instrument.spec;
    const isRaised = this.raised.get(market.name) === true;
    this.raised.set(market.name, !isRaised);
    market.redefine({ minNotional: isRaised ? minNotional.div(2) : minNotional.times(2) });
  }

  private befall(desks: AccountDesks, request: ServedRequest): void {
    const { happens } = this.parts;
    const { account } = desks;
    if (happens('listen-key-end')) account.listenKeys.end();
    if (happens('hand-made-settings')) this.setByHand(desks);
    if (happens('hand-made-order')) this.orderByHand(desks);
    if (happens('hand-made-cancel')) this.cancelByHand(desks);
    if (isOf(request, 'DELETE') && happens('cancel-race')) this.race(desks, request);
    const held = this.chosen([...account.markets.values()].filter(({ name }) => account.lotsOf(name) !== 0));
    if (held === undefined) return;
    if (happens('hand-made-close')) this.closeByHand(desks, held);
    if (happens('deleveraging')) deleveraged(account, held);
    if (happens('liquidation')) forcedOut(account, held);
  }

  private setByHand({ account }: AccountDesks): void {
    const market = this.chosen([...account.markets.values()]);
    if (market === undefined) return;
    const leverage = 1 + Math.floor(this.parts.random.next() * MOST_LEVERAGE);
    try {
      account.venue.setLeverage(market.name, leverage);
    } catch (error) {
      // What hangs by it does not let it be so low.
      if (PerpsBotError.is(error)) return;
      throw error;
    }
    account.tellLeverage(market.name, leverage);
  }

  /** As from the venue's page: some rest, some take. */
  private orderByHand({ account, orders }: AccountDesks): void {
    const { random } = this.parts;
    const market = this.chosen([...account.markets.values()]);
    const middle = market?.middle();
    if (market === undefined || middle === undefined) return;
    const { minSize, minNotional, step, tick } = market.instrument.spec;
    const size = minNotional.times(2).div(middle).div(step).ceil().times(step);
    const side = random.next() < 0.5 ? 'BUY' : 'SELL';
    const price = middle
      .times(side === 'BUY' ? 1 - AWAY : 1 + AWAY)
      .div(tick)
      .floor()
      .times(tick);
    const terms = {
      ...{ symbol: market.name, side, quantity: market.size(size.lt(minSize) ? minSize : size) },
      newClientOrderId: `web_${Math.floor(random.next() * 1e9)}`,
      ...(account.mode === 'hedge' ? { positionSide: side === 'BUY' ? 'LONG' : 'SHORT' } : {}),
      ...(random.next() < 0.5 ? { type: 'MARKET' } : { type: 'LIMIT', timeInForce: 'GTC', price: market.price(price) }),
    };
    quietly(() => orders.place(new Params(new URLSearchParams(terms).toString())));
  }

  /** Whatever is open, whoever's it is, those that wait for a trigger too. */
  private cancelByHand({ account }: AccountDesks): void {
    const order = this.chosen([...account.register.live]);
    if (order !== undefined) account.venue.cancel({ clientId: order.request.clientId, symbol: order.market.name });
  }

  private closeByHand({ account, orders }: AccountDesks, market: WireMarket): void {
    const { name } = market;
    const held = account.lotsOf(name);
    const terms = {
      ...{ symbol: name, side: held > 0 ? 'SELL' : 'BUY', type: 'MARKET', reduceOnly: 'true' },
      quantity: market.sizeText(lots(Math.abs(held))),
      newClientOrderId: `web_${Math.floor(this.parts.random.next() * 1e9)}`,
    };
    quietly(() => orders.place(new Params(new URLSearchParams(terms).toString())));
  }

  /** What is to be cancelled fills before that. */
  private race({ account, orders }: AccountDesks, { target, body }: ServedRequest): void {
    const [, ...query] = target.split('?');
    const order = quietly(() => orders.named(new Params(query.join('?'), body), () => new WireRefusal(-2011, 'none')));
    const limit = order?.request.limit;
    if (order === undefined || limit === undefined || !order.isOpen) return;
    const { side } = order.request;
    const through = (side === 'buy' ? limit - 1 : limit + 1) as typeof limit;
    const size = lots(order.request.lots * 2);
    account.venue.trade(order.market.name, through, size, account.now, side === 'buy' ? 'sell' : 'buy');
  }

  private chosen<T>(among: readonly T[]): T | undefined {
    return among[Math.floor(this.parts.random.next() * among.length)];
  }
}

const isOf = ({ method, target }: ServedRequest, wanted: string): boolean =>
  method === wanted && /^\/fapi\/v1\/order(?:\?|$)/.test(target);

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof WireRefusal) return undefined;
    throw error;
  }
}
