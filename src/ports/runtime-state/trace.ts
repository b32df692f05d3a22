import type { Action } from '../../domain/decision.js';
import type { Posting } from '../../domain/ledger.js';
import type { Fill, FundingPayment, Order } from '../../domain/order.js';
import type { MarkUnits } from '../../domain/units.js';
import { token } from '../../injection/token.js';

/**
 * Running SHA-256 over everything that happened: equal input gives an equal digest in another process. `header` names
 * the run (data, parameters, fees); then every decision, order event, fill, funding payment and ledger posting in
 * order. Live nothing is traced: nobody can run it again.
 */
export interface Trace {
  header(facts: Readonly<Record<string, unknown>>): void;
  /** Called for every decision, holds included; allocates nothing. */
  decision(symbol: string, action: Action, mark: MarkUnits, at: number): void;
  order(order: Order): void;
  fill(fill: Fill): void;
  funding(payment: FundingPayment): void;
  posting(posting: Posting): void;
  /** Hex digest of all so far; the trace goes on. */
  digest(): string;
  readonly records: number;
}
export const Trace = token<Trace>('Trace');
