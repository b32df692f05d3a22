import type { Instrument } from '#src/domain/instrument.js';
import type { Product } from '#src/domain/market.js';
import type { Fill, Order, OrderChange } from '#src/domain/order.js';
import { approve, refuse, type Verdict } from '#src/domain/risk.js';
import { isTighter, permits, type SafetyState } from '#src/domain/safety.js';
import { lots, units } from '#src/domain/units.js';
import type { Protection } from '#src/ports/core-services/protection.js';
import type { ProductCatalogue } from '#src/ports/core-services/product-catalogue.js';
import { namedInList } from '#src/flow/list-names.js';
import type {
  BreakerOutcome,
  ListCheck,
  ListVerdict,
  OrderEffect,
  OrderIntent,
  RiskManager,
  SizingAdvice,
  SizingContext,
} from '#src/ports/core-services/risk-manager.js';
import type { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import type { Trace } from '#src/ports/runtime-state/trace.js';

/** Approves everything unless told otherwise. */
export class FakeRisk implements RiskManager {
  readonly lastMarkUpdate = {
    touch: (): void => undefined,
    lastUpdate: (): number | undefined => undefined,
    age: (): number | undefined => undefined,
    isStale: (): boolean => false,
    forget: (): void => undefined,
  };
  readonly asked: OrderIntent[] = [];
  refusal: { check: string; reason: string } | undefined;
  reduceOnly = false;
  stale = false;
  killSwitch = false;
  advice: SizingAdvice | undefined;

  readonly sized: SizingContext[] = [];
  /** The real formula, on the rig's own position and open orders. */
  effectOf: (intent: OrderIntent) => OrderEffect = () => {
    throw new Error('This risk manager knows no position.');
  };
  mayOnlyReduce(): boolean {
    return this.reduceOnly;
  }

  approve(intent: OrderIntent): Verdict<OrderIntent> {
    this.asked.push(intent);
    return this.refusal === undefined ? approve(intent) : refuse(intent, this.refusal.check, this.refusal.reason);
  }
  approveList(intents: readonly OrderIntent[], _now: number, before?: ListCheck): ListVerdict {
    for (const [index, intent] of intents.entries()) {
      const found = before?.(namedInList(intents, index, String)) ?? this.refusal;
      this.asked.push(intent);
      if (found !== undefined) return { approved: false, ...found };
    }
    return { approved: true, orders: intents.map((intent) => approve(intent)) };
  }
  approveChange(_order: Order, change: OrderChange): Verdict<OrderChange> {
    return this.refusal === undefined ? approve(change) : refuse(change, this.refusal.check, this.refusal.reason);
  }
  isReduceOnly(): boolean {
    return this.reduceOnly;
  }
  setReduceOnly(): Promise<void> {
    return Promise.resolve();
  }
  isStale(): boolean {
    return this.stale;
  }
  checkMarkStaleness(): boolean {
    return this.stale;
  }
  checkVolatility(): BreakerOutcome {
    return { action: 'none', volatility: undefined };
  }
  checkDailyLoss(): boolean {
    return false;
  }
  checkDrawdown(): boolean {
    return false;
  }
  checkLiquidationBuffer(): boolean {
    return false;
  }
  checkConcentration(): boolean {
    return false;
  }
  recordSnapshot(): void {
    // Nothing to record.
  }
  isSymbolReduceOnly(): boolean {
    return false;
  }
  sizePosition(context: SizingContext): SizingAdvice {
    this.sized.push(context);
    return (
      this.advice ?? {
        notional: units(0),
        lots: lots(0),
        reduceOnly: false,
        dynamic: false,
        reason: `no estimator for ${context.side}`,
      }
    );
  }
}

export class FakeLadder implements SafetyLadder {
  state: SafetyState = 'NORMAL';
  reason: string | undefined;
  since: number | undefined;
  readonly tightened: string[] = [];

  tighten(to: SafetyState, reason: string): Promise<void> {
    if (!isTighter(to, this.state)) return Promise.resolve();
    this.state = to;
    this.reason = reason;
    this.tightened.push(`${to} ${reason}`);
    return Promise.resolve();
  }
  loosen(to: SafetyState): Promise<void> {
    this.state = to;
    return Promise.resolve();
  }
  heed(): void {
    // Nobody asks.
  }
  permits(reducing: boolean, protecting = false): boolean {
    return permits(this.state, reducing, protecting);
  }
  get isReduceOnly(): boolean {
    return this.state !== 'NORMAL';
  }
  onChange(): () => void {
    return () => undefined;
  }
  reconcileBy(): void {
    // Nobody loosens here.
  }
  restore(): void {
    // Nothing stored.
  }
}

export class FakeTrace implements Trace {
  readonly lines: string[] = [];
  header(): void {
    // Not compared here.
  }
  decision(): void {
    // Not compared here.
  }
  order(order: Order): void {
    this.lines.push(`order ${order.status}`);
  }
  fill(fill: Fill): void {
    this.lines.push(`fill ${fill.tradeId}`);
  }
  funding(): void {
    this.lines.push('funding');
  }
  posting(): void {
    // Postings are the portfolio's.
  }
  digest(): string {
    return this.lines.join('\n');
  }
  get records(): number {
    return this.lines.length;
  }
}

export class FakeCatalogue implements ProductCatalogue {
  confirmed = true;
  refreshed = 0;
  /** What the venue says otherwise when it is asked. */
  onRefresh = (): void => undefined;

  constructor(private known: readonly Instrument[]) {}

  replace(instrument: Instrument): void {
    this.known = [...this.known.filter(({ symbol }) => symbol !== instrument.symbol), instrument];
  }
  refresh(): Promise<void> {
    this.refreshed += 1;
    this.onRefresh();
    return Promise.resolve();
  }
  getProduct(symbol: string): Product {
    const { spec } = this.instrument(symbol);
    return {
      symbol,
      base: spec.base,
      quote: spec.quote,
      market: spec.kind,
      minSize: spec.minSize,
      stepSize: spec.step,
      minNotional: spec.minNotional,
      priceIncrement: spec.tick,
      confirmed: this.confirmed,
    };
  }
  instrument(symbol: string): Instrument {
    const found = this.find(symbol);
    if (found === undefined) throw new Error(`no instrument ${symbol}`);
    return found;
  }
  find(symbol: string): Instrument | undefined {
    return this.known.find((candidate) => candidate.symbol === symbol);
  }
  instruments(): IterableIterator<Instrument> {
    return this.known.values();
  }
}

/** Nothing is guarded. */
export class NoProtection implements Protection {
  refusal: string | undefined;
  onMark(): void {}
  objection(): string | undefined {
    return this.refusal;
  }
  naked(): [] {
    return [];
  }
  secure(): Promise<string[]> {
    return Promise.resolve([]);
  }
  release(): void {}
}
