import { parseDecimal } from '../../../domain/decimal.js';
import type { Instrument } from '../../../domain/instrument.js';
import type { Order } from '../../../domain/order.js';
import type { Lots } from '../../../domain/units.js';
import { tighten } from '../../../flow/tighten.js';
import type { Logger } from '../../../ports/configuration/logger.js';
import type { OrderLog } from '../../../ports/core-services/execution.js';
import type { EventStore } from '../../../ports/storage/event-store.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';
import type { SafetyLadder } from '../../../ports/storage/safety-ladder.js';

const RECORD = 'order_child';
export interface ChildFillsPorts {
  readonly log: OrderLog;
  readonly journal: EventStore;
  readonly ladder: SafetyLadder;
  readonly logger: Logger;
}

interface Parent {
  readonly id: string;
  lots: number;
  readonly children: Set<string>;
}

/**
 * Intents that are sent as several orders, one after another: what all of them fill is never more than was meant
 * (PT-24). When it is, something was sent twice, and nothing more is sent until a person has looked.
 */
export class ChildFills {
  private readonly parents = new Map<string, Parent>();
  private readonly parentOf = new Map<string, Parent>();
  private loaded = false;

  constructor(private readonly ports: ChildFillsPorts) {
    ports.log.onChange((order, previous) => {
      const grown = previous === undefined ? 0 : order.request.lots - previous.request.lots;
      if (grown > 0) this.grow(order.request.clientId, grown);
      if (order.filled > (previous?.filled ?? 0)) this.check(order);
    });
  }

  /** The intent that an order was sent for; the order itself when it was sent for its own. */
  originOf(clientId: string): string {
    this.load();
    return this.parentOf.get(clientId)?.id ?? clientId;
  }

  /** One more order of an intent of `lots`, as far as it was not known before. */
  link(clientId: string, parentId: string, lots: Lots, instrument: Instrument): void {
    this.load();
    this.add(clientId, parentId, lots);
    if (this.ports.journal.discards === true) return;
    const quantity = instrument.sizeText(lots);
    this.ports.journal.append(RECORD, { client_id: clientId, parent: parentId, symbol: instrument.symbol, quantity });
  }

  /** Somebody means more than before. */
  enlarge(parentId: string, lots: number): void {
    const parent = this.parents.get(parentId);
    if (parent !== undefined) parent.lots = Math.max(parent.lots, lots);
  }

  /** Risk has approved more of one of them. */
  private grow(clientId: string, by: number): void {
    this.load();
    const parent = this.parentOf.get(clientId);
    if (parent !== undefined) parent.lots += by;
  }

  private add(clientId: string, parentId: string, lots: number): void {
    let parent = this.parents.get(parentId);
    if (parent === undefined) this.parents.set(parentId, (parent = { id: parentId, lots, children: new Set() }));
    parent.children.add(clientId);
    this.parentOf.set(clientId, parent);
  }

  private load(): void {
    if (this.loaded) return;
    this.loaded = true;
    for (const { payload } of this.ports.journal.fold(FOLDS.orderChildren)) {
      const { client_id: clientId, parent, quantity } = payload;
      if (typeof clientId !== 'string' || typeof parent !== 'string' || typeof quantity !== 'string') continue;
      const instrument = this.ports.log.find(clientId)?.request.instrument;
      if (instrument === undefined) continue;
      const lots = instrument.toLots(parseDecimal(quantity, 'quantity'), 'nearest');
      this.add(clientId, parent, lots);
      this.enlarge(parent, lots);
    }
  }

  private check({ request: { clientId, symbol } }: Order): void {
    this.load();
    const parent = this.parentOf.get(clientId);
    if (parent === undefined) return;
    let filled = 0;
    for (const child of parent.children) filled += this.ports.log.find(child)?.filled ?? 0;
    if (filled <= parent.lots) return;
    const { journal, logger, ladder } = this.ports;
    const facts = { client_id: clientId, symbol, parent: parent.id, filled_lots: filled, meant_lots: parent.lots };
    logger.error('The orders of one intent have filled more than it meant', facts);
    tighten(ladder, 'HALTED', 'intent_overfilled', logger);
    journal.append('intent_overfilled', facts);
  }
}
