import { messageOf } from '../../domain/errors.js';
import type { Logger } from '../../ports/logger.js';
import type { SafetyLadder } from '../../ports/safety-ladder.js';

/** Stops all sending at once; a failure to make that durable is logged, because there is nobody to hand it to. */
export function halt(ladder: SafetyLadder, logger: Logger, reason: string): void {
  ladder.tighten('HALTED', reason).catch((error: unknown) => {
    logger.error('Safety state could not be made durable', { reason, error: messageOf(error) });
  });
}
