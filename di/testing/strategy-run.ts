import { resolveConfig } from '../../config/index.js';
import {
  checkLookAhead,
  lookAheadText,
  type LookAheadOptions,
  type LookAheadReport,
} from '../../src/backtest/look-ahead/check-look-ahead.js';
import { taped } from '../../src/backtest/look-ahead/decision-tape.js';
import type { PartTape } from '../../src/backtest/look-ahead/part-tape.js';
import type { TapedDecision } from '../../src/backtest/look-ahead/taped-decision.js';
import type { BacktestResult } from '../../src/backtest/result.js';
import { fault } from '../../src/domain/errors.js';
import type { Feed } from '../../src/data/columns.js';
import type { InstrumentSpec } from '../../src/domain/instrument.js';
import type { Fill, Order } from '../../src/domain/order.js';
import type { StrategyDefinition } from '../../src/ports/core-services/strategy.js';
import { openBacktest, withoutPeople } from '../backtest.js';
import { everyFault } from './faults/every-fault.js';
import { checkedStep, type FaultKind, type FaultStep } from './faults/fault-step.js';
import { runFaulted, type FaultedOutcome } from './faults/faulted-run.js';
import { configOf, SPEC, type RunTerms } from './run-config.js';
import { ReadRun, type RunReading } from './run-record.js';
import { columnsOf, type TestBars } from './test-bars.js';
import { feedsOf, type TestTape } from './test-tape.js';

export interface StrategyRunOptions {
  readonly bars: TestBars;
  /**
   * What the market says beside the bars: marks, trades, quotes, funding. Of a run with a tape faults, soundness
   * and look-ahead are not looked at: those are of bars alone.
   */
  readonly tape?: TestTape;
  readonly params?: Readonly<Record<string, string | number | boolean>>;
  /** Default 10,000 USDT. */
  readonly equity?: number;
  /** Terms of the instrument that differ: fees, minimum sizes, tick. */
  readonly instrument?: Partial<InstrumentSpec>;
  /** What goes wrong, and when. With it the strategy runs in the paper world, which can die and start again. */
  readonly faults?: readonly FaultStep[];
  /** Sections of the configuration that differ, in its own grammar. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What a strategy did over the bars of a test, whatever went wrong. */
export interface FaultedRun extends RunReading {
  /** Steps of `faults` that never came to pass: no order was the one they wait for. */
  readonly unused: readonly FaultStep[];
  /** Processes that were started: one more than deaths. */
  readonly lives: number;
  /**
   * Rejects with TEST-002, naming each instant, unless at every event the position was covered as the strategy wants
   * it, exits only took off and none outlived its position, no order was sent twice, and bot and venue agreed again.
   */
  expectSound(): Promise<void>;
}

/** What a strategy did over the bars of a test. */
export interface StrategyRun extends RunReading {
  readonly result: BacktestResult;
  /** Rejects with STRAT-003 when a decision changes although only later bars do, TEST-001 when it asked for nothing. */
  noLookAhead(options?: LookAheadOptions): Promise<LookAheadReport>;
  /**
   * The same run once more, in the paper world: rejects with TEST-002 unless it was sound at every event, and filled
   * what the backtest filled.
   */
  expectSound(): Promise<void>;
  /**
   * The same run with this fault at every point at which it can happen, one run each. Rejects with TEST-002 for the
   * first one that is not sound. Returns how many were run; never none: a fault that can happen nowhere is TEST-001.
   */
  everyFault(kind: FaultKind): Promise<number>;
}

/**
 * Runs a strategy over bars, through the bot's own services and the exchange inside. No files, no network, no clock.
 */
export function runStrategy(
  definition: StrategyDefinition,
  options: StrategyRunOptions & { readonly faults: readonly FaultStep[] },
): Promise<FaultedRun>;
export function runStrategy(definition: StrategyDefinition, options: StrategyRunOptions): Promise<StrategyRun>;
export async function runStrategy(
  definition: StrategyDefinition,
  options: StrategyRunOptions,
): Promise<StrategyRun | FaultedRun> {
  const { bars, tape, params = {}, equity = 10_000, config = {}, faults } = options;
  const spec: InstrumentSpec = { ...SPEC, ...options.instrument };
  const terms: RunTerms = { name: definition.name, columns: columnsOf(bars, spec), spec, params, equity, config };
  if (tape !== undefined) return tapedRun(definition, terms, tape, faults);
  return faults === undefined ? plainRun(definition, terms) : faultedRun(definition, terms, faults);
}

async function plainRun(definition: StrategyDefinition, terms: RunTerms): Promise<StrategyRun> {
  const { result, ...did } = await backtestOnce(definition, terms);
  const again = (steps: readonly FaultStep[]): Promise<FaultedOutcome> => faultedOnce(definition, terms, steps);
  return Object.assign(new ReadRun({ ...did, columns: terms.columns }), {
    result,
    noLookAhead: (how?: LookAheadOptions) => lookedAhead(definition, terms, how),
    expectSound: async () => {
      const paper = await again([]);
      const read = new ReadRun({ ...paper, columns: terms.columns });
      assertSound(paper);
      read.expectFills(new ReadRun({ ...did, columns: terms.columns }).fillLines);
    },
    everyFault: (kind: FaultKind) => everyFault(kind, { run: again, terms, assertSound }),
  });
}

async function tapedRun(
  definition: StrategyDefinition,
  terms: RunTerms,
  tape: TestTape,
  faults: readonly FaultStep[] | undefined,
): Promise<StrategyRun> {
  const alone = (what: string): Error =>
    fault('TEST-001', `${what} must be of a run over bars alone, was asked with a tape.`, {
      fix: 'Leave the tape away for it, in a run of its own.',
    });
  if (faults !== undefined) throw alone('faults');
  const { result, ...did } = await backtestOnce(definition, terms, undefined, feedsOf(tape, terms.spec));
  const refuse = (what: string) => () => Promise.reject(alone(what));
  return Object.assign(new ReadRun({ ...did, columns: terms.columns }), {
    result,
    noLookAhead: refuse('noLookAhead'),
    expectSound: refuse('expectSound'),
    everyFault: refuse('everyFault'),
  });
}

async function faultedRun(
  definition: StrategyDefinition,
  terms: RunTerms,
  faults: readonly FaultStep[],
): Promise<FaultedRun> {
  const steps = faults.map((step) => checkedStep(step, terms.columns.length));
  const outcome = await faultedOnce(definition, terms, steps);
  return Object.assign(new ReadRun({ ...outcome, columns: terms.columns }), {
    unused: outcome.left,
    lives: outcome.lives,
    expectSound: async () => assertSound(outcome),
  });
}

function assertSound({ violations }: Pick<FaultedOutcome, 'violations'>, while_ = ''): void {
  if (violations.length === 0) return;
  throw fault('TEST-002', `The run must be sound${while_}, was not: ${violations.join('; ')}.`, {
    fix: 'Read its timeline: what was sent, filled and ended, in order.',
  });
}

function faultedOnce(
  definition: StrategyDefinition,
  terms: RunTerms,
  steps: readonly FaultStep[],
): Promise<FaultedOutcome> {
  const config = resolveConfig(configOf('paper', terms));
  return runFaulted(definition, terms.columns, { ...config, risk: withoutPeople(config.risk) }, steps);
}

async function lookedAhead(
  definition: StrategyDefinition,
  terms: RunTerms,
  how: LookAheadOptions | undefined,
): Promise<LookAheadReport> {
  const report = await checkLookAhead(
    terms.columns,
    async (columns, tape) => {
      await backtestOnce(definition, { ...terms, columns }, tape);
    },
    how,
  );
  if (report.finding === undefined && !report.passed)
    throw fault('TEST-001', lookAheadText(report), { fix: 'Give it bars in which the strategy trades.' });
  if (!report.passed)
    throw fault('STRAT-003', lookAheadText(report), { fix: 'Let the strategy see finished bars alone.' });
  return report;
}

async function backtestOnce(
  definition: StrategyDefinition,
  terms: RunTerms,
  part?: PartTape,
  tape: readonly Feed[] = [],
) {
  const { columns, params } = terms;
  const decisions: TapedDecision[] = [];
  const { runner, close } = await openBacktest(resolveConfig(configOf('backtest', terms)), {
    mode: 'fast',
    startAt: columns.openAt[0] ?? 0,
    strategies: [taped(definition, part ?? decisions)],
  });
  const orders = new Map<string, Order>();
  const changes: Order[] = [];
  const stopListening = runner.watched.orders.onChange((order) => {
    orders.set(order.request.clientId, order);
    changes.push(order);
  });
  try {
    const bars = { kind: 'bars', columns } as const;
    const { result } = await runner.run(tape.length === 0 ? columns : [bars, ...tape], {
      parameters: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
      ...(part === undefined ? {} : { signal: part.signal }),
    });
    const fills: readonly Fill[] = runner.watched.exchange.fills;
    return { orders: [...orders.values()], changes, fills, decisions, result };
  } finally {
    stopListening();
    await close();
  }
}
