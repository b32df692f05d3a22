import { Decimal } from '#src/domain/decimal.js';
import { protects } from '#src/domain/order-state.js';
import { tail } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import type { UserTrade } from '#src/wire/binance-usdm/account/account-past.js';
import { OrderRegister } from '#src/wire/binance-usdm/account/order-register.js';
import type { WireAccount } from '#src/wire/binance-usdm/account/wire-account.js';
import { AlgoOrder, WireOrder } from '#src/wire/binance-usdm/account/wire-order.js';
import { UsdmServer } from '#src/wire/binance-usdm/usdm-server.js';

const SYMBOL = 'BTCUSDT';
const KEY = 'test';
const LOOK_MS = 100;
/** Between the limit that was asked about and what the market has done since. */
const MOVED = 1.02;

/** What an order of the bot was, when the venue took it in. */
export interface Entered {
  readonly clientId: string;
  readonly at: number;
  readonly isReducing: boolean;
  readonly protects: boolean;
}

/**
 * The side of the venue, watched from inside its process while a bot of another process trades on it: what the bot says
 * of itself is not asked.
 */
export class VenueSide {
  readonly entered: Entered[] = [];
  readonly problems: string[] = [];
  longestBareMs = 0;
  private bareSince: number | undefined;
  private server: UsdmServer | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly undo: () => void;

  constructor(
    private readonly maxNotional: number,
    readonly states: () => string,
  ) {
    const { listen } = UsdmServer.prototype;
    const { enter } = OrderRegister.prototype;
    const own = (server: UsdmServer): void => void (this.server = server);
    const told = (order: WireOrder | AlgoOrder): void => this.enter(order);
    UsdmServer.prototype.listen = function (this: UsdmServer, options) {
      own(this);
      return listen.call(this, options);
    };
    OrderRegister.prototype.enter = function (this: OrderRegister, order) {
      enter.call(this, order);
      told(order);
    };
    this.undo = () => {
      UsdmServer.prototype.listen = listen;
      OrderRegister.prototype.enter = enter;
    };
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  get account(): WireAccount {
    return this.server?.accounts.standing(KEY)?.account as WireAccount;
  }

  made(): readonly UserTrade[] {
    return this.account.past.trades.of(undefined, this.account.now);
  }

  /** Every trade of the account once, and each order's no more than its size. */
  trades(): ReadonlyMap<string, number> {
    const filled = new Map<string, number>();
    for (const { order, size } of this.made()) {
      const lots = order.market.instrument.toLots(new Decimal(size), 'nearest');
      filled.set(order.clientId, (filled.get(order.clientId) ?? 0) + lots);
      if ((filled.get(order.clientId) ?? 0) > order.request.lots) this.problems.push(`${order.clientId} overfilled`);
    }
    return filled;
  }

  close(): void {
    clearInterval(this.timer);
    this.undo();
  }

  private enter(order: WireOrder | AlgoOrder): void {
    const { clientId, request } = order;
    if (order instanceof WireOrder && order.parent !== undefined) return;
    if (this.entered.some((each) => each.clientId === clientId)) this.problems.push(`${clientId} was taken in twice`);
    const isReducing = request.reduceOnly;
    this.entered.push({ clientId, at: Date.now(), isReducing, protects: protects(request) });
    const intents = tail(journalPath(this.states()), { types: ['order'], limit: 200 });
    if (!intents.some(({ payload }) => payload['client_id'] === clientId))
      this.problems.push(`${clientId} is at the venue, and no intent of it is on disk`);
    this.look();
  }

  private look(): void {
    const account = this.server?.accounts.standing(KEY)?.account;
    const market = account?.markets.get(SYMBOL);
    if (account === undefined || market === undefined) return;
    const held = account.lotsOf(SYMBOL);
    const open = [...account.register.live].filter(({ request }) => !request.reduceOnly);
    const reach = (side: 'buy' | 'sell'): number =>
      open.filter(({ request }) => request.side === side).reduce((sum, { request }) => sum + request.lots, 0);
    const worst = Math.max(held + reach('buy'), reach('sell') - held);
    const price = Number(market.levels('buy', 1)[0]?.[0] ?? 0);
    const value = Number(market.instrument.spec.step) * worst * price;
    if (value > this.maxNotional * MOVED)
      this.problems.push(`${value} may be held, and ${this.maxNotional} is allowed`);
    const isCovered = account.register.openAlgos(undefined).length > 0;
    if (held === 0 || isCovered) {
      this.bareSince = undefined;
      return;
    }
    const now = performance.now();
    this.bareSince ??= now;
    this.longestBareMs = Math.max(this.longestBareMs, now - this.bareSince);
  }
}

/** Where an order stands at the end of its life: it goes nowhere from there. */
const ENDED = new Set(['filled', 'cancelled', 'expired', 'rejected']);
const TIGHTNESS = ['NORMAL', 'REDUCE_ONLY', 'HALTED', 'LOCKED'];

/** What the journal of the bot breaks of what must hold of it, beside what the venue holds. */
export function brokenIn(state: string, side: VenueSide): readonly string[] {
  const problems: string[] = [];
  const all = tail(journalPath(state));
  const of = (...types: string[]): readonly (typeof all)[number][] => all.filter(({ type }) => types.includes(type));
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const trades = side.made();
  const booked = of('fill', 'external_fill').map(({ payload }) => text(payload['trade_id']));
  if (new Set(booked).size !== booked.length) problems.push('a fill is booked twice');
  if (booked.length !== trades.length) problems.push(`${booked.length} fills are booked, ${trades.length} were made`);
  const known = new Set(of('order').map(({ payload }) => text(payload['client_id'])));
  for (const { clientId } of side.entered) if (!known.has(clientId)) problems.push(`${clientId} is of no intent`);
  for (const { payload } of of('order_status_change'))
    if (ENDED.has(text(payload['from_status'])))
      problems.push(`${text(payload['client_order_id'])} went on from ${text(payload['from_status'])}`);
  for (const { payload } of of('safety_state')) {
    const [from, to] = [TIGHTNESS.indexOf(text(payload['from'])), TIGHTNESS.indexOf(text(payload['to']))];
    if (to < from && text(payload['actor']) === 'system') problems.push(`loosened to ${text(payload['to'])} by itself`);
  }
  for (const [index, { seq, at }] of all.entries()) {
    const before = all[index - 1];
    if (before !== undefined && !(seq > before.seq && at >= before.at)) problems.push(`record ${seq} is out of order`);
  }
  return problems;
}
