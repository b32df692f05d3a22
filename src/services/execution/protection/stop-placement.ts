import type { Instrument } from '../../../domain/instrument.js';
import type { OrderOptions, Side } from '../../../domain/order.js';
import type { Ticks } from '../../../domain/units.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { ConfigController } from '../../../ports/configuration/settings/config-controller.js';
import type { ExecutionEngine, Submission } from '../../../ports/core-services/execution.js';
import type { VenueSession } from '../../../ports/venue/venue-session.js';
import { exitOrder, stopOrder, stopTypeOf, type StopTerms, type StopType } from './stop-orders.js';

const BPS = 10_000;

export interface PlacementPorts {
  readonly config: ConfigController;
  readonly engine: ExecutionEngine;
  readonly session: VenueSession;
  readonly clock: Clock;
}

export interface StopSize {
  readonly instrument: Instrument;
  readonly side: Side;
  readonly size: number;
  readonly stop: Ticks;
  /** The terms that moved it there. */
  readonly by?: string | undefined;
  readonly options?: OrderOptions;
  /** Of an exit: without a collar. */
  readonly bare?: boolean;
  /** Of an exit: nobody sees the price, instead of its having reached the stop. */
  readonly blind?: boolean;
}

/** Hands orders of protection to the engine, each under a signal of its own. */
export class StopPlacement {
  private placed = 0;

  constructor(private readonly ports: PlacementPorts) {}

  get stopType(): StopType | undefined {
    return stopTypeOf(this.ports.session.capabilities);
  }

  /** Undefined where the venue takes no stops. */
  stop(size: StopSize): Submission | undefined {
    const type = this.stopType;
    if (type === undefined) return undefined;
    const terms = this.terms(size);
    return this.ports.engine.place(stopOrder(type, terms), terms.now);
  }

  exit(size: StopSize): Submission {
    const terms = this.terms(size);
    return this.ports.engine.place(exitOrder(terms), terms.now);
  }

  private terms(size: StopSize): StopTerms {
    const { config, clock } = this.ports;
    const { risk, strategy } = config.current;
    const slack = risk.priceCollarBps.toNumber() / BPS;
    return { ...size, now: clock.now(), strategy: strategy.name, slack, count: (this.placed += 1) };
  }
}
