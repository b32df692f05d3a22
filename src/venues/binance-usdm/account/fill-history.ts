import { rowsOf } from '../../../connect/wire-fields.js';
import type { Instrument } from '../../../domain/instrument.js';
import { venueOrderId, type Fill } from '../../../domain/order.js';
import { DAY_MS, MINUTE_MS } from '../../../domain/time-spans.js';
import type { Page } from '../../../ports/venue/page.js';
import type { KnownOrders } from '../orders/known-orders.js';
import type { OrderFinder } from '../orders/order-lookup.js';
import { plainOrder } from '../orders/order-answers.js';
import type { SignedRequests } from '../rest/signed-requests.js';
import type { VenueOffset } from '../rest/venue-offset.js';
import { fillOf, accountTrade, type AccountTrade } from './fill-answers.js';

/** What one question reaches over, and how far back there is anything. Source: Binance, "Account Trade List". */
const WINDOW_MS = 7 * DAY_MS;
const REMEMBERED_MS = 90 * DAY_MS;
const MOST_ROWS = 1_000;
const WEIGHT = 5;
/** Orders of unknown names that are asked for one by one; more of them are asked for by the list. */
const FEW = 4;
/** A trade may be listed late: the last window of a question reaches beyond now. */
const AHEAD_MS = MINUTE_MS;

export interface FillHistoryPorts {
  readonly requests: SignedRequests;
  readonly time: VenueOffset;
  readonly known: KnownOrders;
  readonly finder: Pick<OrderFinder, 'plain'>;
  readonly instrument: (symbol: string) => Promise<Instrument>;
  /** What the account may have traded since an instant. */
  readonly symbols: (since: number) => Promise<readonly string[]>;
}

/** Trades of the account, oldest first over all symbols: one page for each seven days that there is something in. */
export class FillHistory {
  constructor(private readonly ports: FillHistoryPorts) {}

  async list(since: number, cursor?: string): Promise<Page<Fill>> {
    const { time, symbols } = this.ports;
    await time.known();
    const now = time.now();
    const asked = cursor === undefined ? since : Number(cursor);
    const from = Math.max(asked, now - REMEMBERED_MS);
    const to = Math.min(from + WINDOW_MS, now + AHEAD_MS) - 1;
    const bySymbol = await Promise.all((await symbols(from)).map((symbol) => this.window(symbol, from, to)));
    const items = bySymbol.flat().sort((a, b) => a.at - b.at);
    return to >= now ? { items } : { items, next: String(to + 1) };
  }

  private async window(symbol: string, from: number, to: number): Promise<readonly Fill[]> {
    const rows: AccountTrade[] = [];
    let more = await this.rows({ symbol, startTime: from, endTime: to, limit: MOST_ROWS });
    rows.push(...more);
    // The venue takes no window beside a number: what lies behind its end is left out.
    while (more.length === MOST_ROWS) {
      const last = more.at(-1) as AccountTrade;
      more = await this.rows({ symbol, fromId: String(BigInt(last.id) + 1n), limit: MOST_ROWS });
      rows.push(...more.filter(({ at }) => at <= to));
      if (more.some(({ at }) => at > to)) break;
    }
    if (rows.length === 0) return [];
    await this.learn(symbol, rows);
    const instrument = await this.ports.instrument(symbol);
    return rows.map((row) => fillOf(row, this.ports.known.clientIdOf(symbol, row.orderId) ?? '', instrument));
  }

  private async rows(params: Readonly<Record<string, string | number>>): Promise<AccountTrade[]> {
    const said = await this.ports.requests.ask({ method: 'GET', path: '/fapi/v1/userTrades', params, weight: WEIGHT });
    return rowsOf(said, 'Trades of the account').map(accountTrade);
  }

  /** The venue tells trades by the numbers of their orders alone. */
  private async learn(symbol: string, rows: readonly AccountTrade[]): Promise<void> {
    const { known, finder } = this.ports;
    const unknown = [...new Set(rows.map(({ orderId }) => orderId))].filter(
      (id) => known.clientIdOf(symbol, id) === undefined,
    );
    if (unknown.length > FEW) await this.learnByList(symbol, unknown);
    for (const id of unknown)
      if (known.clientIdOf(symbol, id) === undefined)
        await finder.plain({ clientId: '', symbol, venueIds: [venueOrderId(id)] });
  }

  private async learnByList(symbol: string, wanted: readonly string[]): Promise<void> {
    const { requests, known } = this.ports;
    const numbers = wanted.map((id) => BigInt(id)).sort((a, b) => (a < b ? -1 : 1));
    const newest = numbers.at(-1) as bigint;
    for (let first = numbers[0] as bigint; ;) {
      const params = { symbol, orderId: String(first), limit: MOST_ROWS };
      const said = await requests.ask({ method: 'GET', path: '/fapi/v1/allOrders', params, weight: WEIGHT });
      const orders = rowsOf(said, 'Orders of the account').map(plainOrder);
      for (const { symbol: of, venueId, clientId = '' } of orders) known.named(of, venueId, clientId);
      const last = orders.at(-1);
      if (last === undefined || orders.length < MOST_ROWS || BigInt(last.venueId) >= newest) return;
      first = BigInt(last.venueId) + 1n;
    }
  }
}
