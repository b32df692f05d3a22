import { createHash } from 'node:crypto';
import { messageOf } from '../../domain/errors.js';
import { isTerminal, protects } from '../../domain/order-state.js';
import type { Position } from '../../domain/position.js';
import { lots, type Ticks } from '../../domain/units.js';
import { canonicalJson } from '../../platform/canonical-json.js';
import type { Clock, HostClock } from '../../ports/configuration/clock.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { ExecutionEngine, OrderLog } from '../../ports/core-services/execution.js';
import type {
  FlattenOptions,
  FlattenPlan,
  FlattenReport,
  FlattenStep,
  Operator,
} from '../../ports/core-services/operator-control.js';
import type { OrderIntent } from '../../ports/core-services/risk-manager.js';
import type { Portfolio } from '../../ports/runtime-state/portfolio.js';
import type { VenueSession } from '../../ports/venue/venue-session.js';
import { heldPositions } from './told.js';
import { Withdrawal } from './withdrawal.js';

const DEFAULT_DEADLINE_MS = 60_000;
const DEFAULT_SLIPPAGE_BPS = 100;
const BPS = 10_000;
/** Between two slices: what the first has left is seen by then. */
const PAUSE_MS = 1_000;
/** How long entries and targets may take to be withdrawn before the first slice goes all the same. */
const WITHDRAWN_WITHIN_MS = 5_000;

export interface FlatteningPorts {
  readonly config: ConfigController;
  readonly engine: ExecutionEngine;
  readonly log: OrderLog;
  readonly portfolio: Portfolio;
  readonly session: VenueSession;
  readonly clock: Clock;
  readonly hostClock: HostClock;
  /** Host time: a person waits. */
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** Another for every bot, and after everything that was bought or sold: nobody has agreed to what came later. */
  readonly edition: string;
  /** What this bot and its venue still tell differently. */
  readonly differences: () => Promise<readonly string[]>;
}

/**
 * What flattening would do now. The name is of this bot, of what it holds, to the last fill, and of the worst slippage:
 * a plan is carried out by the bot that showed it, once, while it holds what it showed.
 */
export function planOf(ports: FlatteningPorts, { maxSlippageBps }: FlattenOptions = {}): FlattenPlan {
  const { config, portfolio, session, edition } = ports;
  const { botId, risk } = config.current;
  const slippage = maxSlippageBps ?? Math.min(DEFAULT_SLIPPAGE_BPS, risk.priceCollarBps.toNumber());
  const steps = open(portfolio).map((position) => stepOf(position, portfolio, slippage));
  const named = {
    botId,
    edition,
    venue: session.capabilities.venue,
    slippage,
    steps: steps.map(({ symbol, side, size }) => [symbol, side, size]),
  };
  const hash = createHash('sha256').update(canonicalJson(named)).digest('hex').slice(0, 12);
  return { hash, steps, maxSlippageBps: slippage };
}

/**
 * Takes every position off, in slices that can only reduce and reach no further than the worst price of the moment, so
 * that a thin book is not swept. It ends flat, or at its deadline, and says what is left.
 */
export class Flattening {
  private note: string | null = null;
  private isRunning = true;
  private isFlat = false;
  private round = 0;
  private readonly abort = new AbortController();
  private readonly listeners = new Set<(report: FlattenReport) => void>();
  readonly done: Promise<FlattenReport>;

  constructor(
    private readonly ports: FlatteningPorts,
    private readonly plan: FlattenPlan,
    private readonly by: Operator,
    { deadlineMs = DEFAULT_DEADLINE_MS }: FlattenOptions,
    /** Journals the command and tightens; nothing is sent before. */
    private readonly prepare: () => Promise<void>,
  ) {
    this.done = this.run(ports.hostClock.monotonic() + deadlineMs);
  }

  get hash(): string {
    return this.plan.hash;
  }

  get report(): FlattenReport {
    const { portfolio, log } = this.ports;
    return {
      hash: this.hash,
      flat: this.isFlat,
      running: this.isRunning,
      remaining: heldPositions(portfolio, log),
      mayBeLive: log.open().map(({ request }) => request.clientId),
      note: this.note,
    };
  }

  follow(listener: (report: FlattenReport) => void): void {
    this.listeners.add(listener);
  }

  end(): void {
    this.abort.abort();
  }

  private async run(deadline: number): Promise<FlattenReport> {
    const { hostClock, scheduler, portfolio } = this.ports;
    await this.prepare();
    await this.withdraw('entries and targets', protects, WITHDRAWN_WITHIN_MS);
    while (!this.abort.signal.aborted && hostClock.monotonic() < deadline) {
      for (const position of open(portfolio)) this.slice(position);
      await scheduler.sleep(PAUSE_MS, this.abort.signal);
      for (const listener of this.listeners) listener(this.report);
      if (open(portfolio).length === 0 && (await this.isConfirmed())) break;
    }
    this.isRunning = false;
    if (!this.isFlat) this.ports.logger.error('Not flat', { remaining: this.report.remaining, note: this.note });
    return this.report;
  }

  /** Nothing is held, nothing rests, and the venue says the same. */
  private async isConfirmed(): Promise<boolean> {
    const { done } = await this.withdraw('nothing is left to protect', () => false, WITHDRAWN_WITHIN_MS);
    const differences = await this.ports.differences();
    this.note = differences[0] ?? (done ? null : 'orders may be live');
    this.isFlat = done && differences.length === 0 && open(this.ports.portfolio).length === 0;
    return this.isFlat;
  }

  private withdraw(why: string, spares: Withdrawal['spares'], withinMs: number): ReturnType<Withdrawal['settled']> {
    const { engine, log, scheduler, logger } = this.ports;
    const withdrawal = new Withdrawal({ engine, log, scheduler, logger }, `operator: flatten, ${why}`, spares).begin();
    return withdrawal.settled(withinMs).finally(() => withdrawal.end());
  }

  private slice(position: Position): void {
    const { engine, clock, log } = this.ports;
    const { symbol } = position.instrument;
    const isUnderWay = log
      .open()
      .some(
        ({ request, origin, status }) =>
          request.symbol === symbol && origin?.reason === this.reason && !isTerminal(status),
      );
    if (isUnderWay) return;
    this.round += 1;
    try {
      const submission = engine.place(this.intentOf(position), clock.now());
      if (submission.outcome === 'refused') this.note = `${symbol}: ${submission.reason}`;
    } catch (error) {
      this.note = `${symbol}: ${messageOf(error)}`;
    }
  }

  private get reason(): string {
    return `flatten ${this.hash} by ${this.by.actor}: ${this.by.reason}`;
  }

  /** Without a mark there is no worst price: then it is a market order, as the plan has said. */
  private intentOf(position: Position): OrderIntent {
    const { instrument, lots: held } = position;
    const { session, config, clock } = this.ports;
    const { orderTypes, timeInForce } = session.capabilities;
    const worst = worstPrice(position, this.ports.portfolio, this.plan.maxSlippageBps);
    const isLimited = worst !== undefined && orderTypes.includes('limit') && timeInForce.includes('IOC');
    const now = clock.now();
    return {
      instrument,
      side: held > 0 ? 'sell' : 'buy',
      type: isLimited ? 'limit' : 'market',
      ...(isLimited ? { limit: worst } : {}),
      lots: lots(Math.min(Math.abs(held), instrument.maxLots)),
      timeInForce: isLimited ? 'IOC' : config.current.execution.timeInForce,
      postOnly: false,
      reduceOnly: true,
      signalId: `flatten|${this.hash}|${instrument.symbol}|${now}|${this.round}`,
      origin: { strategy: config.current.strategy.name, reason: this.reason, decidedAt: now },
      urgent: true,
    };
  }
}

const open = (portfolio: Portfolio): Position[] => [...portfolio.positions()].filter((position) => !position.isFlat);

function stepOf(position: Position, portfolio: Portfolio, slippageBps: number): FlattenStep {
  const { instrument, size, lots: held } = position;
  const mark = portfolio.lastMark(instrument.symbol);
  const worst = worstPrice(position, portfolio, slippageBps);
  return {
    symbol: instrument.symbol,
    side: held > 0 ? 'sell' : 'buy',
    size: size.abs().toString(),
    markPrice: mark === undefined ? null : instrument.markPrice(mark).toString(),
    worstPrice: worst === undefined ? null : instrument.price(worst).toString(),
  };
}

/** Rounded towards the mark, so that it never reaches further than was said. */
function worstPrice(
  { instrument, lots: held }: Position,
  portfolio: Portfolio,
  slippageBps: number,
): Ticks | undefined {
  const mark = portfolio.lastMark(instrument.symbol);
  if (mark === undefined || !(mark > 0)) return undefined;
  const price = instrument.markPrice(mark);
  const give = price.times(slippageBps).div(BPS);
  return held > 0 ? instrument.toTicks(price.minus(give), 'ceil') : instrument.toTicks(price.plus(give), 'floor');
}
