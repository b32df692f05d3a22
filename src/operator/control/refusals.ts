import type { Order } from '../../domain/order.js';
import type { Position } from '../../domain/position.js';
import type { Lots } from '../../domain/units.js';
import type { OrderLog, Submission } from '../../ports/core-services/execution.js';

/** Checks of ours and of venues whose answer to the same order is the same a second later. */
const LASTING: ReadonlySet<string> = new Set([
  'invalid_stop',
  'lot_size',
  'max_size',
  'min_notional',
  'min_size',
  'order_terms',
  'price_required',
  'spot_short',
  'unknown_symbol',
  'unsupported',
]);

/** What became of the newest order for a position of this size. */
interface Answer {
  readonly held: Lots;
  readonly clientId?: string;
  readonly refusal?: string;
}

/** What the orders of a flattening were refused for, so that none is repeated that would be refused again. */
export class Refusals {
  private readonly answers = new Map<string, Answer>();

  constructor(private readonly log: Pick<OrderLog, 'find'>) {}

  hear({ instrument: { symbol }, lots: held }: Position, submission: Submission): void {
    switch (submission.outcome) {
      case 'submitted':
        this.answers.set(symbol, { held, clientId: submission.clientId });
        return;
      case 'refused':
        this.answers.set(symbol, { held, refusal: `${submission.check}: ${submission.reason}` });
        return;
      default:
        this.answers.delete(symbol);
    }
  }

  /** In words, with the symbol; undefined when the newest order was not refused. */
  whyOf(position: Position): string | undefined {
    const refusal = this.refusalOf(position);
    if (refusal === undefined) return undefined;
    return `${position.instrument.symbol}: ${refusal}${isLasting(refusal) ? '; it is not sent again' : ''}`;
  }

  areLasting(position: Position): boolean {
    const refusal = this.refusalOf(position);
    return refusal !== undefined && isLasting(refusal);
  }

  /** Of another size it is another order. */
  private refusalOf({ instrument: { symbol }, lots: held }: Position): string | undefined {
    const answer = this.answers.get(symbol);
    if (answer?.held !== held) return undefined;
    return answer.refusal ?? rejectionOf(answer.clientId === undefined ? undefined : this.log.find(answer.clientId));
  }
}

const rejectionOf = (order: Order | undefined): string | undefined =>
  order?.status === 'rejected' || order?.status === 'rejected_late' ? order.reason : undefined;

const isLasting = (refusal: string): boolean => LASTING.has(/^\w+/.exec(refusal)?.[0] ?? '');
