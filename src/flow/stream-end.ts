import { messageOf } from '../domain/errors.js';
import type { Logger } from '../ports/configuration/logger.js';
import type { Scheduler } from '../ports/configuration/scheduler.js';
import type { ExecutionSettings } from '../ports/configuration/settings/execution-settings.js';
import type { Subscription } from '../ports/venue/subscription.js';

const UNWANTED = 'the stream is not wanted any more';

export interface OpeningPorts {
  readonly config: { readonly current: { readonly execution: Pick<ExecutionSettings, 'requestTimeoutMs'> } };
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

/**
 * Opens a stream. Rejects when it is not there within `execution.requestTimeout`, or once nobody wants it any more; one
 * that was given up on and opens after all is closed at once.
 */
export function openInTime(
  open: () => Promise<Subscription>,
  signal: AbortSignal,
  { config, scheduler, logger }: OpeningPorts,
): Promise<Subscription> {
  if (signal.aborted) return Promise.reject(new Error(UNWANTED));
  return new Promise<Subscription>((resolve, reject) => {
    let isWanted = true;
    const settle = (how: () => void): void => {
      isWanted = false;
      cancel();
      signal.removeEventListener('abort', aborted);
      how();
    };
    const giveUp = (why: string): void => settle(() => reject(new Error(why)));
    const aborted = (): void => giveUp(UNWANTED);
    const limitMs = config.current.execution.requestTimeoutMs;
    const cancel = scheduler.after(limitMs, () => giveUp(`the stream was not open within ${limitMs} ms`));
    signal.addEventListener('abort', aborted, { once: true });
    // Asynchronous, so that a venue that throws at once is handled like one that rejects.
    void (async () => open())().then(
      (stream) => (isWanted ? settle(() => resolve(stream)) : shut(stream, logger)),
      (error: unknown) => {
        if (isWanted) settle(() => reject(error instanceof Error ? error : new Error(messageOf(error))));
      },
    );
  });
}

/**
 * Waits for the end of a stream, whatever it is: undefined when it ended by itself, else what broke it. Never rejects;
 * nobody else waits for `closed`.
 */
export async function endOf(subscription: Subscription): Promise<string | undefined> {
  try {
    await subscription.closed;
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Closes a stream; one that cannot be closed cleanly is logged and let go. */
export function shut(subscription: Subscription | undefined, logger: Logger): void {
  try {
    subscription?.close();
  } catch (error) {
    logger.warn('A stream did not close cleanly', { error: messageOf(error) });
  }
}
