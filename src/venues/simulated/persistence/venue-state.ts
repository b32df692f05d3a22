import { fault } from '../../../domain/errors.js';
import type { MoneyUnit } from '../../../domain/instrument.js';
import type { Json } from '../../../ports/storage/event-store.js';
import type { SimulatedAccount } from '../core/simulated-account.js';
import type { Market } from '../core/market.js';
import type { Ids, OrderDesk } from '../engine/order-desk.js';
import type { Outbox } from '../core/outbox.js';

/** What one commit has to hold. */
export interface ExchangeParts {
  /** Time of the last event; NaN before the first. */
  readonly time: number;
  /** What the money of all accounts is counted in. */
  readonly unit: MoneyUnit;
  readonly ids: Ids;
  readonly outbox: Outbox;
  readonly markets: ReadonlyMap<string, Market>;
  readonly venues: readonly VenueState[];
  /** The driver's own state, committed with everything else. */
  readonly driver: () => Json;
  /** The market that the driver tells of; undefined before one has begun. */
  readonly source: string | undefined;
  of(symbol: string): VenueState;
}

/** One venue's own part of it. */
export interface VenueState {
  readonly name: string;
  readonly markets: ReadonlyMap<string, Market>;
  readonly account: SimulatedAccount;
  readonly desk: OrderDesk;
}

/** Journal and paper account of one state directory count alike: the unit is chosen once for both. */
export function assertUnit(digits: number, { unit }: ExchangeParts): void {
  if (digits === unit.digits) return;
  throw fault(
    'STORE-002',
    `The stored paper account counts money in 1e-${digits}, its journal in 1e-${unit.digits}: they are of two runs.`,
    { fix: 'Restore the journal that belongs to it, or start a new paper account in another state directory.' },
  );
}
