import { Decimal } from '../../domain/decimal.js';
import type { Instrument } from '../../domain/instrument.js';
import { venueOrderId, type Side } from '../../domain/order.js';
import { MINUTE_MS } from '../../domain/time-spans.js';
import { lots, ticks, units, type Lots } from '../../domain/units.js';
import type { RiskSettings } from '../../ports/configuration/settings/risk-settings.js';
import type { ExecutionEngine } from '../../ports/core-services/execution.js';
import type { RiskManager } from '../../ports/core-services/risk-manager.js';
import type { MarketData } from '../../ports/market-data/market-data.js';
import type { Portfolio } from '../../ports/runtime-state/portfolio.js';
import type { OrdersStore } from '../../ports/storage/orders-store.js';
import type { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import { madeUpOrder } from './made-up-order.js';

const BPS = 10_000;
/** Equity beside which no limit that is a share of it comes first. */
const RICH = 1_000;
/** After so long a spent rate of orders is whole again, whatever was overdrawn. */
const RATE_MS = 10 * MINUTE_MS;
/** Orders of the past that are made up for one limit. */
const MOST_MADE_UP = 20_000;
const ENTERING = 'preflight entries';

export interface ProofPorts {
  readonly engine: Pick<ExecutionEngine, 'place'>;
  readonly risk: Pick<RiskManager, 'checkDrawdown'>;
  /** Of a bot that never starts: what is booked here is nobody's money, and what is remembered nobody's order. */
  readonly portfolio: Portfolio;
  readonly orders: Pick<OrdersStore, 'upsert'>;
  readonly market: Pick<MarketData, 'acceptMark'>;
  readonly ladder: Pick<SafetyLadder, 'tighten'>;
  readonly settings: RiskSettings;
  readonly instrument: Instrument;
  readonly price: Decimal;
  readonly now: () => number;
}

/** One limit, and what our own gate said of an order that breaks it. */
export interface LimitProof {
  readonly limit: string;
  readonly refused: boolean;
  /** The check that refused it, and its words; null where the order was not refused. */
  readonly check: string | null;
  readonly reason: string | null;
}

/** A limit that is configured, and why no order of one symbol can break it first. */
export interface UntriedLimit {
  readonly limit: string;
  readonly why: string;
}

export interface LimitProofs {
  readonly tried: readonly LimitProof[];
  readonly untried: readonly UntriedLimit[];
}

interface Asked {
  readonly limit: string;
  readonly checks: readonly string[];
  readonly size: Lots;
  readonly limitTicks?: number;
  readonly side?: Side;
  readonly strategy?: string;
  /** What the gate's words must name besides. */
  readonly naming?: string;
}

/**
 * Puts one order to the gate for each limit, such that this limit is the first that it breaks, on books made up for it.
 * Every one must be refused, by the check of its limit. Called once, on parts that nobody trades with.
 */
export async function proveLimits(ports: ProofPorts): Promise<LimitProofs> {
  const proofs = new Proofs(ports);
  proofs.counts();
  proofs.terms();
  proofs.sizes();
  await proofs.money();
  return proofs;
}

class Proofs implements LimitProofs {
  readonly tried: LimitProof[] = [];
  readonly untried: UntriedLimit[] = [];
  private readonly least: Lots;
  private holdings = 0;

  constructor(private readonly ports: ProofPorts) {
    const { instrument, portfolio } = ports;
    this.least = lots(
      Math.max(instrument.minLots, this.sizeOf(instrument.spec.minNotional?.times(1.1) ?? new Decimal(0))),
    );
    portfolio.setKnown(true);
  }

  /** What has gone before, made up. All but the rate is tried after it has come back. */
  counts(): void {
    const { orders, instrument, settings, price, now } = this.ports;
    const { ordersPerMinute, maxUnattendedEntries = 0 } = settings;
    const made = (nth: number, strategy?: string): boolean =>
      orders.upsert(madeUpOrder({ instrument, price, size: this.least, at: now(), nth, strategy }));
    let nth = 0;
    if (maxUnattendedEntries <= MOST_MADE_UP) for (; nth < maxUnattendedEntries; nth += 1) made(nth, ENTERING);
    if (ordersPerMinute > MOST_MADE_UP) {
      this.leave('ordersPerMinute', `${ordersPerMinute} orders are too many to make up`);
      return;
    }
    for (; nth < ordersPerMinute; nth += 1) made(nth);
    this.put({ limit: 'ordersPerMinute', checks: ['order_rate'], size: this.least }, now());
  }

  /** Data and prices. */
  terms(): void {
    const { least } = this;
    const { portfolio, market, settings, instrument, price } = this.ports;
    this.put({ limit: 'maxMarkStaleness', checks: ['stale_mark'], size: least });
    this.deposit(this.rich());
    market.acceptMark(instrument.symbol, instrument.toMarks(price), this.now());
    portfolio.observe(this.now());
    const collar = settings.priceCollarBps.times(3).div(BPS).plus(1);
    this.put({ limit: 'priceCollar', checks: ['price_collar'], size: least, limitTicks: this.at(collar) });
    const band = settings.passiveBand.times('1.5').plus(1);
    this.put({
      ...{ limit: 'passiveBand', checks: ['passive_band'], size: least },
      ...{ limitTicks: this.at(band), side: 'sell' },
    });
    const most = settings.maxOrderSize[instrument.symbol];
    if (most !== undefined) this.orderSize(instrument.toLots(most, 'floor'));
  }

  /** Sizes, of an account that has money enough. */
  sizes(): void {
    const { least } = this;
    const { settings, instrument, price } = this.ports;
    const { maxOrderNotional, maxUnattendedEntries, maxPositionSize, maxGrossNotional } = settings;
    if (maxUnattendedEntries !== undefined) {
      const limit = 'maxUnattendedEntries';
      if (maxUnattendedEntries > MOST_MADE_UP)
        this.leave(limit, `${maxUnattendedEntries} entries are too many to make up`);
      else this.put({ limit, checks: ['repeated_execution'], size: least, strategy: ENTERING });
    }
    if (maxOrderNotional !== undefined)
      this.put({
        ...{ limit: 'maxOrderNotional', checks: ['max_order_notional'] },
        size: this.sizeOf(maxOrderNotional.times('1.1').plus(price.times(instrument.spec.step))),
      });
    const ceiling = Decimal.min(maxPositionSize, maxGrossNotional ?? maxPositionSize);
    this.holding(ceiling, () =>
      this.put({
        ...{ limit: 'maxPositionSize and maxGrossNotional', size: least },
        checks: ['max_position_size', 'max_symbol_notional', 'max_gross_notional'],
      }),
    );
    this.net(ceiling);
  }

  /** Losses, and an account that has nothing. */
  async money(): Promise<void> {
    const { least } = this;
    const { portfolio, settings, instrument, ladder, risk } = this.ports;
    const { dailyLossLimit, maxDrawdown } = settings;
    if (dailyLossLimit !== undefined) {
      this.lose(instrument.toUnits(dailyLossLimit.times('1.1'), 'ceil'));
      this.put({ limit: 'dailyLossLimit', checks: ['daily_loss'], size: least });
    }
    portfolio.deposit(units(1 - portfolio.equity), this.now(), 'preflight poor');
    this.put({ limit: 'maxLeverage', checks: ['leverage', 'liquidation_buffer'], size: least });
    if (maxDrawdown !== undefined) {
      this.deposit(this.rich());
      portfolio.observe(this.now());
      this.lose(instrument.toUnits(instrument.money(portfolio.equityPeak).times(maxDrawdown).times('1.1'), 'ceil'));
      portfolio.observe(this.now());
      risk.checkDrawdown(this.now());
      const naming = 'max_drawdown';
      this.put({ limit: 'maxDrawdown', checks: ['reduce_only_block'], size: least, naming });
    }
    await ladder.tighten('HALTED', 'preflight');
    this.put({ limit: 'halt', checks: ['kill_switch'], size: least });
  }

  private orderSize(most: Lots): void {
    const limit = 'maxOrderSize';
    const { instrument } = this.ports;
    if (most < instrument.maxLots)
      this.put({ limit, checks: ['max_order_size'], size: lots(Math.max(most + 1, this.least)) });
    else this.leave(limit, `the venue takes no order above ${instrument.size(instrument.maxLots).toString()}`);
  }

  private net(ceiling: Decimal): void {
    const limit = 'maxNetNotional';
    const { maxNetNotional, maxNotionalPerSymbol } = this.ports.settings;
    if (maxNetNotional === undefined) return;
    const own = maxNotionalPerSymbol[this.ports.instrument.symbol] ?? ceiling;
    const room = Decimal.min(ceiling, own)
      .minus(this.worthOf(this.least))
      .minus(this.worthOf(lots(1)));
    if (maxNetNotional.gte(room)) this.leave(limit, 'what one symbol may hold ends before it');
    else this.holding(maxNetNotional, () => this.put({ limit, checks: ['max_net_notional'], size: this.least }));
  }

  private put({ limit, checks, size, limitTicks, side = 'buy', strategy, naming = '' }: Asked, at = this.now()): void {
    const { engine, instrument } = this.ports;
    const answer = engine.place(
      {
        ...{ instrument, side, type: 'limit', lots: size, limit: ticks(limitTicks ?? this.at(1)), timeInForce: 'GTC' },
        ...{ postOnly: false, reduceOnly: false, signalId: `preflight ${this.tried.length}` },
        origin: { strategy: strategy ?? 'preflight', reason: `to break ${limit}`, decidedAt: at },
      },
      at,
    );
    if (answer.outcome !== 'refused') {
      this.tried.push({ limit, refused: false, check: null, reason: answer.outcome });
      return;
    }
    const { check, reason } = answer;
    this.tried.push({ limit, refused: checks.includes(check) && reason.includes(naming), check, reason });
  }

  private leave(limit: string, why: string): void {
    this.untried.push({ limit, why });
  }

  /** With a position of the made-up books. */
  private holding(money: Decimal, look: () => void): void {
    this.hold(this.sizeOf(money), 'buy');
    look();
    this.hold(this.sizeOf(money), 'sell');
  }

  private hold(size: Lots, side: Side): void {
    const { portfolio, instrument, price } = this.ports;
    const name = `preflight ${(this.holdings += 1)}`;
    portfolio.applyFill({
      ...{ tradeId: name, clientId: name, venueId: venueOrderId(name), instrument },
      ...{ side, lots: size, fee: units(0), liquidity: 'taker', at: this.now() },
      price: instrument.toTicks(price, 'nearest'),
    });
  }

  private deposit(money: Decimal): void {
    const { portfolio, instrument } = this.ports;
    portfolio.deposit(instrument.toUnits(money, 'nearest'), this.now(), `preflight ${this.tried.length}`);
  }

  private lose(amount: number): void {
    const { portfolio, instrument } = this.ports;
    portfolio.applyFunding({
      ...{ id: `preflight ${this.tried.length}`, instrument, at: this.now(), rate: undefined, markPrice: undefined },
      ...{ lots: undefined, amount: units(-amount) },
    });
  }

  private rich(): Decimal {
    const { settings, price } = this.ports;
    return settings.maxPositionSize
      .plus(settings.maxOrderNotional ?? 0)
      .plus(price)
      .times(RICH);
  }

  private now(): number {
    return this.ports.now() + RATE_MS;
  }

  private at(share: number | Decimal): number {
    return this.ports.instrument.toTicks(this.ports.price.times(share), 'nearest');
  }

  private sizeOf(money: Decimal): Lots {
    return this.ports.instrument.toLots(money.div(this.ports.price), 'ceil');
  }

  private worthOf(size: Lots): Decimal {
    return this.ports.instrument.size(size).times(this.ports.price);
  }
}
