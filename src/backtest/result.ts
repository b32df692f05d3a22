import { Decimal } from '../domain/decimal.js';
import { fault } from '../domain/errors.js';
import type { Instrument } from '../domain/instrument.js';
import type { FundingPayment } from '../domain/order.js';
import { units, type Units } from '../domain/units.js';
import type { Json } from '../ports/storage/event-store.js';
import type { Portfolio } from '../ports/runtime-state/portfolio.js';
import type { CutReport, GateReport, ReasonReport } from '../ports/runtime-state/runtime-state.js';
import type { BarGap } from '../data/bar-columns.js';
import { unknownRates, type DataNote } from '../data/data-note.js';
import type { Drawdown, Sharpe } from './equity-statistics.js';
import type { Covered } from './feeds/feed-set.js';
import { barIntervalText, durationText } from '../domain/time-spans.js';

const SHARPE_DIGITS = 6;

/** Profit by source, in decimal text; `net` is the sum of the others. Paid is negative. */
interface Profit {
  readonly price: string;
  readonly fees: string;
  readonly funding: string;
  readonly net: string;
}

type OpenPosition = {
  readonly quantity: string;
  readonly entry: string | null;
  readonly mark: string | null;
  /** Of all that is held. */
  readonly unrealised: string;
};

/**
 * What a backtest did and earned, as plain JSON. Equal input gives an equal result: nothing here depends on the host.
 */
export interface BacktestResult {
  readonly [key: string]: Json | undefined;
  readonly symbol: string;
  readonly strategy: string;
  readonly interval: string;
  readonly from: string;
  readonly to: string;
  readonly bars: number;
  /** Cycles of the bot; absent for one stream of bars, where every bar has one. */
  readonly steps?: number;
  /** Steps at the start in which the strategy could only look. */
  readonly warmup: number;
  /** Stopped by a signal before the last bar. */
  readonly aborted: boolean;
  /** Round trips that closed. */
  readonly trades: number;
  readonly fills: number;
  readonly equity: { readonly start: string; readonly end: string };
  /** Price profit includes the open position, valued at the last mark. */
  readonly pnl: { readonly price: string; readonly fees: string; readonly funding: string; readonly net: string };
  /** What is held at the end: signed, and nothing of it is in `trades`. Absent in results of before. */
  readonly position?: OpenPosition;
  /** Of several instruments, each. */
  readonly positions?: readonly (OpenPosition & { readonly symbol: string })[];
  /** Every stamp: those of a zero position, and gaps (`rate` and `amount` null), too. */
  readonly fundings: readonly Json[];
  /** Fraction of the peak it fell from. */
  readonly maxDrawdown: string;
  readonly sharpe: { readonly value: string | null; readonly period: string; readonly samples: number };
  /** How long each gate and latch held trading back. */
  readonly held: readonly {
    readonly gate: string;
    readonly times: number;
    readonly heldMs: number;
    readonly held: string;
    readonly firstAt: string;
    readonly firstSymbol: string;
  }[];
  /** Entries that a limit made smaller than they were meant, by the setting that bound. */
  readonly cuts: readonly {
    readonly limit: string;
    readonly times: number;
    readonly firstAt: string;
    readonly firstSymbol: string;
    readonly detail: string;
  }[];
  /** Entries that the strategy did not ask for because a setting switches them off, by what it said instead. */
  readonly switchedOff: readonly {
    readonly setting: string;
    readonly reason: string;
    readonly times: number;
    readonly firstAt: string;
    readonly firstSymbol: string;
  }[];
  readonly traceHash: string;
  /** Digest of the bars' content, and the file they were read from. */
  readonly data: { readonly fingerprint: string; readonly source: string | null };
  /** Fills by which the venue liquidated. */
  readonly liquidations: number;
  /** Orders refused by risk or venue, by check; null where nobody counted. */
  readonly rejects: Readonly<Record<string, number>> | null;
}

interface RunFacts {
  readonly strategy: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly warmup: number;
  readonly aborted: boolean;
}

export interface Outcome {
  readonly covered: Covered;
  /** Bars and messages of every stream together. */
  readonly bars: number;
  /** Cycles of the bot; undefined for one stream of bars. */
  readonly steps: number | undefined;
  readonly gaps: readonly BarGap[];
  /** The first is the one that a single position is told of. */
  readonly instrument: Instrument;
  readonly instruments: readonly Instrument[];
  readonly facts: RunFacts;
  readonly start: Units;
  readonly portfolio: Portfolio;
  readonly trades: number;
  readonly fills: number;
  readonly fundings: readonly FundingPayment[];
  readonly drawdown: Drawdown;
  readonly sharpe: Sharpe;
  readonly held: readonly GateReport[];
  readonly cuts: readonly CutReport[];
  readonly reasons: readonly ReasonReport[];
  readonly openOrders: number;
  readonly traceHash: string;
  readonly data: { readonly fingerprint: string; readonly source: string | undefined };
  readonly liquidations: number;
  readonly rejects: Readonly<Record<string, number>> | undefined;
}

export function resultOf(outcome: Outcome): BacktestResult {
  const { covered, instrument, instruments, portfolio, facts } = outcome;
  return {
    symbol: covered.symbol,
    strategy: facts.strategy,
    parameters: facts.parameters,
    seed: facts.seed,
    interval: barIntervalText(covered.intervalMs),
    from: iso(covered.from),
    to: iso(covered.to),
    bars: outcome.bars,
    ...(outcome.steps === undefined ? {} : { steps: outcome.steps }),
    warmup: Math.min(facts.warmup, outcome.steps ?? outcome.bars),
    aborted: facts.aborted,
    gaps: outcome.gaps.map((gap) => ({ from: iso(gap.from), to: iso(gap.to), missing: gap.missing })),
    instrument: instrumentOf(instrument),
    trades: outcome.trades,
    fills: outcome.fills,
    equity: { start: portfolio.unit.of(outcome.start).toString(), end: portfolio.unit.of(portfolio.equity).toString() },
    pnl: { ...profitOf(portfolio, outcome) },
    position: positionOf(portfolio, instrument),
    ...(instruments.length > 1
      ? { positions: instruments.map((each) => ({ symbol: each.symbol, ...positionOf(portfolio, each) })) }
      : {}),
    openOrders: outcome.openOrders,
    fundings: outcome.fundings.map(fundingOf),
    maxDrawdown: outcome.drawdown.fraction.toString(),
    drawdown: drawdownOf(outcome.drawdown),
    sharpe: {
      value:
        outcome.sharpe.value === undefined
          ? null
          : new Decimal(outcome.sharpe.value).toDecimalPlaces(SHARPE_DIGITS, Decimal.ROUND_HALF_EVEN).toString(),
      period: outcome.sharpe.period,
      samples: outcome.sharpe.samples,
    },
    held: outcome.held.map((gate) => ({
      gate: gate.gate,
      times: gate.times,
      heldMs: gate.heldMs,
      held: durationText(gate.heldMs),
      firstAt: iso(gate.firstAt),
      firstSymbol: gate.firstSymbol,
    })),
    cuts: outcome.cuts.map(({ limit, times, firstAt, firstSymbol, firstDetail }) => ({
      limit,
      times,
      firstAt: iso(firstAt),
      firstSymbol,
      detail: firstDetail,
    })),
    switchedOff: outcome.reasons.flatMap(({ switchedOffBy: setting, reason, times, firstAt, firstSymbol }) =>
      setting === undefined ? [] : [{ setting, reason, times, firstAt: iso(firstAt), firstSymbol }],
    ),
    traceHash: outcome.traceHash,
    data: { fingerprint: outcome.data.fingerprint, source: outcome.data.source ?? null },
    liquidations: outcome.liquidations,
    rejects: outcome.rejects ?? null,
  };
}

/** Notes on what the run rests on: they travel as warnings beside the result. */
export function notesOf(outcome: Outcome): DataNote[] {
  const notes: DataNote[] = [];
  const missing = outcome.gaps.reduce((sum, gap) => sum + gap.missing, 0);
  const [first] = outcome.gaps;
  if (first !== undefined) {
    notes.push({
      code: 'W-DATA-003',
      message: `${missing} bars are missing in ${outcome.gaps.length} gaps, the first from ${iso(first.from)} to ${iso(first.to)}; they were not filled.`,
    });
  }
  const unknown = outcome.fundings.filter((payment) => payment.amount === undefined);
  if (unknown.length > 0) {
    notes.push(unknownRates(unknown.length, unknown[0]?.at ?? 0));
  }
  const { warmup } = outcome.facts;
  const steps = outcome.steps ?? outcome.bars;
  const unit = outcome.steps === undefined ? 'bars' : `steps of ${durationText(outcome.covered.intervalMs)}`;
  notes.push({
    code: 'W-RUN-001',
    message: `The first ${Math.min(warmup, steps)} ${unit} are warm-up: the strategy holds until it has seen them.`,
  });
  if (warmup >= steps)
    notes.push({
      code: 'W-RUN-002',
      message: `The run is shorter than its warm-up of ${warmup} ${unit}: nothing could be traded.`,
    });
  return notes;
}

/** The three sources and their sum, which is exactly the change of equity; anything else is a defect (LEDGER-001). */
function profitOf(portfolio: Portfolio, outcome: Outcome): Profit {
  const { ledger } = portfolio;
  const fees = ledger.income('fees');
  const funding = ledger.income('funding');
  const price = units(ledger.income('price') + ledger.income('rounding') + portfolio.unrealised);
  const net = price + fees + funding;
  if (net !== portfolio.equity - outcome.start) {
    throw fault(
      'LEDGER-001',
      `Profit must be the change of equity, ${portfolio.equity - outcome.start} units, was ${net}.`,
    );
  }
  const paid = outcome.fundings.reduce((sum, payment) => sum + (payment.amount ?? 0), 0);
  if (paid !== funding)
    throw fault('LEDGER-001', `Funding in the ledger must be the sum of the payments, ${paid} units, was ${funding}.`);
  const text = (amount: number): string => portfolio.unit.of(units(amount)).toString();
  return { price: text(price), fees: text(fees), funding: text(funding), net: text(net) };
}

function positionOf(portfolio: Portfolio, instrument: Instrument): OpenPosition {
  const position = portfolio.position(instrument);
  const mark = portfolio.lastMark(instrument.symbol);
  return {
    quantity: position.size.toString(),
    entry: position.entryPrice?.toSignificantDigits(12, Decimal.ROUND_HALF_EVEN).toString() ?? null,
    mark: mark === undefined ? null : instrument.markPrice(mark).toString(),
    unrealised: portfolio.unit.of(portfolio.unrealised).toString(),
  };
}

const fundingOf = (payment: FundingPayment): Json => ({
  ts: iso(payment.at),
  tsMs: payment.at,
  rate: payment.rate?.toString() ?? null,
  mark: payment.markPrice?.toString() ?? null,
  quantity: payment.lots === undefined ? null : payment.instrument.size(payment.lots).toString(),
  amount: payment.amount === undefined ? null : payment.instrument.money(payment.amount).toString(),
  gap: payment.amount === undefined,
});

const drawdownOf = (drawdown: Drawdown): Json => ({
  fraction: drawdown.fraction.toString(),
  amount: drawdown.amount.toString(),
  peak: drawdown.peak.toString(),
  trough: drawdown.trough.toString(),
  troughAt: drawdown.troughAt === undefined ? null : iso(drawdown.troughAt),
});

const instrumentOf = ({ spec }: Instrument): Json => ({
  tick: spec.tick.toString(),
  step: spec.step.toString(),
  makerFee: spec.makerFee.toString(),
  takerFee: spec.takerFee.toString(),
  settle: spec.settle,
});

export const iso = (at: number): string => new Date(at).toISOString();
