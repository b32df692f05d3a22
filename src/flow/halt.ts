import { messageOf } from '../domain/errors.js';
import type { Logger } from '../ports/configuration/logger.js';
import type { SafetyState } from '../domain/safety.js';
import type { SafetyLadder } from '../ports/storage/safety-ladder.js';

/**
 * Stops all sending at once, or all but what reduces; a failure to make that durable is logged, because there is nobody
 * to hand it to.
 */
export function halt(ladder: SafetyLadder, logger: Logger, reason: string, to: SafetyState = 'HALTED'): void {
  ladder.tighten(to, reason).catch((error: unknown) => {
    logger.error('Safety state could not be made durable', { to, reason, error: messageOf(error) });
  });
}
