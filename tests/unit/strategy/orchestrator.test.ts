import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { hold, type Decision } from '#src/domain/decision.js';
import type { Instrument } from '#src/domain/instrument.js';
import type { MarketSnapshot } from '#src/domain/market.js';
import type { Fill } from '#src/domain/order.js';
import type { Position } from '#src/domain/position.js';
import type { SafetyState } from '#src/domain/safety.js';
import { units } from '#src/domain/units.js';
import type { ExecutionCoordinator, Submission } from '#src/ports/execution.js';
import type { IndicatorData } from '#src/ports/indicator-data.js';
import type { ProductCatalogue } from '#src/ports/product-catalogue.js';
import type { BreakerOutcome, RiskManager, SizingAdvice, SizingContext } from '#src/ports/risk-manager.js';
import type { GateLedger, LastDecisions } from '#src/ports/runtime-state.js';
import type { SafetyLadder } from '#src/ports/safety-ladder.js';
import type { SeriesStore } from '#src/ports/series.js';
import type { BotConfig } from '#src/ports/settings.js';
import type { Strategy, StrategyContext, StrategyRegistry } from '#src/ports/strategy.js';
import { LedgerPortfolio } from '#src/services/accounting/ledger-portfolio.js';
import { StrategyOrchestratorService } from '#src/services/strategy/strategy-orchestrator-service.js';
import { FakeConfigController, testConfig } from '../../support/config.js';
import { fill } from '../../support/fills.js';
import { instrument } from '../../support/instruments.js';
import { RecordingLogger } from '../../support/logger.js';
import { FakeEventStore } from '../../support/memory-event-store.js';
import { RecordingTrace } from '../../support/recording-trace.js';
import { ListSeries, marketSnapshot, START } from '../../support/strategy-parts.js';

const BTC = instrument();
const ETH = instrument({ symbol: 'ETH-PERP', base: 'ETH' });
const money = (amount: number): ReturnType<typeof units> => BTC.toUnits(new Decimal(amount), 'floor');
const BUY: Decision = { action: 'buy', reason: 'because', notional: money(1000), leverage: 2 };

class ScriptedStrategy implements Strategy {
  readonly name = 'scripted';
  lookback = 1;
  needsSnapshot = false;
  next: Decision | Error = hold('nothing');
  readonly seen: { mark: number; equity: number; reduceOnly: boolean; stale: boolean; snapshot: MarketSnapshot | undefined; now: number }[] = [];
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
  advice: SizingAdvice = { notional: money(400), lots: 1 as never, reduceOnly: false, dynamic: true, reason: 'thin book' };
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

function parts(config: BotConfig = testConfig({ symbols: ['BTC-PERP', 'ETH-PERP'] })) {
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
  const script = { submission: { outcome: 'submitted', clientId: 'c' } as Submission | Error, block: undefined as Decision | undefined, depth: marketSnapshot() };
  const coordinator = {
    executeDecision: (of: Instrument, decision: Decision, _mark: number, _position: Position, _now: number, snapshot?: MarketSnapshot): Submission => {
      if (script.submission instanceof Error) throw script.submission;
      executed.push({ instrument: of, decision, snapshot });
      return script.submission;
    },
  } as unknown as ExecutionCoordinator;
  const indicators: IndicatorData = { refresh: () => Promise.resolve(), snapshot: () => script.depth, entryBlock: () => script.block };
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
  return { controller, orchestrator, strategies, btc, eth, series, products, risk, safety, portfolio, executed, script, gates, decisions, events, trace, logger, step, time: () => now };
}

describe('StrategyOrchestratorService gates', () => {
  it.each<[string, (p: ReturnType<typeof parts>) => void]>([
    ['kill_switch', ({ risk }) => (risk.killSwitch = true)],
    ['safety:HALTED', ({ safety }) => (safety.state = 'HALTED')],
    ['safety:FLATTENING', ({ safety }) => (safety.state = 'FLATTENING')],
    ['safety:LOCKED', ({ safety }) => (safety.state = 'LOCKED')],
    ['positions_unknown', ({ portfolio }) => portfolio.setKnown(false)],
    ['unconfirmed_product', ({ products }) => products.delete('BTC-PERP')],
    ['equity', ({ portfolio }) => portfolio.deposit(money(-10_000), START, 'out')],
    ['volatility', ({ risk }) => (risk.volatility = { action: 'kill_switch', volatility: 1 })],
    ['stale_mark', ({ risk }) => (risk.staleMark = true)],
  ])('hold at %s: the strategy is not asked, and the hold is counted, traced and recorded', (gate, close) => {
    const p = parts();
    p.btc.next = BUY;
    close(p);
    const decision = p.step(100);

    expect(decision?.action).toBe('hold');
    expect(p.btc.seen).toEqual([]);
    expect(p.executed).toEqual([]);
    expect(p.gates.held).toEqual([`${gate} BTC-PERP`]);
    expect(p.trace.decisions).toEqual([{ symbol: 'BTC-PERP', action: 'hold', mark: 100_000, at: p.time() }]);
    expect(p.decisions.find('BTC-PERP')).toEqual({ decision, at: p.time() });
  });

  it('hold without marks, at mark 0', () => {
    const p = parts();
    expect(p.orchestrator.processSymbol('BTC-PERP', START)?.reason).toBe('No marks yet');
    p.series.delete('BTC-PERP');
    p.orchestrator.processSymbol('BTC-PERP', START + 1);
    expect(p.gates.held).toEqual(['no_marks BTC-PERP', 'no_marks BTC-PERP']);
    expect(p.trace.decisions.map(({ mark }) => mark)).toEqual([0, 0]);
  });

  it('hold again when the series was emptied under it', () => {
    const p = parts();
    p.step(100);
    p.series.get('BTC-PERP')?.clear();
    expect(p.orchestrator.processSymbol('BTC-PERP', START + 60_000)?.reason).toBe('No marks yet');
    expect(p.step(100)?.reason).toBe('nothing');
  });

  it('stop at the first of them: kill switch before safety, positions, marks, equity and risk', () => {
    const p = parts();
    p.risk.killSwitch = true;
    p.safety.state = 'HALTED';
    p.portfolio.setKnown(false);
    p.risk.staleMark = true;
    p.step(100);
    p.risk.killSwitch = false;
    p.step(100);
    p.safety.state = 'NORMAL';
    p.step(100);
    p.portfolio.setKnown(true);
    p.step(100);
    expect(p.gates.held.map((held) => held.split(' ')[0])).toEqual(['kill_switch', 'safety:HALTED', 'positions_unknown', 'stale_mark']);
  });

  it('skip a symbol while positions are not known, and go on once they are (B-26)', () => {
    const p = parts();
    p.btc.next = BUY;
    p.portfolio.setKnown(false);
    p.step(100);
    expect(p.executed).toEqual([]);
    p.portfolio.setKnown(true);
    p.step(100);
    expect(p.executed).toHaveLength(1);
  });

  it('hold trading back when a risk check throws, and say so once a minute (B-40)', () => {
    const p = parts();
    p.btc.next = BUY;
    p.risk.volatility = new Error('broken');
    for (let i = 0; i < 13; i += 1) p.step(100);

    expect(p.executed).toEqual([]);
    expect(new Set(p.gates.held)).toEqual(new Set(['risk_gate_error BTC-PERP']));
    expect(p.logger.at('error')).toEqual(['Risk check failed; trading is held back', 'Risk check failed; trading is held back']);
  });

  it('let warnings of the volatility breaker pass', () => {
    const p = parts();
    p.risk.volatility = { action: 'reduce_only', volatility: 0.2 };
    p.step(100);
    expect(p.btc.seen).toHaveLength(1);
  });

  it('are announced when they close, not at every step', () => {
    const p = parts();
    p.risk.staleMark = true;
    p.step(100);
    p.step(100);
    expect(p.logger.at('warn')).toEqual(['BTC-PERP is held back: Mark is stale']);
    p.risk.staleMark = false;
    p.step(100);
    p.risk.staleMark = true;
    p.step(100);
    expect(p.logger.at('warn')).toHaveLength(2);
  });

  it('count a daily loss and a drawdown, and still ask the strategy, so that exits go through', () => {
    const p = parts();
    p.risk.dailyLoss = true;
    p.risk.drawdown = true;
    p.btc.next = { action: 'close', reason: 'out', reduceOnly: true };
    p.step(100);
    expect(p.gates.held).toEqual(['daily_loss BTC-PERP', 'drawdown BTC-PERP']);
    expect(p.executed.map(({ decision }) => decision.action)).toEqual(['close']);
    expect(p.events.events).toEqual([]);
  });

  it('count a series that is shorter than the strategy looks back', () => {
    const p = parts();
    p.btc.lookback = 3;
    for (const price of [100, 100, 100]) p.step(price);
    expect(p.gates.held).toEqual(['warm_up BTC-PERP', 'warm_up BTC-PERP']);
  });

  it.each<[string, (p: ReturnType<typeof parts>) => void]>([
    ['safety:REDUCE_ONLY', ({ safety }) => (safety.state = 'REDUCE_ONLY')],
    ['reduce_only', ({ risk }) => (risk.reduceOnly = true)],
    ['reduce_only', ({ risk }) => (risk.symbolReduceOnly = true)],
  ])('count %s, and tell the strategy instead of closing', (gate, tighten) => {
    const p = parts();
    tighten(p);
    p.step(100);
    expect(p.gates.held).toEqual([`${gate} BTC-PERP`]);
    expect(p.btc.seen.map(({ reduceOnly }) => reduceOnly)).toEqual([true]);
  });
});

describe('StrategyOrchestratorService deciding', () => {
  it('shows the strategy the current value, the one equity, the time and the freshness', () => {
    const p = parts();
    p.risk.stale = true;
    p.step(100);
    expect(p.btc.seen).toEqual([{ mark: 100_000, equity: money(10_000), reduceOnly: false, stale: true, snapshot: undefined, now: p.time() }]);
  });

  it('takes equity from the portfolio alone: cash, margin and unrealised profit, nothing twice (B-38, B-39)', () => {
    const p = parts();
    p.portfolio.applyFill(fill(BTC, 'buy', 100, 1_000));
    p.step(110);
    expect(p.btc.seen[0]?.equity).toBe(money(10_001));
  });

  it('sees spot holdings as positions, because they come from fills (B-76)', () => {
    const p = parts();
    const spot = instrument({ kind: 'spot' });
    p.products.set('BTC-PERP', spot);
    p.portfolio.applyFill(fill(spot, 'buy', 100, 1_000));
    p.script.block = hold('must not be asked');
    p.btc.next = BUY;
    p.step(110);
    expect(p.executed.map(({ decision }) => decision.action)).toEqual(['buy']);
  });

  it('hands over, traces, records and logs what is decided', () => {
    const p = parts();
    p.btc.next = BUY;
    expect(p.step(100)).toBe(BUY);
    expect(p.executed).toEqual([{ instrument: BTC, decision: BUY, snapshot: p.script.depth }]);
    expect(p.trace.decisions).toEqual([{ symbol: 'BTC-PERP', action: 'buy', mark: 100_000, at: p.time() }]);
    expect(p.decisions.find('BTC-PERP')?.decision).toBe(BUY);
    expect(p.logger.at('info')).toEqual(['BTC-PERP Decision: buy - because']);
    expect(p.events.payloads('strategy_acceptance')).toEqual([{ symbol: 'BTC-PERP', strategy: 'scripted', action: 'buy', reason: 'because', decided_at: p.time() }]);
  });

  it('records and traces holds too, and hands none over', () => {
    const p = parts();
    p.step(100);
    expect(p.trace.decisions.map(({ action }) => action)).toEqual(['hold']);
    expect(p.decisions.find('BTC-PERP')?.decision.reason).toBe('nothing');
    expect([p.executed, p.events.events]).toEqual([[], []]);
  });

  it.each<[Submission, string[]]>([
    [{ outcome: 'refused', check: 'exposure', reason: 'too much' }, ['refused:exposure BTC-PERP']],
    [{ outcome: 'nothing', reason: 'zero' }, ['nothing_to_do BTC-PERP']],
    [{ outcome: 'dry_run' }, []],
    [{ outcome: 'submitted', clientId: 'c' }, []],
  ])('counts a submission that became nothing: %j', (submission, held) => {
    const p = parts();
    p.btc.next = BUY;
    p.script.submission = submission;
    p.step(100);
    expect(p.gates.held).toEqual(held);
  });

  it('shows a strategy a market snapshot only when it needs one', () => {
    const p = parts();
    p.step(100);
    p.btc.needsSnapshot = true;
    p.step(100);
    expect(p.btc.seen.map(({ snapshot }) => snapshot)).toEqual([undefined, p.script.depth]);
  });

  it('journals rejections under their own type, a repeated one once (B-46)', () => {
    const p = parts();
    p.btc.next = hold('too wide', { filterRejected: true, rejectionType: 'spread' });
    p.step(100);
    p.step(100);
    p.btc.next = hold('too near', { guardRejected: true, rejectionType: 'liquidation' });
    p.step(100);
    expect(p.events.events.map(({ type }) => type)).toEqual(['strategy_rejection', 'strategy_rejection']);
    expect(p.events.payloads('strategy_rejection').map(({ rejection_type, rejected_by, reason }) => [rejection_type, rejected_by, reason])).toEqual([
      ['spread', 'filter', 'too wide'],
      ['liquidation', 'guard', 'too near'],
    ]);
  });

  it('isolates symbols: one that throws is logged and the next is processed', () => {
    const p = parts();
    p.btc.next = new Error('broken strategy');
    p.eth.next = BUY;
    expect(p.step(100)).toBeUndefined();
    expect(p.step(100, 'ETH-PERP')).toBe(BUY);
    expect(p.gates.held).toEqual(['strategy_error BTC-PERP']);
    expect(p.trace.decisions.map(({ symbol, action }) => `${symbol} ${action}`)).toEqual(['BTC-PERP hold', 'ETH-PERP buy']);
    expect(p.logger.at('error')).toEqual(['Symbol could not be processed']);
  });

  it('records one decision for a step whose execution fails', () => {
    const p = parts();
    p.btc.next = BUY;
    p.script.submission = new Error('defect');
    expect(p.step(100)).toBeUndefined();
    expect(p.trace.decisions.map(({ action }) => action)).toEqual(['buy']);
  });
});

describe('StrategyOrchestratorService entries', () => {
  const blocked = hold('volume_filter_blocked', { filterRejected: true, rejectionType: 'volume_filter_blocked' });

  it('replaces a buy into a flat position by what its entry filters say', () => {
    const p = parts();
    p.script.block = blocked;
    p.btc.next = BUY;
    expect(p.step(100)).toBe(blocked);
    expect(p.executed).toEqual([]);
    expect(p.events.payloads('strategy_rejection')).toHaveLength(1);
  });

  it.each<[string, Decision]>([
    ['sell', { ...BUY, action: 'sell' }],
    ['close', { action: 'close', reason: 'out' }],
    ['hold', hold('nothing')],
  ])('asks no entry filter about a %s', (_name, decision) => {
    const p = parts();
    p.script.block = blocked;
    p.btc.next = decision;
    expect(p.step(100)).toBe(decision);
  });

  const sizing = (strategy: Partial<BotConfig['strategy']> = {}): BotConfig => testConfig({ symbols: ['BTC-PERP'], risk: { dynamicPositionSizing: true }, strategy });

  it('takes the size that risk advises when sizing is dynamic', () => {
    const p = parts(sizing());
    p.btc.next = BUY;
    p.step(100);
    expect(p.executed[0]?.decision).toEqual({ ...BUY, notional: money(400) });
    expect(p.risk.sized[0]).toMatchObject({ side: 'buy', equity: money(10_000), mark: 100_000, leverage: 2 });
    expect(p.risk.sized[0]?.fraction.toString()).toBe('0.05');
  });

  it('keeps the cap of one entry over any advice', () => {
    const p = parts(sizing({ maxTradeNotional: new Decimal(300) }));
    p.btc.next = BUY;
    p.step(100);
    expect(p.executed[0]?.decision.notional).toBe(money(300));
  });

  it.each([
    ['nothing', { notional: money(0), reduceOnly: false }],
    ['reduce-only', { notional: money(10), reduceOnly: true }],
  ])('holds when risk advises %s', (_name, advice) => {
    const p = parts(sizing());
    p.risk.advice = { ...p.risk.advice, ...advice };
    p.btc.next = BUY;
    expect(p.step(100)).toMatchObject({ action: 'hold', guardRejected: true, rejectionType: 'position_sizing', reason: 'No size advised: thin book' });
    expect(p.executed).toEqual([]);
  });

  it('asks for no advice otherwise', () => {
    const p = parts();
    p.btc.next = BUY;
    p.step(100);
    expect(p.risk.sized).toEqual([]);
  });
});

describe('StrategyOrchestratorService following', () => {
  it('tells strategies of fills, and survives one that cannot take them', () => {
    const p = parts();
    const one = fill(BTC, 'buy', 1, 1_000);
    p.portfolio.applyFill(one);
    expect(p.btc.fills).toEqual([[one, p.portfolio.position(BTC)]]);

    p.btc.fillFailure = new Error('broken');
    expect(p.portfolio.applyFill(fill(BTC, 'sell', 1, 1_000))).toBe(true);
    expect(p.logger.at('error')).toEqual(['Strategy could not take a fill']);
  });

  it('looks everything up anew after a configuration change, and forgets symbols that left', () => {
    const p = parts();
    p.step(100);
    p.step(100, 'ETH-PERP');
    const replacement = new ScriptedStrategy();
    p.strategies.set('BTC-PERP', replacement);
    p.controller.apply({ updated: testConfig({ symbols: ['BTC-PERP'] }), diff: {} });
    p.step(100);

    expect([p.btc.seen.length, replacement.seen.length]).toEqual([1, 1]);
    expect([...p.decisions.all().keys()]).toEqual(['BTC-PERP']);
  });

  it('orders by the newest description of the product', () => {
    const p = parts();
    p.step(100);
    const refined = instrument({ minSize: new Decimal('0.002') });
    p.products.set('BTC-PERP', refined);
    p.btc.next = BUY;
    p.step(100);
    expect(p.executed[0]?.instrument).toBe(refined);
  });
});
