import type { Clock } from '../../../ports/configuration/clock.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { WireMarket } from '../market/wire-market.js';

/** What a stream is made of. */
export interface StreamParts {
  readonly market: WireMarket;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Says one message of the stream, as it becomes JSON. */
  readonly tell: (data: unknown) => void;
}

/** Begins a stream and returns what ends it. */
export type StreamSource = (parts: StreamParts) => () => void;

/** Again and again until it is ended. */
export function repeated(scheduler: Scheduler, everyMs: number, round: () => void): () => void {
  let cancel = (): void => undefined;
  const plan = (): void => {
    cancel = scheduler.after(everyMs, () => {
      plan();
      round();
    });
  };
  plan();
  return () => cancel();
}
