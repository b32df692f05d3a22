import { messageOf } from '../domain/errors.js';
import type { LogFields, Logger } from '../ports/configuration/logger.js';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;

/**
 * A logger that cannot end a run: what the real one throws is told once to `onFailure`, and goes no further. Everything
 * else of it is as it was.
 */
export function guardedLogger(logger: Logger, onFailure: (message: string) => void): Logger {
  let told = false;
  const guarded = Object.create(logger) as Logger;
  for (const level of LEVELS)
    Object.defineProperty(guarded, level, {
      value: (message: string, fields?: LogFields): void => {
        try {
          logger[level](message, fields);
        } catch (error) {
          if (!told) onFailure(messageOf(error));
          told = true;
        }
      },
    });
  return Object.defineProperties(guarded, {
    debugEnabled: { get: () => logger.debugEnabled },
    infoEnabled: { get: () => logger.infoEnabled },
    close: { value: () => logger.close() },
  });
}
