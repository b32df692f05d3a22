import { inject, injectable } from 'inversify';
import { fault, messageOf, PerpsBotError } from '../domain/errors.js';
import type { Instrument } from '../domain/instrument.js';
import { ConfigController } from '../ports/configuration/settings/config-controller.js';
import { ExecutionEngine } from '../ports/core-services/execution.js';
import { ProductCatalogue } from '../ports/core-services/product-catalogue.js';
import { StrategyRegistry } from '../ports/core-services/strategy.js';
import type { StepFailure } from '../ports/runtime-state/runtime-state.js';
import { OpenOrders } from '../ports/runtime-state/open-orders.js';
import { Trace } from '../ports/runtime-state/trace.js';
import { digestOf, type BarColumns } from '../data/bar-columns.js';
import { fingerprintOf } from '../data/catalog/fingerprint.js';
import type { Feed } from '../data/columns.js';
import { BacktestPump } from './backtest-pump.js';
import type { BacktestOptions, BacktestRun, BacktestRunner } from './backtest-runner.js';
import { closedTrips } from './closed-trips.js';
import { EquityStatistics } from './equity-statistics.js';
import { FeedSet } from './feeds/feed-set.js';
import { PumpServices } from './pump-services.js';
import { iso, notesOf, resultOf } from './result.js';
import { strategyFactsOf } from './run-facts.js';
import { WatchedServices } from './watched-services.js';

/** Has the pump play history to the bot, and adds up what the bot did. */
@injectable()
export class PumpedBacktestRunner implements BacktestRunner {
  constructor(
    @inject(PumpServices) private readonly services: PumpServices,
    @inject(WatchedServices) readonly watched: WatchedServices,
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(ProductCatalogue) private readonly catalogue: Pick<ProductCatalogue, 'instrument'>,
    @inject(StrategyRegistry) private readonly strategies: Pick<StrategyRegistry, 'strategyFor' | 'lookbackFor'>,
    @inject(ExecutionEngine) private readonly engine: Pick<ExecutionEngine, 'metrics'>,
    @inject(OpenOrders) private readonly openOrders: Pick<OpenOrders, 'size'>,
    @inject(Trace) private readonly trace: Trace,
  ) {}

  get stepMs(): number {
    return this.config.current.updateIntervalMs;
  }

  instrument(symbol: string): Instrument {
    return this.catalogue.instrument(symbol);
  }

  begin(startAt: number): void {
    const { clock, scheduler } = this.services;
    clock.set(startAt);
    // History moves the clock, bar by bar; no timer may run ahead of it.
    scheduler.pause();
  }

  async run(data: BarColumns | readonly Feed[], options: BacktestOptions): Promise<BacktestRun> {
    const { exchange, portfolio, cycle } = this.services;
    const { symbols, simulation } = this.config.current;
    const feeds: readonly Feed[] = 'intervalMs' in data ? [{ kind: 'bars', columns: data }] : data;
    const set = new FeedSet(feeds);
    const instruments = set.symbols.map((symbol) => this.instrument(symbol));
    const covered = set.covered(this.stepMs);
    const fingerprint = fingerprintOf(
      feeds,
      instruments.map(({ spec }) => spec),
    );
    // The trace names bars alone by a digest of its own: what data is called in results may change without changing
    // the run.
    const content = set.onlyBars === undefined ? fingerprint : digestOf(set.onlyBars);
    const start = portfolio.equity;
    const stepsBefore = cycle.cycles;
    const [instrument] = instruments as [Instrument];
    const { strategy, warmup } = strategyFactsOf(this.strategies, symbols);
    const { parameters, funding, source, mode = 'fast', failuresAreTold = false, ...watching } = options;
    const facts = { strategy, parameters, seed: simulation.seed };
    this.trace.header(headerOf(content, covered.symbol, instruments, { ...facts, funding, equity: start }));
    set.symbols.forEach((symbol, index) =>
      exchange.fundingSchedule(symbol, (index === 0 ? funding : undefined) ?? set.stampsOf(symbol) ?? []),
    );
    const statistics = new EquityStatistics(start, covered.intervalMs);
    const pump = new BacktestPump(
      this.services,
      { set, instrumentOf: (symbol) => this.instrument(symbol), stepMs: covered.intervalMs },
      statistics,
      { ...watching, mode },
    );
    await pump.run();
    const failure = this.watched.gates.failure?.();
    if (failure !== undefined && !failuresAreTold) throw failed(strategy, failure, cycle.cycles - stepsBefore);
    exchange.assertConsistent();
    portfolio.assertConsistent();
    const outcome = {
      covered,
      bars: pump.events,
      steps: set.onlyBars === undefined ? cycle.cycles - stepsBefore : undefined,
      gaps: set.gaps(),
      instrument,
      instruments,
      facts: { ...facts, warmup, aborted: !pump.ended },
      start,
      portfolio,
      data: { fingerprint, source },
      trades: closedTrips(exchange.fills),
      fills: exchange.fills.length,
      liquidations: exchange.fills.filter((fill) => fill.cause === 'liquidation').length,
      rejects: rejectsOf(this.engine.metrics()),
      fundings: exchange.fundings,
      drawdown: statistics.drawdown(portfolio.unit),
      sharpe: statistics.sharpe(),
      held: this.watched.gates.report(),
      cuts: this.watched.gates.cuts?.() ?? [],
      reasons: this.watched.gates.reasons?.() ?? [],
      openOrders: this.openOrders.size,
      traceHash: this.trace.digest(),
    };
    return { result: resultOf(outcome), notes: notesOf(outcome) };
  }
}

/** An error of ours keeps its code in the sentence, whatever it broke off. */
function failed(strategy: string, { times, first, firstAt, firstSymbol }: StepFailure, steps: number): Error {
  const said = PerpsBotError.is(first) ? `${first.code} ${first.message}` : messageOf(first);
  return fault(
    'STRAT-005',
    `${strategy} must decide at every step, and failed ${times} times in ${steps} steps, first at ${iso(firstAt)} on ${firstSymbol}: ${said}`,
    { cause: first, fix: 'Mend the strategy; perpsbot explain runs it all the same, and says what it did.' },
  );
}

const REJECTION = 'execution.orders.rejection.';

/** Refusals by check, of risk and venue alike. */
function rejectsOf(metrics: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, count]) =>
      name.startsWith(REJECTION) ? [[name.slice(REJECTION.length), count]] : [],
    ),
  );
}

/** Names the run: other data, terms or parameters give another trace even where nothing was traded. */
function headerOf(
  content: string,
  symbol: string,
  instruments: readonly Instrument[],
  facts: {
    readonly strategy: string;
    readonly parameters: BacktestOptions['parameters'];
    readonly seed: number;
    readonly funding: BacktestOptions['funding'] | undefined;
    readonly equity: number;
  },
): Record<string, unknown> {
  const [{ spec }] = instruments as [Instrument];
  const others = instruments
    .slice(1)
    .map(({ spec: other }) => [
      other.symbol,
      other.tick.toString(),
      other.step.toString(),
      other.makerFee.toString(),
      other.takerFee.toString(),
    ]);
  return {
    bars: content,
    funding: facts.funding?.map((stamp) => [stamp.at, stamp.rate?.toString() ?? null]) ?? null,
    symbol,
    tick: spec.tick.toString(),
    step: spec.step.toString(),
    makerFee: spec.makerFee.toString(),
    takerFee: spec.takerFee.toString(),
    strategy: facts.strategy,
    parameters: facts.parameters,
    seed: facts.seed,
    equity: facts.equity,
    ...(others.length === 0 ? {} : { others }),
  };
}
