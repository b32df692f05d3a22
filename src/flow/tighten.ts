import { messageOf } from '../domain/errors.js';
import type { Logger } from '../ports/configuration/logger.js';
import type { SafetyState } from '../domain/safety.js';
import type { SafetyLadder } from '../ports/storage/safety-ladder.js';

/**
 * Tightens without waiting: the state holds at once. A record that cannot be written is logged, because there is nobody
 * to hand it to.
 */
export function tighten(
  ladder: Pick<SafetyLadder, 'tighten' | 'state'>,
  to: SafetyState,
  reason: string,
  logger: Logger,
  actor?: string,
): void {
  ladder.tighten(to, reason, actor).catch((error: unknown) => {
    logger.error('Safety state is tight but not on disk', { state: ladder.state, reason, error: messageOf(error) });
  });
}
