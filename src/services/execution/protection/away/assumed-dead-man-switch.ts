import { injectable } from 'inversify';
import type { Order } from '../../../../domain/order.js';
import { inject } from '../../../../injection/inject.js';
import type { DeadManSwitch, RunningSwitch } from '../../../../ports/core-services/dead-man-switch.js';
import type { OrderIntent } from '../../../../ports/core-services/risk-manager.js';
import { OpenOrders } from '../../../../ports/runtime-state/open-orders.js';
import { VenueSession } from '../../../../ports/venue/venue-session.js';
import { SwitchNeed } from './switch-need.js';

/**
 * Of a venue that ends with the process: nobody could be away. What is let pass and refused is the same, and nothing
 * is wound up.
 */
@injectable()
export class AssumedDeadManSwitch implements DeadManSwitch {
  private readonly need: SwitchNeed;

  constructor(@inject(VenueSession) session: VenueSession, @inject(OpenOrders) openOrders: OpenOrders) {
    this.need = new SwitchNeed(session, openOrders);
  }

  couldEnd(intent: Pick<OrderIntent, 'instrument' | 'type'>): boolean {
    return this.need.couldEnd(intent);
  }

  ends({ request: { symbol, type } }: Order): boolean {
    return this.need.takes(type) && this.need.of(this.need.scopeOf(symbol)) === 'running';
  }

  checkOf(): undefined {
    return undefined;
  }

  begin(): void {
    // There is nothing to take up.
  }

  leave(): Promise<readonly RunningSwitch[]> {
    return Promise.resolve([]);
  }

  running(): readonly RunningSwitch[] {
    return [];
  }
}
