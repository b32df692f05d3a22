import { fault } from '#src/domain/errors.js';
import { hasTrigger } from '#src/domain/order.js';
import type { Brokerage } from '#src/ports/venue/brokerage.js';
import type { Capabilities } from '#src/ports/venue/capabilities.js';
import type { Scheduler } from '#src/ports/configuration/scheduler.js';
import type { SimulatedVenue } from '#src/venues/simulated/brokerage/venue.js';

const PLAIN = { brackets: false, groups: false, closePosition: false } as const;

/** What venues have against a fill that nobody sees. */
export const VENUES: Readonly<Record<string, Partial<Capabilities>>> = {
  brackets: {},
  'a switch for each symbol': { ...PLAIN, deadMan: { per: 'symbol' } },
  'a switch for the account': { ...PLAIN, deadMan: { per: 'account' } },
  'a switch that spares stops': { ...PLAIN, deadMan: { per: 'symbol', sparesTriggers: true } },
  nothing: { ...PLAIN, deadMan: undefined as never },
};

/** What becomes of one request to the switch. */
export interface Winding {
  readonly arrives: boolean;
  readonly isAnswered: boolean;
  /** It arrives so much later. */
  readonly delayMs?: number;
}

export interface SwitchedParts {
  readonly venue: () => SimulatedVenue;
  readonly scheduler: () => Scheduler;
  readonly fateOf: () => Winding;
}

/** The exchange inside with these capabilities: its switch loses what it is told to, and spares what it says. */
export function switchedVenue(broker: Brokerage, can: Partial<Capabilities>, parts: SwitchedParts): Brokerage {
  const capabilities = { ...broker.capabilities, ...can };
  let sparing: (() => void) | undefined;
  const spare = (ms: number | undefined): Promise<void> => {
    sparing?.();
    sparing = undefined;
    if (ms !== undefined)
      sparing = parts.scheduler().after(ms, () => {
        for (const { request } of parts.venue().openOrders())
          if (!hasTrigger(request.type))
            void broker.cancelOrder({ clientId: request.clientId, symbol: request.symbol });
      });
    return Promise.resolve();
  };
  const arrive = (ms: number | undefined, symbol: string | undefined): Promise<void> =>
    capabilities.deadMan?.sparesTriggers === true ? spare(ms) : broker.setDeadMan(ms, symbol);
  const setDeadMan = async (ms: number | undefined, symbol?: string): Promise<void> => {
    const { arrives, isAnswered, delayMs } = parts.fateOf();
    if (arrives && delayMs !== undefined) parts.scheduler().after(delayMs, () => void arrive(ms, symbol));
    else if (arrives) await arrive(ms, symbol);
    if (!isAnswered || !arrives || delayMs !== undefined)
      throw fault('VENUE-002', 'The venue did not answer setDeadMan.');
  };
  return new Proxy(broker, {
    get(target, key) {
      if (key === 'capabilities') return capabilities;
      if (key === 'setDeadMan') return setDeadMan;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}
