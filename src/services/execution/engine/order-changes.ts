import { messageOf } from '../../../domain/errors.js';
import { closesPosition, OrderRequest, type Order, type OrderChange, type OrderTerms } from '../../../domain/order.js';
import { changedTerms, isTerminal } from '../../../domain/order-state.js';
import { lots, type Lots, type Ticks } from '../../../domain/units.js';
import type {
  AmendAsk,
  ChangeHands,
  ChangeVerdict,
  OrderGateway,
  OrderLog,
  Submission,
} from '../../../ports/core-services/execution.js';
import type { ProductCatalogue } from '../../../ports/core-services/product-catalogue.js';
import type { OrderIntent, RiskManager } from '../../../ports/core-services/risk-manager.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import { onGrid } from '../orders/on-grid.js';
import { checkRules } from './exchange-rules.js';

export interface ChangePorts {
  readonly gateway: OrderGateway;
  readonly log: OrderLog;
  readonly risk: RiskManager;
  readonly portfolio: Portfolio;
  readonly catalogue: ProductCatalogue;
  readonly place: (intent: OrderIntent, now: number) => Submission;
  /** An order has been replaced by another; `whole` is what both were meant to fill. */
  readonly onReplaced: (order: Order, clientId: string, whole: Lots) => void;
}

/** Changes of open orders, for every engine the same: the venue's rules, risk, and what is sent anew. */
export class OrderChanges {
  private readonly hands: ChangeHands;

  constructor(private readonly ports: ChangePorts) {
    this.hands = {
      judge: (order, change, now, isSentAnew) => this.judge(order, change, now, isSentAnew),
      replace: (order, change, left, now) => this.replace(order, change, left, now),
    };
  }

  amend(clientId: string, change: OrderChange, now: number): AmendAsk {
    const order = this.ports.log.find(clientId);
    try {
      const known = order === undefined || isTerminal(order.status) ? change : this.gridded(order.request, change);
      return this.ports.gateway.amend(clientId, known, now, this.hands);
    } catch (error) {
      return { outcome: 'refused', check: 'exception', reason: messageOf(error) };
    }
  }

  private gridded(request: OrderRequest, change: OrderChange): OrderChange {
    const {
      lots: size,
      limit,
      stop,
    } = onGrid(intentOf(changedTerms(request, change), request.clientId), this.ports.catalogue.find(request.symbol));
    return {
      ...(change.limit === undefined || limit === undefined ? {} : { limit }),
      ...(change.stop === undefined || stop === undefined ? {} : { stop }),
      ...(change.lots === undefined ? {} : { lots: size }),
    };
  }

  /** A size that has filled already needs no rule: the order ends with it. */
  private judge(order: Order, change: OrderChange, now: number, isSentAnew: boolean): ChangeVerdict {
    const { risk, portfolio, catalogue } = this.ports;
    const { request } = order;
    const fault = priceFault(request, change);
    if (fault !== undefined) return { approved: false, check: 'order_terms', reason: fault };
    const changed = changedTerms(request, change);
    if (changed.lots > order.filled) {
      const intent = {
        ...intentOf(changed, request.clientId),
        instrument: catalogue.find(request.symbol) ?? request.instrument,
      };
      const { shrinks, closes } = risk.effectOf({ ...intent, lots: lots(changed.lots - order.filled) });
      const objection = checkRules(intent, portfolio.lastMark(request.symbol), request.reduceOnly || shrinks, closes);
      if (objection !== undefined) return { approved: false, ...objection };
    }
    return risk.approveChange(order, change, now, isSentAnew);
  }

  private replace(order: Order, change: OrderChange, left: Lots, at: number): Submission {
    const { place, onReplaced } = this.ports;
    const terms = changedTerms(this.awake(order.request), change);
    const submission = place(
      {
        ...intentOf(terms, `${order.request.clientId}|replaced|${at}`),
        lots: left,
        replaces: order.request.clientId,
        origin: order.origin ?? {
          strategy: 'replacement',
          reason: `replaces ${order.request.clientId}`,
          decidedAt: at,
        },
      },
      at,
    );
    if (submission.outcome === 'submitted' && !closesPosition(order.request))
      onReplaced(order, submission.clientId, lots(Math.max(change.lots ?? 0, order.request.lots)));
    return submission;
  }

  /** An entry that has ended cannot be waited for any more. */
  private awake(request: OrderRequest): OrderRequest {
    const { after, ...options } = request.options ?? {};
    const entry = after === undefined ? undefined : this.ports.log.find(after);
    if (after === undefined || (entry !== undefined && !isTerminal(entry.status))) return request;
    const terms: OrderTerms = request;
    return new OrderRequest({ ...terms, options });
  }
}

/** The terms of an order as an intent of their own. */
function intentOf(terms: OrderTerms, signalId: string): OrderIntent {
  const intent: OrderIntent & { clientId?: string; expiresAt?: number } = {
    ...terms,
    signalId,
    origin: { strategy: 'change', reason: signalId, decidedAt: 0 },
  };
  delete intent.clientId;
  delete intent.expiresAt;
  return intent;
}

/** Why the change names what an order of this type has not, or what is no price or size. */
function priceFault(request: OrderRequest, { limit, stop, lots: size }: OrderChange): string | undefined {
  const isPrice = (price: Ticks): boolean => Number.isSafeInteger(price) && price > 0;
  if (limit !== undefined && (request.limit === undefined || !isPrice(limit)))
    return `The limit of this ${request.type} order cannot become ${limit} ticks.`;
  if (stop !== undefined && (request.stop === undefined || !isPrice(stop)))
    return `The trigger of this ${request.type} order cannot become ${stop} ticks.`;
  if (size !== undefined && !(Number.isSafeInteger(size) && size > 0))
    return `The size of an order must be a whole number of lots above zero, was ${size}.`;
  return undefined;
}
