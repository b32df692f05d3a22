import { injectable } from 'inversify';
import { messageOf } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import { isTerminal } from '../../domain/order-state.js';
import { remaining, type Order, type OrderOptions, type Side } from '../../domain/order.js';
import type { Position } from '../../domain/position.js';
import { lots, type Lots, type Ticks } from '../../domain/units.js';
import { inject } from '../../injection/inject.js';
import { VenueSession } from '../../ports/venue/venue-session.js';
import { Clock } from '../../ports/configuration/clock.js';
import { ExecutionEngine, OrderGateway, OrderLog } from '../../ports/core-services/execution.js';
import type { Lifecycle } from '../../ports/market-services/lifecycle.js';
import { Logger } from '../../ports/configuration/logger.js';
import { OpenOrders } from '../../ports/runtime-state/open-orders.js';
import { Portfolio } from '../../ports/runtime-state/portfolio.js';
import type { OrderIntent } from '../../ports/core-services/risk-manager.js';
import { PendingWork } from '../../ports/runtime-state/runtime-state.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { StrategyRegistry } from '../../ports/core-services/strategy.js';

/** How a stop of this service is told from any other order, also after a restart. */
const REASON = 'Protective stop';
/** Between two attempts for a symbol whose stop was refused. */
const RETRY_MS = 5_000;

/**
 * Keeps a stop at the venue behind every position whose strategy names one: sent with the entry where the venue knows
 * brackets, else with the fill that opens or adds; cancelled when the position is gone. Where the venue has no such
 * orders, or refuses this one, the strategy's own look at every mark remains.
 */
@injectable()
export class ProtectiveStops implements Lifecycle {
  readonly name = 'protective-stops';
  private readonly refusedAt = new Map<string, number>();
  private readonly leaving = new Set<string>();
  private placed = 0;
  private busy = false;
  private unsubscribe: (() => void) | undefined;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(StrategyRegistry) private readonly registry: StrategyRegistry,
    @inject(Portfolio) private readonly portfolio: Portfolio,
    @inject(OpenOrders) private readonly openOrders: OpenOrders,
    @inject(OrderLog) private readonly log: OrderLog,
    @inject(OrderGateway) private readonly gateway: OrderGateway,
    @inject(ExecutionEngine) private readonly engine: ExecutionEngine,
    @inject(VenueSession) private readonly session: VenueSession,
    @inject(PendingWork) private readonly pending: PendingWork,
    @inject(Clock) private readonly clock: Clock,
    @inject(Logger) private readonly logger: Logger,
  ) {}

  /** Starts after strategies have been given back what they remember. */
  start(): void {
    this.unsubscribe ??= this.log.onChange((order, previous) => this.follow(order, previous));
    for (const position of this.portfolio.positions()) this.protect(position.instrument);
  }

  stop(): void {
    this.unsubscribe?.();
    this.unsubscribe = undefined;
  }

  private follow(order: Order, previous: Order | undefined): void {
    const { clientId, instrument, symbol } = order.request;
    if (previous === undefined && order.status === 'planned' && !order.request.reduceOnly) this.accompany(order);
    if (isTerminal(order.status)) this.leaving.delete(clientId);
    if (order.status === 'rejected' && isProtective(order)) this.refused(symbol, order.reason ?? 'rejected');
    this.protect(instrument);
  }

  /**
   * An entry has been approved and will be sent next: its stop follows it to the venue and sleeps there until it fills,
   * so that not even the first instant is unprotected.
   */
  private accompany(entry: Order): void {
    const { instrument, clientId, side } = entry.request;
    const { brackets, orderTypes } = this.session.capabilities;
    if (brackets !== true || !orderTypes.includes('stop_market')) return;
    const stop = this.registry.strategyFor(instrument.symbol).plannedProtection?.(instrument.symbol);
    if (stop === undefined) return;
    const send = (): void =>
      this.send(instrument, side === 'buy' ? 'sell' : 'buy', entry.request.lots, stop, entry.createdAt, {
        after: clientId,
      });
    // In the step after this one: the entry itself is not on its way yet.
    this.pending.track(Promise.resolve().then(send));
  }

  /** Placing is itself a change of orders: it is not followed into itself. */
  private protect(instrument: Instrument): void {
    if (this.busy || this.config.current.dryRun || !this.session.capabilities.orderTypes.includes('stop_market'))
      return;
    const strategy = this.registry.strategyFor(instrument.symbol);
    if (strategy.protection === undefined) return;
    this.busy = true;
    try {
      const position = this.portfolio.position(instrument);
      this.keep(position, position.lots === 0 ? undefined : strategy.protection(instrument.symbol));
    } finally {
      this.busy = false;
    }
  }

  private keep(position: Position, stop: Ticks | undefined): void {
    const { symbol } = position.instrument;
    let covered = 0;
    for (const order of this.openOrders.size === 0 ? [] : this.openOrders.of(symbol)) {
      if (!isProtective(order)) continue;
      if (stop !== undefined && order.request.stop === stop && order.request.side === sideOf(position))
        covered += remaining(order);
      else if (!this.sleeps(order)) this.withdraw(order);
    }
    const open = lots(Math.abs(position.lots) - covered);
    if (stop === undefined || !(open > 0)) return;
    const now = this.clock.now();
    if (now - (this.refusedAt.get(symbol) ?? Number.NEGATIVE_INFINITY) >= RETRY_MS)
      this.send(position.instrument, sideOf(position), open, stop, now);
  }

  private send(instrument: Instrument, side: Side, size: Lots, stop: Ticks, now: number, options?: OrderOptions): void {
    const { symbol } = instrument;
    this.placed += 1;
    const intent: OrderIntent = {
      instrument,
      side,
      type: 'stop_market',
      lots: size,
      stop,
      timeInForce: 'GTC',
      postOnly: false,
      reduceOnly: true,
      signalId: `${symbol}|stop|${stop}|${now}|${this.placed}`,
      origin: {
        strategy: this.config.current.strategy.name,
        reason: `${REASON} at ${instrument.priceText(stop)}`,
        decidedAt: now,
      },
      urgent: true,
      ...(options === undefined ? {} : { options }),
    };
    const submission = this.engine.place(intent, now);
    if (submission.outcome === 'refused') this.refused(symbol, submission.reason);
  }

  private refused(symbol: string, reason: string): void {
    this.refusedAt.set(symbol, this.clock.now());
    this.logger.error('A protective stop was refused; the strategy watches the mark itself', { symbol, reason });
  }

  /** Its entry may still fill; the venue ends it with an entry that does not. */
  private sleeps({ request }: Order): boolean {
    const after = request.options?.after;
    return after !== undefined && this.openOrders.find(after) !== undefined;
  }

  private withdraw({ request, status }: Order): void {
    const { clientId, symbol } = request;
    if (this.leaving.has(clientId) || isTerminal(status)) return;
    this.leaving.add(clientId);
    const work = this.gateway.cancel(clientId).then(
      (outcome) => {
        if (outcome === 'unknown') this.leaving.delete(clientId);
      },
      (error: unknown) => {
        this.leaving.delete(clientId);
        this.logger.warn('A protective stop could not be cancelled', {
          symbol,
          client_order_id: clientId,
          error: messageOf(error),
        });
      },
    );
    this.pending.track(work);
  }
}

const isProtective = ({ request, origin }: Order): boolean =>
  request.reduceOnly && request.stop !== undefined && origin?.reason.startsWith(REASON) === true;

const sideOf = (position: Position): Side => (position.lots > 0 ? 'sell' : 'buy');
