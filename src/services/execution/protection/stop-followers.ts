import { opposite, type Order } from '../../../domain/order.js';
import type { Lots, Ticks } from '../../../domain/units.js';
import { isProtective } from './cover.js';
import type { KeeperPorts } from './keeper-ports.js';
import type { StopSize } from './stop-placement.js';

type FollowerPorts = Pick<
  KeeperPorts,
  'registry' | 'planned' | 'session' | 'openOrders' | 'engine' | 'clock' | 'pending'
>;

/** It stands there, or is on its way there. */
const isBound = ({ request, changing }: Order, stop: Ticks, lots: Lots): boolean =>
  (changing?.stop ?? request.stop) === stop && (changing?.lots ?? request.lots) === lots;

/** Stops that sleep at the venue behind the entries that wait there. */
export class StopFollowers {
  constructor(
    private readonly ports: FollowerPorts,
    /** True when it leaves. */
    private readonly send: (size: StopSize) => boolean,
    /** This entry's stop will not leave with it. */
    private readonly refused: (entry: Order) => void,
  ) {}

  /**
   * An entry has been approved and will be sent next: its stop leaves with it and sleeps at the venue until it fills,
   * so that not even the first instant is unprotected.
   */
  accompany(entry: Order): void {
    const stop = this.planOf(entry);
    if (stop === undefined) return;
    this.ports.planned.write(entry, stop);
    const { brackets, orderTypes } = this.ports.session.capabilities;
    if (brackets !== true || !orderTypes.includes('stop_market')) return;
    const { instrument, clientId, side, lots: size } = entry.request;
    // In the step after this one: the entry itself is not on its way yet.
    this.soon(() => {
      if (!this.send({ instrument, side: opposite(side), size, stop, options: { after: clientId } }))
        this.refused(entry);
    });
  }

  /** An entry that waits has other terms, or another stop is planned for it: so has the stop that sleeps behind it. */
  follow(entry: Order): void {
    const { planned, openOrders, engine, clock } = this.ports;
    const stop = this.planOf(entry);
    if (stop === undefined) return;
    planned.write(entry, stop);
    const { clientId, symbol, lots } = entry.request;
    for (const order of [...openOrders.of(symbol)]) {
      const { request } = order;
      if (request.options?.after !== clientId || !isProtective(order)) continue;
      this.soon(() => {
        if (!isBound(order, stop, lots)) void engine.amend(request.clientId, { stop, lots }, clock.now());
      });
    }
  }

  private planOf({ request: { symbol, side } }: Order): Ticks | undefined {
    return this.ports.registry.strategyFor(symbol).plannedProtection?.(symbol, side);
  }

  private soon(work: () => void): void {
    this.ports.pending.track(Promise.resolve().then(work));
  }
}
