import type { Instrument } from '../domain/instrument.js';
import { signOf, type Fill } from '../domain/order.js';
import { lots, marks, units, type MarkUnits } from '../domain/units.js';
import type { RunWatcher } from '../backtest/pump-services.js';
import type { WatchedServices } from '../backtest/watched-services.js';
import { RunningMoments } from '../research/statistics/moments.js';
import { DayTable } from './day-table.js';
import { InstrumentWatch, least } from './instrument-watch.js';
import { OrderWatch } from './order-watch.js';
import { RoundTrips } from './round-trips.js';
import type { FillRow, RunEvent, RunRecord } from './run-record.js';
import { emptyStep, finestIn, SampleColumns } from './sample-columns.js';

const RATIO_DIGITS = 7;
/** What the basket of several instruments is worth at the start. */
const BASKET = 100;
const BASKET_DIGITS = 10;

/**
 * Watches a run for its report: every step of the cycle, every fill, order and change of the safety state. It reads and
 * never acts, so a run is the same with and without it. Memory for steps is bounded. `close` ends the watch.
 */
export class RunRecorder implements RunWatcher {
  private readonly current = emptyStep();
  private readonly samples = new SampleColumns();
  private readonly days: DayTable;
  private readonly returns = new RunningMoments();
  private readonly trips = new RoundTrips();
  private readonly watch: OrderWatch;
  private readonly fills: FillRow[] = [];
  private readonly events: RunEvent[] = [];
  private readonly endings: (() => void)[];
  private readonly watches: readonly InstrumentWatch[];
  private last: number;
  private now = 0;
  private isMoved = false;

  /** `instruments`: all that are traded. `stepMs`: from one step to the next, for what is annualised. */
  constructor(
    private readonly services: Omit<WatchedServices, 'gates' | 'cycle'>,
    private readonly instruments: readonly Instrument[],
    private readonly stepMs: number,
  ) {
    const { portfolio, orders, safety } = services;
    this.watches = instruments.map((each) => new InstrumentWatch(each, instruments.length > 1));
    this.last = portfolio.equity;
    this.days = new DayTable(this.last);
    this.watch = new OrderWatch((symbol) => portfolio.lastMark(symbol));
    this.endings = [
      portfolio.onFill((fill) => this.take(fill)),
      portfolio.onPosting(() => (this.isMoved = true)),
      orders.onChange((order) => this.watch.observe(order)),
      safety.onChange(({ at, from, to, reason }) =>
        this.events.push({ at, what: 'safety', detail: `${from} to ${to}: ${reason}` }),
      ),
    ];
  }

  /** The venue's own mark of an instrument, where the data has one: it is what positions are liquidated at. */
  venueMark(symbol: string, mark: number): void {
    for (const watch of this.watches) if (watch.instrument.symbol === symbol) watch.venueMark = mark;
  }

  /** The end of one cycle. */
  step(at: number): void {
    const { portfolio } = this.services;
    const step = this.current;
    const { equity } = portfolio;
    this.now = at;
    this.addUp(at, equity);
    step.equity = step.low = step.high = equity;
    step.leverage = equity > 0 ? step.gross / equity : 0;
    this.returns.add(this.last > 0 ? equity / this.last - 1 : 0);
    this.last = equity;
    if (this.trips.hasOpen) for (const watch of this.watches) this.seeMark(watch);
    this.samples.add(step);
    this.days.add(step);
    if (this.isMoved) this.askLiquidation();
  }

  /** Exposures and margins add up over instruments; of distances the smallest counts, of divergences the largest. */
  private addUp(at: number, equity: number): void {
    const { watches, current: step } = this;
    step.at = at;
    step.gross = step.net = 0;
    step.distance = step.divergence = NaN;
    let maintenance = 0;
    let growth = 0;
    let isKnown = false;
    for (const watch of watches) {
      watch.look(at, this.services.portfolio, equity);
      step.gross += watch.step.gross;
      step.net += watch.step.net;
      maintenance += watch.maintenance;
      growth += watch.growth;
      isKnown ||= watch.isKnown;
      step.distance = least(step.distance, watch.step.distance);
      step.divergence = 0 - least(0 - step.divergence, 0 - watch.step.divergence);
    }
    const [only] = watches;
    const isOne = watches.length === 1 && only !== undefined;
    step.lots = isOne ? only.step.lots : NaN;
    step.mark = isOne ? only.step.mark : isKnown ? (BASKET * growth) / watches.length : NaN;
    step.margin = maintenance > 0 && equity > 0 ? maintenance / equity : 0;
  }

  /** Everything seen so far. */
  record(): RunRecord {
    const { portfolio, exchange } = this.services;
    const [only] = this.instruments;
    const instruments = this.watches.flatMap((watch) => watch.record(finestIn(portfolio.unit)) ?? []);
    const moments = this.returns.moments();
    const known = (value: number): number | null => (Number.isFinite(value) ? value : null);
    return {
      stepMs: this.stepMs,
      samples: this.samples.toSamples(finestIn(portfolio.unit)),
      ...(instruments.length === 0 ? {} : { instruments }),
      days: this.days.toRows(portfolio.unit, (mark) =>
        instruments.length === 0 && only !== undefined
          ? only.markPrice(marks(mark)).toString()
          : String(Number(mark.toPrecision(BASKET_DIGITS))),
      ),
      returns: {
        count: moments.count,
        mean: known(moments.mean),
        deviation: known(moments.deviation),
        skewness: known(moments.skewness),
        kurtosis: known(moments.kurtosis),
      },
      fills: this.fills,
      trades: this.trips.rows(exchange.fundings, (symbol) => portfolio.lastMark(symbol), this.now),
      orders: this.watch.facts(),
      events: this.events,
    };
  }

  close(): void {
    for (const end of this.endings.splice(0)) end();
  }

  private seeMark({ instrument: { symbol }, step }: InstrumentWatch): void {
    if (Number.isNaN(step.mark)) return;
    this.trips.mark(symbol, marks(step.mark));
    this.trips.stop(symbol, this.watch.stopOf(symbol, 'sell'), 'long');
    this.trips.stop(symbol, this.watch.stopOf(symbol, 'buy'), 'short');
  }

  private take(fill: Fill): void {
    const { instrument } = fill;
    const { symbol } = instrument;
    const decision = this.watch.decisionOf(fill.clientId);
    this.isMoved = true;
    for (const watch of this.watches) if (watch.instrument.symbol === symbol) watch.take(fill);
    this.trips.fill(fill, {
      reason: fill.cause ?? decision?.reason,
      stop: this.watch.stopOf(symbol, fill.side === 'buy' ? 'sell' : 'buy'),
    });
    if (!this.trips.holds(symbol)) this.watch.forgetStops(symbol);
    if (fill.cause !== undefined)
      this.events.push({
        at: fill.at,
        what: fill.cause,
        detail: `${fill.side} ${instrument.sizeText(fill.lots)} ${symbol} at ${instrument.priceText(fill.price)}`,
      });
    const notional = instrument.notional(fill.price, fill.lots);
    const mark: MarkUnits | undefined = decision?.mark;
    const signed = lots(signOf(fill.side) * fill.lots);
    const slippage =
      mark === undefined
        ? undefined
        : units(instrument.value(fill.price, signed) - instrument.valueAtMark(mark, signed));
    this.fills.push({
      at: fill.at,
      symbol,
      side: fill.side,
      quantity: instrument.sizeText(fill.lots),
      price: instrument.priceText(fill.price),
      notional: instrument.moneyText(notional),
      fee: instrument.moneyText(fill.fee),
      liquidity: fill.liquidity,
      cause: fill.cause ?? null,
      reason: fill.cause ?? decision?.reason ?? null,
      decision: mark === undefined ? null : instrument.markPrice(mark).toString(),
      slippage: slippage === undefined ? null : instrument.moneyText(slippage),
      slippageBps: slippage === undefined ? null : Number(((slippage / notional) * 1e4).toPrecision(RATIO_DIGITS)),
      waitMs: decision === undefined ? null : fill.at - decision.decidedAt,
    });
  }

  /**
   * The prices change with fills, fees and funding alone; the pump waits for the answer, so that the next step knows
   * them.
   */
  private askLiquidation(): void {
    const { broker, pending } = this.services;
    this.isMoved = false;
    const forget = (): void => this.watches.forEach((watch) => watch.forgetEnds());
    forget();
    if (!this.watches.some((watch) => watch.isHeld)) return;
    const asked = broker.listPositions().then((positions) => this.watches.forEach((watch) => watch.tell(positions)));
    // A venue that cannot tell leaves the distance unknown: it is shown as such.
    pending.track(asked.catch(forget));
  }
}
