import type { TapedDecision } from '../../src/backtest/look-ahead/taped-decision.js';
import type { BarColumns } from '../../src/data/bar-columns.js';
import { fault } from '../../src/domain/errors.js';
import type { Instrument } from '../../src/domain/instrument.js';
import type { Fill, Order, OrderRole } from '../../src/domain/order.js';
import { misuse } from '../../src/testing/misuse.js';
import { namesOf } from './faults/fault-plan.js';

export interface TestOrder {
  readonly clientId: string;
  readonly side: Order['request']['side'];
  readonly type: Order['request']['type'];
  readonly size: number;
  readonly limit: number | undefined;
  readonly stop: number | undefined;
  readonly reduceOnly: boolean;
  readonly status: Order['status'];
  readonly filled: number;
  /** Of what has filled; undefined before the first fill. */
  readonly averagePrice: number | undefined;
  readonly why: string;
  readonly role: OrderRole;
  /** Under which a strategy by events asked for it. */
  readonly tag?: string;
  /** Why it was refused or ended, where that is known. */
  readonly reason: string | undefined;
  /** Milliseconds after the first bar's open. */
  readonly at: number;
}

/** What a run left behind, in the order in which it happened. */
export interface RunTraces {
  readonly columns: BarColumns;
  /** As they ended. */
  readonly orders: readonly Order[];
  /** Every value that an order ever had. */
  readonly changes: readonly Order[];
  readonly fills: readonly Fill[];
  readonly decisions: readonly TapedDecision[];
}

/** What a test reads of a run. */
export interface RunReading {
  /** Every order, in order, as it ended. */
  readonly orders: readonly TestOrder[];
  readonly fills: readonly Fill[];
  readonly decisions: readonly TapedDecision[];
  /** Every order in the order of its birth: `entry buy 8.333 market filled`, `stop sell 4.167 stop 112 cancelled`. */
  readonly lines: readonly string[];
  /** Every fill: `entry buy 8.333 @112 bar 5`. */
  readonly fillLines: readonly string[];
  /** Decisions that act, what became of orders, and fills, in order of time. */
  readonly timeline: readonly string[];
  /** The nth order (from 1) of a tag or a role. Throws TEST-001, naming those there are, where there is none. */
  order(tag: string, nth?: number): TestOrder;
  /** Throws TEST-002 with the first line that differs. */
  expectFills(lines: readonly string[]): void;
  /** Why nothing, or what, was done at the close of bar `index`, counted from 0. */
  explain(index: number): string;
}

export class ReadRun implements RunReading {
  readonly orders: readonly TestOrder[];
  readonly fills: readonly Fill[];
  readonly decisions: readonly TapedDecision[];

  /** Free of its run, as tests like to hand it on. */
  readonly explain = (index: number): string => {
    const { columns, decisions } = this.traces;
    const closeAt = (columns.openAt[index] ?? Number.NaN) + columns.intervalMs;
    const of = decisions.filter(({ at }) => at === closeAt);
    return of.length === 0 ? explained(undefined, index) : of.map((each) => explained(each, index)).join('\n');
  };

  constructor(private readonly traces: RunTraces) {
    ({ fills: this.fills, decisions: this.decisions } = traces);
    this.orders = traces.orders.map((order) => shown(order, this.startAt));
  }

  get lines(): readonly string[] {
    return this.traces.orders.map(lineOf);
  }

  get fillLines(): readonly string[] {
    return this.fills.map((fill) => this.fillLine(fill));
  }

  get timeline(): readonly string[] {
    const { changes, decisions, fills } = this.traces;
    // What a venue reports bears the venue's time; the bot has heard of it in the order in which it was told.
    let told = 0;
    const lines: (readonly [at: number, line: string])[] = [
      ...decisions
        .filter(({ action }) => action !== 'hold')
        .map(({ at, action, reason }) => [at, `${action}: ${reason}`] as const),
      ...changes.map((order) => [(told = Math.max(told, order.updatedAt)), lineOf(order)] as const),
      ...fills.map((fill) => [fill.at, `fill ${this.fillLine(fill)}`] as const),
    ];
    const sorted = lines
      .map(([at, line], index) => ({ at, line, index }))
      .sort((a, b) => a.at - b.at || a.index - b.index);
    return sorted.map(({ at, line }) => `${(at - this.startAt) / 1_000} s ${line}`);
  }

  order(tag: string, nth = 1): TestOrder {
    const found = this.traces.orders.filter((order) => namesOf(order).includes(tag))[nth - 1];
    if (found === undefined)
      throw misuse(
        `Order ${nth} of ${tag} must have been asked for, was not.`,
        `There were: ${this.lines.join(', ') || 'none'}.`,
      );
    return shown(found, this.startAt);
  }

  expectFills(lines: readonly string[]): void {
    const { fillLines } = this;
    const length = Math.max(lines.length, fillLines.length);
    for (let index = 0; index < length; index += 1) {
      if (lines[index] === fillLines[index]) continue;
      throw fault(
        'TEST-002',
        `Fill ${index + 1} must be ${lines[index] ?? 'none'}, was ${fillLines[index] ?? 'none'}. All: ${fillLines.join(', ') || 'none'}.`,
        { fix: 'Read the timeline of the run.' },
      );
    }
  }

  private get startAt(): number {
    return this.traces.columns.openAt[0] ?? 0;
  }

  private fillLine({ instrument, clientId, cause, side, lots, price, at }: Fill): string {
    const order = this.traces.orders.find(({ request }) => request.clientId === clientId);
    const name = cause ?? (order === undefined ? 'foreign' : namesOf(order)[1]);
    const bar = Math.floor((at - this.startAt) / this.traces.columns.intervalMs);
    return `${name} ${side} ${instrument.size(lots).toString()} @${instrument.price(price).toString()} bar ${bar}`;
  }
}

const TYPES: Partial<Readonly<Record<Order['request']['type'], string>>> = { stop_market: 'stop', limit: 'limit' };

function lineOf(order: Order): string {
  const { request, status } = order;
  const { side, size, type, price, stopPrice } = request;
  return [
    namesOf(order)[1],
    side,
    size,
    ...(price === undefined ? [] : [`@${price.toString()}`]),
    TYPES[type] ?? type,
    ...(stopPrice === undefined ? [] : [stopPrice]),
    status,
  ].join(' ');
}

function shown(order: Order, start: number): TestOrder {
  const { request, status, origin, reason, createdAt, filled } = order;
  const [, role] = namesOf(order);
  return {
    clientId: request.clientId,
    side: request.side,
    type: request.type,
    size: request.size.toNumber(),
    limit: request.price?.toNumber(),
    stop: request.stopPrice?.toNumber(),
    reduceOnly: request.reduceOnly,
    status,
    filled: request.instrument.size(filled).toNumber(),
    averagePrice: averageOf(order, request.instrument),
    why: origin?.reason ?? '',
    role: role as OrderRole,
    ...(origin?.asked === undefined ? {} : { tag: origin.asked.tag }),
    reason,
    at: createdAt - start,
  };
}

function averageOf({ filled, filledNotional }: Order, instrument: Instrument): number | undefined {
  return filled === 0 ? undefined : instrument.unit.of(filledNotional).div(instrument.size(filled)).toNumber();
}

function explained(decision: TapedDecision | undefined, index: number): string {
  if (decision === undefined) return `bar ${index}: the strategy was not asked`;
  const { action, reason, detail } = decision;
  return `bar ${index}: ${action}, ${reason}${detail === undefined || detail === 'ready' ? '' : ` (${detail})`}`;
}
