import { isTerminal } from '../../../domain/order-state.js';
import type { AskedBy, Order } from '../../../domain/order.js';
import { lots, type Lots } from '../../../domain/units.js';
import { Attempts, type AttemptsTime } from '../../../flow/attempts.js';
import type { OrderLog, Submission } from '../../../ports/core-services/execution.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';
import type { PendingWork } from '../../../ports/runtime-state/runtime-state.js';
import { intentIdOf } from '../orders/signal-id.js';

export interface ClosePorts extends AttemptsTime {
  readonly log: Pick<OrderLog, 'onChange' | 'all'>;
  readonly portfolio: Pick<Portfolio, 'position'>;
  readonly pending: Pick<PendingWork, 'track'>;
  /** Of the intent, what nothing that is on its way takes off already. */
  readonly room: (intent: OrderIntent) => Lots;
  readonly place: (intent: OrderIntent, now: number) => Submission;
}

interface Close {
  readonly intent: OrderIntent;
  /** Of which position. */
  readonly openedAt: number | undefined;
  readonly attempts: Attempts;
  /** What it has yet to take off; infinite where the position is to be gone. */
  left: number;
  /** Its order that is under way. */
  clientId: string | undefined;
  /** Something else is on its way to take off what is left: looked at again once that has ended. */
  isWaiting: boolean;
  times: number;
}

/** What leaves of a position: all of it, or the lots of the order. */
export type CloseExtent = 'position' | 'order';

/**
 * A strategy's close, or exit, leaves at the collar. What that has left open is closed again, at the collar of the
 * moment and after pauses that grow, until it is gone or the strategy decides something else about the symbol. What
 * takes its size from it, a target that is being withdrawn, makes it a part only: the rest follows at once when that
 * has ended. Forgotten at a restart: the strategy is asked anew then.
 */
export class UnfinishedCloses {
  private readonly bySymbol = new Map<string, Close>();

  constructor(private readonly ports: ClosePorts) {
    ports.log.onChange((order) => {
      if (this.bySymbol.size > 0) this.follow(order);
    });
  }

  /** Its first order has been sent. The end of a part is none of the whole. */
  begin(intent: OrderIntent, clientId: string, extent: CloseExtent): void {
    const known = this.bySymbol.get(intent.instrument.symbol);
    if (extent === 'order' && known?.left === Infinity && this.isOpen(known)) return;
    const close = this.add(intent, extent);
    close.clientId = clientId;
    close.attempts.sent();
  }

  /** Nothing could be sent, because all of the position is being taken off already. */
  wait(intent: OrderIntent): void {
    const known = this.bySymbol.get(intent.instrument.symbol);
    if (known?.left === Infinity && this.isOpen(known)) return;
    this.add(intent, 'position').isWaiting = true;
  }

  isUnderWay(symbol: string): boolean {
    const close = this.bySymbol.get(symbol);
    return close !== undefined && this.isOpen(close);
  }

  /** Something else has been decided, or nothing is to be sent any more. */
  drop(symbol: string): void {
    this.bySymbol.get(symbol)?.attempts.rest();
    this.bySymbol.delete(symbol);
  }

  /** Another way out has been asked for: what a part has left is that order's now. */
  dropPart(symbol: string): void {
    if (this.bySymbol.get(symbol)?.left !== Infinity) this.drop(symbol);
  }

  dropAll(): void {
    for (const symbol of [...this.bySymbol.keys()]) this.drop(symbol);
  }

  private add(intent: OrderIntent, extent: CloseExtent): Close {
    const { symbol } = intent.instrument;
    this.drop(symbol);
    const close: Close = {
      intent: { ...intent },
      openedAt: this.ports.portfolio.position(intent.instrument).openedAt,
      attempts: new Attempts(this.ports),
      left: extent === 'position' ? Infinity : intent.lots,
      clientId: undefined,
      isWaiting: false,
      times: 0,
    };
    this.bySymbol.set(symbol, close);
    return close;
  }

  private follow(order: Order): void {
    const { clientId, symbol, reduceOnly } = order.request;
    const close = this.bySymbol.get(symbol);
    if (close === undefined || !isTerminal(order.status)) return;
    if (close.clientId === clientId) this.ended(close, order);
    else if (close.isWaiting && reduceOnly) this.soon(close);
  }

  private ended(close: Close, { request, status, collar, filled }: Order): void {
    close.clientId = undefined;
    close.left -= filled;
    // What was refused, or left something open that no collar held back, is the strategy's to decide about again. So is
    // what an entry fills beside a close, where the strategy decides at every step.
    const isDecided = close.intent.origin.asked === undefined;
    const isDone = filled >= request.lots;
    const isTurnedAway = status === 'rejected' || (isDone ? isDecided : collar === undefined && filled === 0);
    if ((close.times === 0 && isTurnedAway) || !this.isOpen(close)) this.drop(request.symbol);
    // It was a part, for what was on its way beside it.
    else if (isDone) this.soon(close);
    else this.again(close);
  }

  /** After everybody who is told of the same news has been told. */
  private soon(close: Close): void {
    close.isWaiting = false;
    this.ports.pending.track(Promise.resolve().then(() => this.send(close)));
  }

  private again(close: Close): void {
    close.attempts.ended();
    close.attempts.again(() => this.send(close));
  }

  private send(close: Close): void {
    const { clock, portfolio, place, room } = this.ports;
    const { instrument } = close.intent;
    if (this.bySymbol.get(instrument.symbol) !== close || close.clientId !== undefined) return;
    if (!this.isOpen(close)) {
      this.drop(instrument.symbol);
      return;
    }
    const now = clock.now();
    const size = lots(Math.min(close.left, Math.abs(portfolio.position(instrument).lots)));
    const intent = this.next(close, now, size);
    const free = room(intent);
    if (!(free > 0)) {
      close.isWaiting = true;
      return;
    }
    close.attempts.sent();
    const submission = place({ ...intent, lots: free }, now);
    if (submission.outcome === 'submitted') close.clientId = submission.clientId;
    else if (submission.outcome === 'refused' && submission.check !== 'closed') this.again(close);
    else this.drop(instrument.symbol);
  }

  /** An order of its own, under the strategy's tag where it has one. */
  private next(close: Close, now: number, size: Lots): OrderIntent {
    const { intent } = close;
    close.times += 1;
    const { asked: before } = intent.origin;
    const asked = before === undefined ? undefined : { ...before, nth: this.nthOf(before) };
    return {
      ...intent,
      lots: size,
      signalId: asked === undefined ? `${intent.signalId}|rest|${close.times}` : intentIdOf(asked),
      origin: {
        ...intent.origin,
        ...(asked === undefined ? {} : { asked }),
        reason: `the rest of: ${intent.origin.reason}`,
        decidedAt: now,
      },
    };
  }

  private nthOf({ instance, tag, nth }: AskedBy): number {
    let last = nth;
    for (const { origin } of this.ports.log.all())
      if (origin?.asked?.instance === instance && origin.asked.tag === tag) last = Math.max(last, origin.asked.nth);
    return last + 1;
  }

  /** Something of it is left, and the same position, on the same side, is still held. */
  private isOpen({ intent: { instrument, side }, openedAt, left }: Close): boolean {
    const position = this.ports.portfolio.position(instrument);
    const isHeld = side === 'sell' ? position.lots > 0 : position.lots < 0;
    return left > 0 && isHeld && position.openedAt === openedAt;
  }
}
