import type { OrderRequest } from '../domain/order.js';
import type { CancelResult } from '../ports/venue/cancel-result.js';
import type { Capabilities } from '../ports/venue/capabilities.js';
import type { OrderRef } from '../ports/venue/order-ref.js';
import type { SubmitResult } from '../ports/venue/submit-result.js';
import { partsOf, type CancelAnswer, type OrderAnswer } from './answers.js';
import type { FakeAccount } from './fake-account.js';
import type { Script } from './script.js';

const lostIn = ({
  lost,
  silent,
  throws,
}: Pick<CancelAnswer, 'lost' | 'silent' | 'throws'>): 'request' | 'answer' | undefined =>
  lost ?? (silent === true || throws !== undefined ? 'request' : undefined);

/** The way of an order to the fake and back: it arrives, is refused, fills, and its answer is lost, as scripted. */
export class FakeOrderEntry {
  constructor(
    private readonly account: FakeAccount,
    private readonly script: Script,
    private readonly now: () => number,
    private readonly capabilities: () => Capabilities,
  ) {}

  async place(request: OrderRequest, answer: OrderAnswer = {}): Promise<SubmitResult> {
    if ('value' in answer || answer.reply !== undefined)
      return this.script.give('placeOrder', answer, [request], () => this.arrive(request, answer));
    const lost = lostIn(answer);
    const arrived = lost === 'request' ? undefined : this.underWay(request, answer);
    if (lost !== undefined || arrived === undefined) {
      arrived?.catch(() => undefined);
      const { clientId, symbol } = request;
      const cause = `the ${lost} was lost`;
      return this.script.give('placeOrder', answer, [request], () => ({
        outcome: 'unknown',
        ref: { clientId, symbol },
        cause,
      }));
    }
    const result = await arrived;
    return this.script.give('placeOrder', answer, [request], () => result);
  }

  async cancel(ref: OrderRef, answer: CancelAnswer = {}): Promise<CancelResult> {
    const lost = lostIn(answer);
    const known: CancelResult =
      'value' in answer || answer.reply !== undefined || lost === 'request'
        ? { outcome: 'unknown', ref, cause: 'the request was lost' }
        : this.end(ref, answer.requested);
    const told: CancelResult = lost === 'answer' ? { outcome: 'unknown', ref, cause: 'the answer was lost' } : known;
    return this.script.give('cancelOrder', answer, [ref], () => told);
  }

  private async underWay(request: OrderRequest, answer: OrderAnswer): Promise<SubmitResult> {
    if (answer.transitMs !== undefined) await this.script.later(`order ${request.clientId}`, answer.transitMs);
    return this.arrive(request, answer);
  }

  private arrive(request: OrderRequest, answer: OrderAnswer): SubmitResult {
    const at = this.now();
    const { refuse, message = '' } = answer;
    if (refuse !== undefined) return { outcome: 'rejected', reason: refuse, message, at };
    const { requestExpiry } = this.capabilities();
    if (requestExpiry && request.expiresAt !== undefined && at > request.expiresAt)
      return { outcome: 'rejected', reason: 'expired', message: 'it arrived after its expiry', at };
    if (this.account.orders.has(request.clientId))
      return { outcome: 'rejected', reason: 'duplicate_client_id', message: request.clientId, at };
    const venueId = this.account.take(request, answer.hiddenMs);
    this.execute(request, answer);
    const order = answer.tells === true ? this.account.orders.get(request.clientId) : undefined;
    return {
      outcome: 'accepted',
      venueId,
      at,
      ...(answer.stage === undefined ? {} : { stage: answer.stage }),
      ...(order === undefined ? {} : { order }),
    };
  }

  private execute({ clientId }: OrderRequest, { fill, rest, streamed }: OrderAnswer): void {
    const parts = partsOf(fill);
    let open = parts.length;
    for (const part of parts) {
      const happen = (): void =>
        this.script.guard(() => {
          this.account.fill(clientId, part, streamed);
          open -= 1;
          if (open === 0 && rest !== undefined && this.account.isOpen(clientId)) this.account.end(clientId, rest);
        });
      if (part.afterMs === undefined) happen();
      // What goes wrong there is kept for the test: nobody awaits it.
      else
        void this.script
          .later(`a fill of ${clientId}`, part.afterMs)
          .then(happen)
          .catch(() => undefined);
    }
  }

  private end(ref: OrderRef, requested = false): CancelResult {
    if (!this.account.isOpen(ref.clientId)) return { outcome: 'not_open', ref };
    if (requested) return { outcome: 'requested', ref, at: this.now() };
    this.account.end(ref.clientId, 'cancelled');
    return { outcome: 'cancelled', ref, at: this.now() };
  }
}
