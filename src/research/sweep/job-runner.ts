import { fault, messageOf, PerpsBotError } from '../../domain/errors.js';
import type { Job, JobOutcome, JobQueue } from '../../ports/research/job-queue.js';
import type { BotConfig } from '../../ports/configuration/settings/bot-config.js';
import type { BarColumns } from '../../data/bar-columns.js';
import type { Feed } from '../../data/columns.js';
import { resampledMarket } from '../monte-carlo/resampled-market.js';
import type { BacktestSession } from '../../backtest/backtest-runner.js';
import { DailyEquity } from './daily-equity.js';
import { packDoubles, withoutLists, type JobResult } from './job-result.js';
import { reviveConfig, type JobSpec, type SweepMarket } from './plan.js';
import type { Json } from '../../ports/storage/event-store.js';
import { indexAt, sliceColumns, sliceFeed } from './shared-columns.js';

/** Ranges whose slices, and with them their digests, are kept. */
const KEPT_RANGES = 8;

/** What a job takes from the composition. */
export interface JobHost {
  open(config: BotConfig, startAt: number): Promise<BacktestSession>;
  /** The configuration with settings of the strategy; throws CFG-*. */
  configure(config: BotConfig, parameters: Readonly<Record<string, string>>): BotConfig;
  /** Values the strategy looks back on, without starting anything. */
  lookback(config: BotConfig, symbol: string): number;
}

interface Slice {
  readonly columns: BarColumns;
  /** What the run is given: the bars, or all streams. */
  readonly data: BarColumns | readonly Feed[];
}

const barsOnly = (columns: BarColumns): Slice => ({ columns, data: columns });

/**
 * Runs the jobs of one plan, a whole container each: the same code in this thread, in another and on another machine.
 */
export class JobRunner {
  private readonly config: BotConfig;
  private readonly slices = new Map<string, Slice>();

  constructor(
    private readonly host: JobHost,
    config: Json,
    private readonly market: SweepMarket,
  ) {
    this.config = reviveConfig(config);
  }

  async run(spec: JobSpec): Promise<JobResult> {
    const config = this.host.configure(this.config, spec.parameters);
    const actual = this.sliceFor(spec, config);
    // Made for this job alone: a thread holds one resampled market at a time.
    const slice = spec.resample === undefined ? actual : barsOnly(resampledMarket(actual.columns, spec.resample));
    const startAt = slice.columns.openAt[0];
    if (startAt === undefined)
      throw fault(
        'DATA-006',
        `A job must have bars, and none opens from ${new Date(spec.from).toISOString()} to ${new Date(spec.to).toISOString()}.`,
      );
    const session = await this.host.open(config, startAt);
    try {
      return await this.drive(session, slice, spec);
    } finally {
      await session.close();
    }
  }

  private async drive({ runner }: BacktestSession, { columns, data }: Slice, spec: JobSpec): Promise<JobResult> {
    const { portfolio, exchange } = runner.watched;
    const daily = new DailyEquity(columns, spec.from, portfolio);
    const { funding } = this.market;
    const { result } = await runner.run(data, {
      parameters: spec.parameters,
      watcher: daily,
      ...(funding === undefined
        ? {}
        : { funding: funding.filter(({ at }) => at >= (columns.openAt[0] ?? 0) && at < spec.to) }),
    });
    const liquidations = exchange.fills.filter(({ cause }) => cause === 'liquidation' || cause === 'adl').length;
    return {
      result: withoutLists(result),
      from: spec.from,
      to: spec.to,
      liquidations,
      equity: packDoubles(daily.taken()),
    };
  }

  private sliceFor({ from, to, warmup }: JobSpec, config: BotConfig): Slice {
    const { columns, others } = this.market;
    const lead =
      warmup === 'before' ? Math.max(0, ...config.symbols.map((symbol) => this.host.lookback(config, symbol) - 1)) : 0;
    const first = Math.max(0, indexAt(columns, from) - lead);
    const key = `${first} ${to}`;
    const known = this.slices.get(key);
    if (known !== undefined) return known;
    const startAt = columns.openAt[first] ?? to;
    const bars = sliceColumns(columns, startAt, to);
    const rest = (others ?? []).map((feed) => sliceFeed(feed, startAt, to)).filter((feed) => feed.columns.length > 0);
    const slice: Slice =
      others === undefined ? barsOnly(bars) : { columns: bars, data: [{ kind: 'bars', columns: bars }, ...rest] };
    const [oldest] = this.slices.keys();
    if (this.slices.size >= KEPT_RANGES && oldest !== undefined) this.slices.delete(oldest);
    this.slices.set(key, slice);
    return slice;
  }
}

/** The outcome of work that may throw: an error of the table keeps its code. */
export async function outcomeOf(work: () => Promise<JobResult>): Promise<JobOutcome> {
  try {
    return { ok: true, result: await work() };
  } catch (error) {
    return { ok: false, error: failureOf(error) };
  }
}

export const failureOf = (
  error: unknown,
): { readonly code: string; readonly message: string; readonly fix?: string } =>
  PerpsBotError.is(error)
    ? {
        code: error.problems[0]?.code ?? error.code,
        message: error.problems[0]?.message ?? error.message,
        ...(error.fix === undefined ? {} : { fix: error.fix }),
      }
    : { code: 'UNEXPECTED', message: messageOf(error) };

/** Jobs in this very thread, one after the other. */
export class InProcessQueue implements JobQueue {
  readonly name = 'in-process';
  readonly slots = 1;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly runner: JobRunner) {}

  submit({ payload }: Job): Promise<JobOutcome> {
    const outcome = this.last.then(() => outcomeOf(() => this.runner.run(payload as unknown as JobSpec)));
    this.last = outcome;
    return outcome;
  }

  async close(): Promise<void> {
    await this.last;
  }
}
