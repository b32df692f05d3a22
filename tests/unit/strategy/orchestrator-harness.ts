import type { StrategyHost } from '../../../src/ports/strategy/strategy-host.js';
import 'reflect-metadata';
import { Decimal } from '#src/domain/decimal.js';
import { hold, type Decision } from '#src/domain/decision.js';
import type { Instrument } from '#src/domain/instrument.js';
import type { MarketSnapshot } from '#src/domain/market.js';
import type { Fill } from '#src/domain/order.js';
import type { Position } from '#src/domain/position.js';
import type { SafetyState } from '#src/domain/safety.js';
import { units } from '#src/domain/units.js';
import type { ExecutionCoordinator, Submission } from '#src/ports/core-services/execution.js';
import type { IndicatorData } from '#src/ports/core-services/indicator-data.js';
import type { ProductCatalogue } from '#src/ports/core-services/product-catalogue.js';
import type {
  BreakerOutcome,
  RiskManager,
  SizingAdvice,
  SizingContext,
} from '#src/ports/core-services/risk-manager.js';
import type { GateLedger, LastDecisions } from '#src/ports/runtime-state/runtime-state.js';
import type { SafetyLadder } from '#src/ports/storage/safety-ladder.js';
import type { SeriesStore } from '#src/ports/runtime-state/series.js';
import type { BotConfig } from '#src/ports/configuration/settings/bot-config.js';
import type { Strategy, StrategyContext, StrategyRegistry } from '#src/ports/core-services/strategy.js';
import { LedgerPortfolio } from '#src/services/accounting/ledger-portfolio.js';
import { StrategyOrchestratorService } from '#src/services/strategy/strategy-orchestrator-service.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { instrument } from '#src/testing/instruments.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { RecordingTrace } from '../../support/recording-trace.js';
import { ListSeries, marketSnapshot, START } from '../../support/strategy-parts.js';

export const BTC = instrument();
const ETH = instrument({ symbol: 'ETH-PERP', base: 'ETH' });
export const money = (amount: number): ReturnType<typeof units> => BTC.toUnits(new Decimal(amount), 'floor');
export const BUY: Decision = { action: 'buy', reason: 'because', notional: money(1000), leverage: 2 };

export class ScriptedStrategy implements Strategy {
  readonly name = 'scripted';
  lookback = 1;
  needsSnapshot = false;
  next: Decision | Error = hold('nothing');
  readonly seen: {
    mark: number;
    equity: number;
    reduceOnly: boolean;
    stale: boolean;
    snapshot: MarketSnapshot | undefined;
    now: number;
  }[] = [];
  readonly fills: [Fill, Position][] = [];
  fillFailure: Error | undefined;

  decide({ mark, equity, reduceOnly, stale, snapshot, now }: StrategyContext): Decision {
    this.seen.push({ mark, equity, reduceOnly, stale, snapshot, now });
    if (this.next instanceof Error) throw this.next;
    return this.next;
  }
  onFill(one: Fill, position: Position): void {
    if (this.fillFailure !== undefined) throw this.fillFailure;
    this.fills.push([one, position]);
  }
  snapshot(): undefined {
    return undefined;
  }
  restore(): void {}
}

/** Risk that lets everything pass until a test says otherwise. */
class ScriptedRisk {
  killSwitch = false;
  volatility: BreakerOutcome | Error = { action: 'none', volatility: undefined };
  staleMark = false;
  stale = false;
  dailyLoss = false;
  drawdown = false;
  reduceOnly = false;
  symbolReduceOnly = false;
  advice: SizingAdvice = {
    notional: money(400),
    lots: 1 as never,
    reduceOnly: false,
    dynamic: true,
    reason: 'thin book',
  };
  readonly sized: SizingContext[] = [];

  isReduceOnly = (): boolean => this.reduceOnly;
  isSymbolReduceOnly = (): boolean => this.symbolReduceOnly;
  isStale = (): boolean => this.stale;
  checkMarkStaleness = (): boolean => this.staleMark;
  checkDailyLoss = (): boolean => this.dailyLoss;
  checkDrawdown = (): boolean => this.drawdown;
  checkVolatility = (): BreakerOutcome => {
    if (this.volatility instanceof Error) throw this.volatility;
    return this.volatility;
  };
  sizePosition = (context: SizingContext): SizingAdvice => {
    this.sized.push(context);
    return this.advice;
  };
}

class Holds implements GateLedger {
  readonly held: string[] = [];
  hold(gate: string, symbol: string): void {
    this.held.push(`${gate} ${symbol}`);
  }
  report(): [] {
    return [];
  }
}

class Latest implements LastDecisions {
  readonly kept = new Map<string, { decision: Decision; at: number }>();
  record(symbol: string, decision: Decision, at: number): void {
    this.kept.set(symbol, { decision, at });
  }
  find(symbol: string): { decision: Decision; at: number } | undefined {
    return this.kept.get(symbol);
  }
  all(): ReadonlyMap<string, { decision: Decision; at: number }> {
    return this.kept;
  }
  forget(symbol: string): void {
    this.kept.delete(symbol);
  }
}

interface Executed {
  readonly instrument: Instrument;
  readonly decision: Decision;
  readonly snapshot: MarketSnapshot | undefined;
}

export function parts(config: BotConfig = testConfig({ symbols: ['BTC-PERP', 'ETH-PERP'] })) {
  const controller = new FakeConfigController(config);
  const strategies = new Map([BTC, ETH].map(({ symbol }) => [symbol, new ScriptedStrategy()]));
  const series = new Map([BTC, ETH].map((of) => [of.symbol, new ListSeries(of)]));
  const products = new Map<string, Instrument>([BTC, ETH].map((of) => [of.symbol, of]));
  const risk = new ScriptedRisk();
  const safety = { state: 'NORMAL' as SafetyState };
  const trace = new RecordingTrace();
  const portfolio = new LedgerPortfolio(controller, trace);
  portfolio.deposit(money(10_000), START, 'start');
  portfolio.setKnown(true);
  const executed: Executed[] = [];
  const script = {
    submission: { outcome: 'submitted', clientId: 'c' } as Submission | Error,
    block: undefined as Decision | undefined,
    depth: marketSnapshot(),
  };
  const coordinator = {
    executeDecision: (
      of: Instrument,
      decision: Decision,
      _mark: number,
      _position: Position,
      _now: number,
      snapshot?: MarketSnapshot,
    ): Submission => {
      if (script.submission instanceof Error) throw script.submission;
      executed.push({ instrument: of, decision, snapshot });
      return script.submission;
    },
  } as unknown as ExecutionCoordinator;
  const indicators: IndicatorData = {
    refresh: () => Promise.resolve(),
    snapshot: () => script.depth,
    entryBlock: () => script.block,
  };
  const gates = new Holds();
  const decisions = new Latest();
  const events = new FakeEventStore();
  const logger = new RecordingLogger();
  const orchestrator = new StrategyOrchestratorService(
    controller,
    { strategyFor: (symbol: string) => strategies.get(symbol) } as unknown as StrategyRegistry,
    { find: (symbol: string) => products.get(symbol) } as unknown as ProductCatalogue,
    { find: (symbol: string) => series.get(symbol) } as unknown as SeriesStore,
    portfolio,
    risk as unknown as RiskManager,
    safety as unknown as SafetyLadder,
    indicators,
    coordinator,
    decisions,
    gates,
    events,
    trace,
    logger,
    { take: () => undefined } as unknown as StrategyHost,
  );
  let now = START;
  const step = (price: number, symbol = 'BTC-PERP'): Decision | undefined => {
    const of = products.get(symbol) ?? BTC;
    const mark = of.toMarks(new Decimal(price));
    now += 5_000;
    series.get(symbol)?.push(mark);
    portfolio.mark(symbol, mark);
    return orchestrator.processSymbol(symbol, now);
  };
  const btc = strategies.get('BTC-PERP') as ScriptedStrategy;
  const eth = strategies.get('ETH-PERP') as ScriptedStrategy;
  return {
    controller,
    orchestrator,
    strategies,
    btc,
    eth,
    series,
    products,
    risk,
    safety,
    portfolio,
    executed,
    script,
    gates,
    decisions,
    events,
    trace,
    logger,
    step,
    time: () => now,
  };
}
