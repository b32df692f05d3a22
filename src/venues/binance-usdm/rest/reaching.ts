import { fault, messageOf, PerpsBotError } from '../../../domain/errors.js';
import { backoffMs } from '../../../flow/backoff.js';
import { withDeadline } from '../../../flow/deadline.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { RandomStream } from '../../../ports/configuration/random.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import { TransportError } from '../../../ports/transport/transport-error.js';

const RETRY = { leastMs: 500, mostMs: 8_000 } as const;
/** Whoever does not answer in this time is not waited for any longer. */
const ANSWER_MS = 25_000;
/** A venue that answers, and wants to be left alone, is waited for: its minute is over within this. */
const PAUSED_MS = 58_000;
/** Turned away so often in a row, nobody listens there. */
const MOST_REFUSALS = 3;
const MS_PER_SECOND = 1_000;

export interface ReachPorts {
  /** What is reached, as a person calls it: its address and its environment. */
  readonly place: string;
  readonly scheduler: Scheduler;
  readonly ticker: Pick<Clock, 'now'>;
  readonly jitter: RandomStream;
}

/**
 * Attempts, one after the other, while the venue is not to be had (VENUE-002). One deadline over all of them: rejects
 * with VENUE-002 naming the place, what it said last and what to do, when that is over, when nobody listens there, or
 * when nobody waits any more; with whatever else an attempt rejects with, at once.
 */
export async function reach(
  attempt: () => Promise<void>,
  ports: ReachPorts,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const { scheduler, ticker, jitter } = ports;
  const begun = ticker.now();
  const elapsed = (): number => ticker.now() - begun;
  const silence: { last?: PerpsBotError } = {};
  let paused = 0;
  const left = (): number => Math.max(0, Math.min(ANSWER_MS + paused, PAUSED_MS) - elapsed());
  for (let failures = 1, refusals = 0; ; failures += 1) {
    try {
      if (signal.aborted) throw unreached(ports, elapsed(), silence.last);
      await orAborted(attempt(), signal, {
        scheduler,
        limitMs: left(),
        late: () => {
          throw unreached(ports, elapsed(), silence.last);
        },
      });
      return;
    } catch (error) {
      if (!PerpsBotError.is(error) || error.code !== 'VENUE-002' || isLast(error)) throw error;
      silence.last = error;
    }
    refusals = isRefusal(silence.last) ? refusals + 1 : 0;
    const asked = (silence.last as { readonly retryAfterMs?: number }).retryAfterMs ?? 0;
    const pause = Math.max(asked, backoffMs(failures, RETRY.leastMs, RETRY.mostMs, jitter));
    paused += asked;
    if (refusals >= MOST_REFUSALS || pause > left()) throw unreached(ports, elapsed(), silence.last);
    await scheduler.sleep(pause, signal).catch(() => undefined);
  }
}

const LAST = Symbol('the last word on it');
const isLast = (error: object): boolean => LAST in error;
const isRefusal = ({ cause }: PerpsBotError): boolean => cause instanceof TransportError && cause.reached === 'no';

/** Whoever is not waited for any more is not waited for: what it does later is nobody's. */
function orAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  deadline: Parameters<typeof withDeadline<T>>[1],
): Promise<T> {
  const given = new Promise<never>((_, reject) => {
    const abort = (): void => {
      try {
        deadline.late?.();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(messageOf(error)));
      }
    };
    signal.addEventListener('abort', abort, { once: true });
    const release = (): void => signal.removeEventListener('abort', abort);
    work.then(release, release);
  });
  return withDeadline(Promise.race([work, given]), deadline);
}

function unreached({ place }: ReachPorts, elapsedMs: number, last: PerpsBotError | undefined): Error {
  const said = last === undefined ? 'it was not heard of' : last.message.replace(/\.$/, '');
  const within = Math.max(1, Math.round(elapsedMs / MS_PER_SECOND));
  const { retryAfterMs } = (last ?? {}) as { readonly retryAfterMs?: number };
  const fix =
    last !== undefined && isRefusal(last)
      ? 'Nobody listens there: check venue.restUrl and the network of this host, and whether the venue is up; then do it again.'
      : retryAfterMs === undefined
        ? 'Look whether the venue is up, and at what stands between it and this host; then do it again.'
        : `Do it again after ${Math.ceil(retryAfterMs / MS_PER_SECOND)} s.`;
  const details = { fix, ...(last === undefined ? {} : { cause: last }) };
  return Object.assign(
    fault('VENUE-002', `${place} must answer, and has not within ${within} s: ${said}.`, details),
    { [LAST]: true },
    retryAfterMs === undefined ? {} : { retryAfterMs },
  );
}
