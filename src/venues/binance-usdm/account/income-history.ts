import { rowsOf, WireFields } from '../../../connect/wire-fields.js';
import type { Decimal } from '../../../domain/decimal.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { FundingPayment } from '../../../domain/order.js';
import { DAY_MS } from '../../../domain/time-spans.js';
import type { Transfer } from '../../../ports/venue/transfer.js';
import type { SignedRequests } from '../rest/signed-requests.js';
import type { VenueOffset } from '../rest/venue-offset.js';

/** Source: Binance, "Get Income History". */
const REMEMBERED_MS = 90 * DAY_MS;
const MOST_ROWS = 1_000;
const WEIGHT = 30;
/** Who asks within it asks about the same moment. */
const SHARED_MS = 1_000;

/** What is no transfer: it comes of trading, and is told by the fill, or as funding. */
const OF_TRADING: ReadonlySet<string> = new Set([
  'REALIZED_PNL',
  'COMMISSION',
  'FUNDING_FEE',
  'INSURANCE_CLEAR',
  'DELIVERED_SETTELMENT',
]);
const FUNDING = 'FUNDING_FEE';
/** What a liquidation costs besides its trades. */
const CLEARANCE = 'INSURANCE_CLEAR';

interface Income {
  readonly type: string;
  readonly id: string;
  readonly symbol: string;
  readonly amount: Decimal;
  readonly asset: string;
  readonly at: number;
}

export interface IncomeHistoryPorts {
  readonly requests: SignedRequests;
  readonly time: VenueOffset;
  readonly instrument: (symbol: string) => Promise<Instrument>;
  /** Something a person should know. */
  readonly warn: (message: string) => void;
}

/** Money that came or went otherwise than by a fill, as the venue's own ledger has it. */
export class IncomeHistory {
  /** Whoever is answered soon after another is answered with the same rows: a question weighs thirty. */
  private last: { readonly since: number; readonly at: number; readonly rows: Promise<readonly Income[]> } | undefined;
  private readonly reach = new Map<string, number>();

  constructor(private readonly ports: IncomeHistoryPorts) {}

  async funding(since: number): Promise<readonly FundingPayment[]> {
    const rows = (await this.told('funding', since)).filter(({ type }) => type === FUNDING || type === CLEARANCE);
    return Promise.all(
      rows.map(async (row): Promise<FundingPayment> => {
        const instrument = await this.ports.instrument(row.symbol);
        return {
          id: idOf(row),
          instrument,
          at: row.at,
          // The ledger tells the amount alone.
          rate: undefined,
          markPrice: undefined,
          lots: undefined,
          amount: instrument.toUnits(row.amount, 'floor'),
          ...(row.type === CLEARANCE ? { cause: 'liquidation' } : {}),
        };
      }),
    );
  }

  /** Rewards, rebates and conversions too: whatever moved the wallet and is no result of trading. */
  async transfers(since: number): Promise<readonly Transfer[]> {
    const rows = await this.told('transfers', since);
    return rows
      .filter(({ type }) => !OF_TRADING.has(type))
      .map((row) => ({ id: idOf(row), amount: row.amount, asset: row.asset, at: row.at }));
  }

  /** Symbols by which money has come or gone. */
  async symbolsSince(since: number): Promise<readonly string[]> {
    const rows = await this.told('symbols', since);
    return [...new Set(rows.map(({ symbol }) => symbol).filter((symbol) => symbol !== ''))];
  }

  /** Everything since then: asked for as far back as any of those who ask has asked last. */
  private async told(who: string, since: number): Promise<readonly Income[]> {
    const { time } = this.ports;
    await time.known();
    this.reach.set(who, since);
    const now = time.now();
    let { last } = this;
    // Who asks first of a round asks anew: nothing of before it is news.
    if (who === 'symbols' || last === undefined || last.since > since || now - last.at > SHARED_MS) {
      const from = Math.min(...this.reach.values());
      const asked = (last = { since: from, at: now, rows: this.rows(from) });
      this.last = asked;
      asked.rows.catch(() => {
        if (this.last === asked) this.last = undefined;
      });
    }
    return (await last.rows).filter(({ at }) => at >= since);
  }

  /** Oldest first. A page that is full is followed by one from its last instant on: what stands in both counts once. */
  private async rows(since: number): Promise<readonly Income[]> {
    const found = new Map<string, Income>();
    for (let startTime = Math.max(since, this.ports.time.now() - REMEMBERED_MS); ;) {
      const rows = await this.page({ startTime }, found);
      if (rows.length < MOST_ROWS) break;
      const newest = Math.max(startTime, ...rows.map(({ at }) => at));
      if (newest > startTime) startTime = newest;
      else {
        await this.ofOneInstant(startTime, found);
        startTime += 1;
      }
    }
    return [...found.values()].sort((a, b) => a.at - b.at);
  }

  /** More rows than one page has: page by page, as long as each tells something new. */
  private async ofOneInstant(at: number, found: Map<string, Income>): Promise<void> {
    for (let page = 2; ; page += 1) {
      const before = found.size;
      const rows = await this.page({ startTime: at, endTime: at, page }, found);
      if (rows.length < MOST_ROWS) return;
      if (found.size > before) continue;
      this.ports.warn(
        `The ledger of the venue has more rows of ${new Date(at).toISOString()} than it tells: the wallet says what they come to`,
      );
      return;
    }
  }

  private async page(asked: Readonly<Record<string, number>>, found: Map<string, Income>): Promise<readonly Income[]> {
    const params = { ...asked, limit: MOST_ROWS };
    const request = { method: 'GET', path: '/fapi/v1/income', params, weight: WEIGHT } as const;
    const rows = rowsOf(await this.ports.requests.ask(request), 'Income').map(incomeRow);
    for (const row of rows) found.set(idOf(row), row);
    return rows;
  }
}

/** Numbers are unique within their kind. */
const idOf = ({ type, id, asset, symbol }: Income): string =>
  `${type}-${id}-${asset}${symbol === '' ? '' : `-${symbol}`}`;

function incomeRow(said: unknown): Income {
  const fields = new WireFields(said, 'Income');
  const type = fields.text('incomeType');
  return {
    type,
    id: fields.id('tranId'),
    symbol: fields.has('symbol') ? fields.text('symbol') : '',
    amount: fields.decimal('income'),
    asset: fields.text('asset'),
    at: fields.whole('time'),
  };
}
