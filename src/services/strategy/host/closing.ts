import { lots } from '../../../domain/units.js';
import type { Position } from '../../../domain/position.js';
import type { ListPlace } from '../../../ports/core-services/risk-manager.js';
import type { Intent, Why } from '../../../ports/strategy/intent.js';
import type { OrderTicket } from '../../../ports/strategy/order-ticket.js';
import { reduces } from './intent-checks.js';
import type { TicketBook } from './ticket-book.js';

/** The tag of the orders that close. */
export const CLOSE = 'close';

export interface ClosingPorts {
  readonly tickets: TicketBook;
  readonly position: (symbol: string) => Position;
  readonly send: (symbol: string, intent: Omit<Intent, 'instrument'>) => OrderTicket;
}

/**
 * A close that goes on until its position is gone: one order at a time. What takes its size from it, a target that is
 * being withdrawn, makes it a part only; the rest follows when that has ended.
 */
export class Closing {
  private wanted: { readonly symbol: string; readonly why: Why } | undefined;
  /** The order that was sent last for it. */
  private sent: OrderTicket | undefined;
  /** It was refused while orders were being withdrawn: it is asked again once they have ended, and not before. */
  private isWaiting = false;

  constructor(private readonly ports: ClosingPorts) {}

  begin(symbol: string, why: Why): void {
    this.wanted = { symbol, why };
    this.sent = undefined;
    this.isWaiting = false;
  }

  get isWanted(): boolean {
    return this.wanted !== undefined;
  }

  /** What may add is wanted from now on: this must not take it away again. */
  endBy(intents: readonly (Intent & { readonly within?: ListPlace })[]): void {
    if (this.wanted === undefined) return;
    const { position } = this.ports;
    for (const intent of intents)
      if (intent.within?.after === undefined && !reduces(intent, position(intent.instrument.symbol)))
        this.wanted = undefined;
  }

  goOn(): OrderTicket | undefined {
    if (this.wanted === undefined) return undefined;
    const { tickets, position, send } = this.ports;
    const { symbol, why } = this.wanted;
    const held = position(symbol).lots;
    const underWay = tickets.open({ symbol, tag: CLOSE })[0];
    if (held === 0 || this.isInVain) {
      this.wanted = undefined;
      return undefined;
    }
    if (underWay !== undefined) return underWay;
    if (this.isWaiting && this.isWithdrawing) return undefined;
    const ticket = send(symbol, {
      ...why,
      side: held > 0 ? 'sell' : 'buy',
      type: 'market',
      lots: lots(Math.abs(held)),
      reduceOnly: true,
      role: 'exit',
      tag: CLOSE,
    });
    const isRefused = ticket.refusal !== undefined;
    this.sent = isRefused ? undefined : ticket;
    // What was refused is not asked again by itself, unless something that ends makes room for it.
    this.isWaiting = isRefused && this.isWithdrawing;
    if (isRefused && !this.isWaiting) this.wanted = undefined;
    return ticket;
  }

  /** Nothing is sent a second time that the venue has turned away. */
  private get isInVain(): boolean {
    return this.sent?.isDone === true && this.sent.filledLots === 0;
  }

  private get isWithdrawing(): boolean {
    return this.ports.tickets.open().some((each) => each.isChanging);
  }
}
