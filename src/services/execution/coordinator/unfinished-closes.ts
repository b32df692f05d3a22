import { isTerminal } from '../../../domain/order-state.js';
import type { Order } from '../../../domain/order.js';
import { lots } from '../../../domain/units.js';
import { Attempts, type AttemptsTime } from '../../../flow/attempts.js';
import type { OrderLog, Submission } from '../../../ports/core-services/execution.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import type { Portfolio } from '../../../ports/runtime-state/portfolio.js';

export interface ClosePorts extends AttemptsTime {
  readonly log: Pick<OrderLog, 'onChange'>;
  readonly portfolio: Pick<Portfolio, 'position'>;
  readonly place: (intent: OrderIntent, now: number) => Submission;
}

interface Close {
  readonly intent: OrderIntent;
  /** Of which position. */
  readonly openedAt: number | undefined;
  readonly attempts: Attempts;
  clientId: string;
  times: number;
}

/**
 * A strategy's close leaves at the collar. What that has left open is closed again, at the collar of the moment and
 * after pauses that grow, until the position is gone or the strategy decides something else about the symbol. Forgotten
 * at a restart: the strategy is asked anew then.
 */
export class UnfinishedCloses {
  private readonly bySymbol = new Map<string, Close>();

  constructor(private readonly ports: ClosePorts) {
    ports.log.onChange((order) => {
      if (this.bySymbol.size > 0) this.follow(order);
    });
  }

  begin(intent: OrderIntent, clientId: string): void {
    const { openedAt } = this.ports.portfolio.position(intent.instrument);
    this.drop(intent.instrument.symbol);
    const close = { intent: { ...intent }, openedAt, attempts: new Attempts(this.ports), clientId, times: 0 };
    close.attempts.sent();
    this.bySymbol.set(intent.instrument.symbol, close);
  }

  /** Something else has been decided, or nothing is to be sent any more. */
  drop(symbol: string): void {
    this.bySymbol.get(symbol)?.attempts.rest();
    this.bySymbol.delete(symbol);
  }

  dropAll(): void {
    for (const symbol of [...this.bySymbol.keys()]) this.drop(symbol);
  }

  private follow({ request: { clientId, symbol }, status, collar }: Order): void {
    const close = this.bySymbol.get(symbol);
    if (close?.clientId !== clientId || !isTerminal(status)) return;
    // One that did not leave at a collar, and was refused, is the strategy's to decide about again.
    if (close.times === 0 && (collar === undefined || status === 'rejected')) this.drop(symbol);
    else this.again(close);
  }

  private again(close: Close): void {
    if (!this.isOpen(close)) {
      this.drop(close.intent.instrument.symbol);
      return;
    }
    close.attempts.ended();
    close.attempts.again(() => this.send(close));
  }

  private send(close: Close): void {
    const { clock, portfolio, place } = this.ports;
    const { intent } = close;
    const { symbol } = intent.instrument;
    if (this.bySymbol.get(symbol) !== close) return;
    if (!this.isOpen(close)) {
      this.drop(symbol);
      return;
    }
    const now = clock.now();
    const signalId = `${intent.signalId}|rest|${(close.times += 1)}`;
    const origin = { ...intent.origin, reason: `the rest of: ${intent.origin.reason}`, decidedAt: now };
    const size = lots(Math.abs(portfolio.position(intent.instrument).lots));
    close.attempts.sent();
    const submission = place({ ...intent, lots: size, signalId, origin }, now);
    if (submission.outcome === 'submitted') close.clientId = submission.clientId;
    else if (submission.outcome === 'refused' && submission.check !== 'closed') this.again(close);
    else this.drop(symbol);
  }

  /** The same position, on the same side, is still held. */
  private isOpen({ intent: { instrument, side }, openedAt }: Close): boolean {
    const position = this.ports.portfolio.position(instrument);
    return (side === 'sell' ? position.lots > 0 : position.lots < 0) && position.openedAt === openedAt;
  }
}
