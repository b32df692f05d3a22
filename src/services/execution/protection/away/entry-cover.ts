import { canRestAndIncrease, isTerminal, protects } from '../../../../domain/order-state.js';
import type { Order, OrderOrigin, OrderTerms } from '../../../../domain/order.js';
import type { ConfigController } from '../../../../ports/configuration/settings/config-controller.js';
import type { Logger } from '../../../../ports/configuration/logger.js';
import type { DeadManSwitch, GuardedEntries } from '../../../../ports/core-services/dead-man-switch.js';
import type { OrderLog } from '../../../../ports/core-services/execution.js';
import type { OrderIntent } from '../../../../ports/core-services/risk-manager.js';
import type { StrategyRegistry } from '../../../../ports/core-services/strategy.js';
import type { OpenOrders } from '../../../../ports/runtime-state/open-orders.js';
import type { EventStore } from '../../../../ports/storage/event-store.js';
import type { VenueSession } from '../../../../ports/venue/venue-session.js';
import type { PlannedStops } from '../planned-stops.js';
import type { Withdrawals } from '../withdrawals.js';
import { hasStopOfAnySize, isCoveredAtVenue } from './resting.js';

export interface EntryCoverPorts {
  readonly config: ConfigController;
  readonly registry: StrategyRegistry;
  readonly session: VenueSession;
  readonly openOrders: OpenOrders;
  readonly log: OrderLog;
  readonly journal: EventStore;
  readonly logger: Logger;
  readonly planned: PlannedStops;
  readonly withdrawals: Withdrawals;
  readonly deadMan: DeadManSwitch;
  readonly soon: (work: () => void) => void;
  /** What stands at the venue is asked for. */
  readonly verify: () => void;
}

/**
 * An entry rests only where what it fills would be covered with the process dead: by a stop that sleeps behind it, by
 * one without a size of its own, or because the entry itself goes with the venue's countdown. Others are refused, and
 * withdrawn once nothing of this holds any more.
 */
export class EntryCover implements GuardedEntries {
  /** Entries of a planned stop that may rest, by client id. */
  private readonly watched = new Set<string>();
  private isDue = false;

  constructor(private readonly ports: EntryCoverPorts) {}

  /** Orders that were there before the process was. */
  begin(): void {
    for (const order of this.ports.log.open()) this.watch(order);
    this.soon();
  }

  follow(order: Order, previous: Order | undefined): void {
    if (previous === undefined) this.watch(order);
    if (this.watched.size === 0 || order.status === previous?.status) return;
    if (isTerminal(order.status)) this.watched.delete(order.request.clientId);
    this.soon();
  }

  /** Why an entry must not rest; undefined where it may, and for what rests nowhere. `list`: what it is sent with. */
  objection(intent: OrderIntent, list: readonly OrderIntent[] = []): string | undefined {
    const { config, openOrders, deadMan, session } = this.ports;
    if (config.current.execution.allowUncoveredEntries || !canRestAndIncrease(intent)) return undefined;
    const { orderTypes, triggerPrices } = session.capabilities;
    // What the engine holds itself does not rest at the venue, and ends with the process.
    if (!orderTypes.includes(intent.type)) return undefined;
    if (intent.triggerBy !== undefined && !triggerPrices.includes(intent.triggerBy)) return undefined;
    const { symbol } = intent.instrument;
    const plan = this.planOf(intent);
    if (plan === 'none') return undefined;
    if (plan === 'stop' && this.hasBrackets) return undefined;
    if (list.some((other) => protects(other) && other.within?.after === list.indexOf(intent))) return undefined;
    if (hasStopOfAnySize(intent.side, openOrders.of(symbol)) || deadMan.couldEnd(intent)) return undefined;
    if (plan === 'unsaid' && this.couldCover) return undefined;
    return `Nothing at ${session.capabilities.venue} would cover what this order fills while the bot is away.`;
  }

  /** A fill of this order must not stand uncovered. */
  mustCover({ request, origin }: Order): boolean {
    if (origin?.asked?.role === 'quote') return false;
    const { registry, planned } = this.ports;
    if (hasSleepingStop(origin)) return true;
    if (registry.strategyFor(request.symbol).plannedProtection === undefined) return !this.couldCover;
    return this.watched.has(request.clientId) || planned.has(request);
  }

  /** The stop of this entry will not leave with it: nor does the entry, where it would rest and nothing else covers. */
  refused(entry: Order): void {
    const order = this.ports.openOrders.find(entry.request.clientId);
    if (order === undefined || !canRestAndIncrease(order.request) || this.mayStay(order)) return;
    if (!this.ports.deadMan.couldEnd(order.request)) this.withdraw(order);
  }

  beforeEnd(): void {
    this.look();
  }

  mayHaveRunOut(): void {
    this.ports.verify();
  }

  private watch(order: Order): void {
    const { request, origin } = order;
    if (!canRestAndIncrease(request) || origin?.asked?.role === 'quote') return;
    const { registry, planned } = this.ports;
    const isPlanned = registry.strategyFor(request.symbol).plannedProtection !== undefined;
    const isOld = order.status !== 'planned';
    const has = isOld ? planned.has(request) : isPlanned && this.planOf(request) === 'stop';
    if (has || hasSleepingStop(origin)) this.watched.add(request.clientId);
  }

  private planOf({
    instrument: { symbol },
    side,
    origin,
  }: Pick<OrderTerms, 'instrument' | 'side'> & Pick<Partial<OrderIntent>, 'origin'>): 'stop' | 'none' | 'unsaid' {
    if (origin?.asked?.role === 'quote') return 'none';
    if (hasSleepingStop(origin)) return 'stop';
    const strategy = this.ports.registry.strategyFor(symbol);
    if (strategy.plannedProtection === undefined) return 'unsaid';
    return strategy.plannedProtection(symbol, side) === undefined ? 'none' : 'stop';
  }

  /** Entry and stop arrive together: one after the other, a death between the two would leave the entry alone. */
  private get hasBrackets(): boolean {
    const { brackets, orderTypes, batch } = this.ports.session.capabilities;
    return brackets === true && orderTypes.includes('stop_market') && (batch?.place ?? 1) > 1;
  }

  /** A strategy that never names a stop could have said so here: what rests alone is meant to. */
  private get couldCover(): boolean {
    const { closePosition, deadMan } = this.ports.session.capabilities;
    return this.hasBrackets || closePosition === true || deadMan !== undefined;
  }

  /** After everybody who is told of the same news has been told: a stop may be about to be sent. */
  private soon(): void {
    if (this.isDue || this.watched.size === 0) return;
    this.isDue = true;
    this.ports.soon(() => {
      this.isDue = false;
      this.look();
    });
  }

  private look(): void {
    for (const clientId of [...this.watched]) {
      const order = this.ports.openOrders.find(clientId);
      if (order === undefined) this.watched.delete(clientId);
      else if (rests(order) && !this.mayStay(order)) this.withdraw(order);
    }
  }

  private mayStay(order: Order): boolean {
    const { config, openOrders, deadMan } = this.ports;
    if (config.current.execution.allowUncoveredEntries || config.current.dryRun) return true;
    return isCoveredAtVenue(order.request, openOrders.of(order.request.symbol)) || deadMan.ends(order);
  }

  private withdraw(order: Order): void {
    const { withdrawals, journal, logger } = this.ports;
    const { clientId, symbol } = order.request;
    if (withdrawals.has(clientId)) return;
    journal.append('entry_uncovered', { client_id: clientId, symbol });
    logger.error('An entry is withdrawn: nothing would cover what it fills while the bot is away', {
      client_order_id: clientId,
      symbol,
    });
    withdrawals.withdraw(order);
  }
}

/** A stop of it waits at the desk of its strategy: with the process dead it protects nothing. */
const hasSleepingStop = (origin: OrderOrigin | undefined): boolean =>
  origin?.asked?.kept?.asleep?.some(({ role }) => role === 'stop') === true;

/** Has been answered: before that its stop, or the switch, is on its way. */
const rests = ({ status }: Order): boolean => status === 'open' || status === 'partially_filled';
