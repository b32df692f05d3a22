import type { Instrument } from '../../domain/instrument.js';
import { interned } from '../../domain/symbol-map.js';
import { marks } from '../../domain/units.js';
import type { InFlight } from '../../ports/core-services/simulated-exchange.js';
import { ColumnBarView, unevenCloses, type BarColumns } from '../../data/bar-columns.js';
import type { EquityStatistics } from '../equity-statistics.js';
import type { PumpOptions, PumpServices } from '../pump-services.js';
import { hasTimerDue, keepFresh, NEVER, nextHour, slowWire, type HotLoop, type Obstacle } from './hot-loop.js';
import { EVENTS_A_LOOK } from './pace.js';
import { wakeAt } from './settle.js';

/**
 * The bars of one instrument and nothing else: the shortest way. One bar is: the exchange walks its path (where orders
 * decided before it fill), the close becomes the mark, and the cycle steps. What is decided at a close can therefore
 * fill at the next open at the earliest. Between bars nothing is allocated and nothing awaited, unless an order is
 * under way.
 */
export class BarLoop implements HotLoop {
  now = 0;
  stepped = false;
  midway = false;
  readonly needy: readonly string[];
  private next = 0;
  private refreshAt: number;
  private readonly view: ColumnBarView;
  private readonly closes: Float64Array | undefined;
  private readonly symbol: string;
  private readonly marksPerTick: number;
  private readonly wire: InFlight | undefined;

  constructor(
    private readonly services: PumpServices,
    private readonly columns: BarColumns,
    instrument: Pick<Instrument, 'marksPerTick'>,
    private readonly statistics: EquityStatistics,
    private readonly options: PumpOptions,
  ) {
    this.view = new ColumnBarView(columns);
    this.closes = unevenCloses(columns);
    services.series.attach?.(columns.symbol, this.view);
    this.symbol = interned(columns.symbol);
    this.marksPerTick = instrument.marksPerTick;
    this.wire = slowWire(services);
    this.needy = services.indicators.needs?.(this.symbol) === false ? [] : [this.symbol];
    this.refreshAt = this.needy.length === 0 ? NEVER : nextHour(columns.openAt[0] ?? 0);
  }

  /** Bars that have closed. */
  get events(): number {
    return this.next;
  }

  get ended(): boolean {
    return this.next >= this.columns.length;
  }

  get fetchAt(): number {
    return this.view.closeAt;
  }

  advance(parked: number): Obstacle | undefined {
    const { pending } = this.services;
    const { length } = this.columns;
    const { wire } = this;
    const inSteps = this.options.mode === 'step';
    this.stepped = false;
    do {
      if (!this.midway) {
        if (hasTimerDue(this.services, this.now)) return 'timer';
        // What travels arrives within a bar, before the bar is walked: the engine would be at its close else, and the
        // request too old.
        if (wire !== undefined && wakeAt(this.services, wire) <= this.closeOf(this.next) - 1) return 'wire';
        this.walk();
        if (pending.count !== parked) {
          // What a fill within the bar leads to is asked when the exchange has walked the bar: it is the close there.
          if (wire === undefined) {
            this.move(this.view.closeAt);
            this.keepFresh(this.now);
          }
          return undefined;
        }
      }
      if (wire !== undefined && wakeAt(this.services, wire) <= this.view.closeAt) return 'wire';
      if (this.services.strategies.nextTimerAt < this.view.closeAt && this.fireTimers(parked)) return undefined;
      if (this.view.closeAt >= this.refreshAt) return 'fetch';
      this.close();
    } while (this.next < length && pending.count === parked && this.next % EVENTS_A_LOOK !== 0 && !inSteps);
    return undefined;
  }

  move(at: number): void {
    this.services.clock.set((this.now = at));
  }

  fetched(): void {
    this.refreshAt = nextHour(this.view.closeAt);
  }

  private closeOf(row: number): number {
    const { closes, columns } = this;
    return closes === undefined ? (columns.openAt[row] as number) + columns.intervalMs : (closes[row] as number);
  }

  /** The bar happens at the exchange. */
  private walk(): void {
    const view = this.view.moveTo(this.next);
    // Where requests take time the clock may have gone past the open with one of them.
    if (view.openAt >= this.now) this.services.clock.set(view.openAt);
    this.services.exchange.bar(this.symbol, view);
    this.midway = true;
  }

  /** Timers that are due before the close, each at its own instant. True when one of them has set something off. */
  private fireTimers(parked: number): boolean {
    const { clock, pending, strategies } = this.services;
    while (strategies.nextTimerAt < this.view.closeAt) {
      clock.set((this.now = Math.max(this.now, strategies.nextTimerAt)));
      this.keepFresh(this.now);
      strategies.fireTimers(this.now);
      if (pending.count !== parked) return true;
    }
    return false;
  }

  private keepFresh(at: number): void {
    keepFresh(this.services, this.symbol, this.view.openAt, at);
  }

  /** The bar has closed: it is visible now, and the bot decides. */
  private close(): void {
    const { clock, marketData, cycle, portfolio } = this.services;
    const { closeAt } = this.view;
    clock.set((this.now = closeAt));
    marketData.acceptMark(this.symbol, marks(this.view.close * this.marksPerTick), closeAt);
    cycle.step(closeAt);
    this.statistics.sample(portfolio.equity, closeAt);
    if (this.options.watcher !== undefined) this.options.watcher.step(closeAt);
    this.stepped = true;
    this.midway = false;
    this.next += 1;
  }
}
