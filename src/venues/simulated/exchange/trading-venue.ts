import { Amendments } from '../engine/amendments.js';
import { BarMatching } from '../engine/bar-matching.js';
import { OrderIntake } from '../engine/order-intake.js';
import { Rehearsal } from '../engine/rehearsal.js';
import { QueueModel } from '../core/queue-model.js';
import { QuoteMatching } from '../engine/quote-matching.js';
import { VenueParts } from './venue-parts.js';
import type { WorkingOrder } from '../core/working-order.js';

/** One venue with the doors to it: where the market's events match, and where orders enter. */
export class TradingVenue extends VenueParts {
  readonly quotes = new QuoteMatching(this.desk, new QueueModel(this.terms), this.terms);
  readonly bars = new BarMatching(this.desk, this.terms, this.liquidator, new Rehearsal(this));
  readonly entry = new OrderIntake(this, this.quotes);
  readonly amendments = new Amendments(this, this.quotes);

  get orders(): ReadonlyMap<string, WorkingOrder> {
    return this.desk.byClientId;
  }
}
