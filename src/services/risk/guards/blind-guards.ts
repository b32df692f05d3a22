import type { EventStore } from '../../../ports/storage/event-store.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';

const BLIND = 'guard_blind';
const EVALUATED = 'guard_evaluated';
/** Written by every round of the guards. */
const ROUND = 'risk_snapshot';
/**
 * Since when each guard could not be evaluated. Journaled when it begins and when it ends: the time before a restart
 * counts, the time in which nothing ran does not.
 */
export class BlindGuards {
  private readonly begun = new Map<string, number>();
  private earlier: Map<string, number> | undefined;

  constructor(private readonly events: EventStore) {}

  since(): ReadonlyMap<string, number> {
    return this.begun;
  }

  failed(guard: string, now: number): void {
    if (this.begun.has(guard)) return;
    const since = now - (this.carried().get(guard) ?? 0);
    this.begun.set(guard, since);
    this.events.append(BLIND, { guard, since });
  }

  evaluated(guard: string): void {
    const wasCarried = this.carried().delete(guard);
    if (this.begun.delete(guard) || wasCarried) this.events.append(EVALUATED, { guard });
  }

  /** How long each guard that was blind when the last run ended had been so, in milliseconds. */
  private carried(): Map<string, number> {
    if (this.earlier !== undefined) return this.earlier;
    const blind = new Map<string, number>();
    for (const {
      payload: { guard, since },
    } of this.events.fold(FOLDS.blindGuards)) {
      if (typeof guard === 'string' && typeof since === 'number') blind.set(guard, since);
    }
    const lastRound = this.events.query({ types: [ROUND], limit: 1 })[0]?.at ?? Number.NEGATIVE_INFINITY;
    this.earlier = new Map([...blind].map(([guard, since]) => [guard, Math.max(0, lastRound - since)]));
    return this.earlier;
  }
}
