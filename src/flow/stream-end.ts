import { messageOf } from '../domain/errors.js';
import type { Logger } from '../ports/configuration/logger.js';
import type { Subscription } from '../ports/venue/subscription.js';

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
