import { canRestAndIncrease, protects } from '../../../../domain/order-state.js';
import type { Order } from '../../../../domain/order.js';
import type { OrderIntent } from '../../../../ports/core-services/risk-manager.js';
import type { OpenOrders } from '../../../../ports/runtime-state/open-orders.js';
import type { VenueSession } from '../../../../ports/venue/venue-session.js';
import { ACCOUNT, type WindingNeed } from './countdown.js';
import { isCoveredAtVenue, isTaken } from './resting.js';

/** What the open orders ask of the venue's switch. A scope is a symbol, or the account, as the venue has it. */
export class SwitchNeed {
  constructor(
    private readonly session: VenueSession,
    private readonly openOrders: OpenOrders,
  ) {}

  couldEnd({ instrument, type }: Pick<OrderIntent, 'instrument' | 'type'>): boolean {
    return this.takes(type) && !this.isBlocked(this.scopeOf(instrument.symbol));
  }

  takes(type: OrderIntent['type']): boolean {
    const { deadMan } = this.session.capabilities;
    return deadMan !== undefined && isTaken(type, deadMan);
  }

  of(scope: string): WindingNeed {
    if (this.isBlocked(scope)) return 'off';
    return this.resting(scope).length > 0 ? 'running' : 'idle';
  }

  /** Orders that the switch is for. */
  resting(scope: string): readonly Order[] {
    return this.ordersOf(scope).filter(
      ({ request }) =>
        canRestAndIncrease(request) &&
        this.takes(request.type) &&
        !isCoveredAtVenue(request, this.openOrders.of(request.symbol)),
    );
  }

  scopeOf(symbol: string): string {
    return this.session.capabilities.deadMan?.per === 'account' ? ACCOUNT : symbol;
  }

  /** Its end would take protection along. */
  private isBlocked(scope: string): boolean {
    if (this.session.capabilities.deadMan?.sparesTriggers === true) return false;
    return this.ordersOf(scope).some(({ request }) => protects(request));
  }

  private ordersOf(scope: string): readonly Order[] {
    return scope === ACCOUNT ? [...this.openOrders.all()] : this.openOrders.of(scope);
  }
}
