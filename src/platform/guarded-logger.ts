import { messageOf } from '../domain/errors.js';
import type { LogFields, Logger } from '../ports/configuration/logger.js';
import type { Redactor } from '../ports/configuration/redactor.js';
import { plainFields } from './log-line.js';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
type Level = (typeof LEVELS)[number];

/** A logger as JavaScript knows it: of what its methods answer its type says nothing. */
type Writers = Readonly<Record<Level, (message: string, fields?: LogFields) => unknown>>;

export interface LoggerGuard {
  /** What the logger threw, or failed with later, told once. */
  readonly onFailure: (message: string) => void;
  /** Whoever keeps secrets out of its lines; absent for a logger that does so itself. */
  readonly redactor?: () => Redactor;
}

/**
 * A logger that cannot end a run and sees no secret, whoever made it: what the real one throws, or rejects with, goes
 * no further, and what it is handed is plain and redacted. It is not asked for lines of a level that it says is off.
 * Everything else of it is as it was.
 */
export function guardedLogger(logger: Logger, { onFailure, redactor }: LoggerGuard): Logger {
  let told = false;
  const failed = (error: unknown): void => {
    if (!told) onFailure(messageOf(error));
    told = true;
  };
  // Both are asked at every step, and by whom nothing concerns: they make nothing.
  const isOn = (flag: 'debugEnabled' | 'infoEnabled', otherwise: boolean | undefined): boolean | undefined => {
    try {
      return logger[flag];
    } catch (error) {
      failed(error);
      return otherwise;
    }
  };
  const isOff = (level: Level): boolean =>
    (level === 'debug' && !logger.debugEnabled) || (level === 'info' && logger.infoEnabled === false);
  const say = (level: Level, message: string, fields: LogFields | undefined): void => {
    if (redactor === undefined) logger[level](message, fields);
    else if (!isOff(level)) {
      const secrets = redactor();
      const plain = fields === undefined ? undefined : plainFields(secrets, fields);
      // Its type lets a method that waits pass for one that does not: what it rejects with later would end the process.
      const done = (logger as Writers)[level](secrets.text(message), plain);
      if (isPromise(done)) done.then(undefined, failed);
    }
  };
  const guarded = Object.create(logger) as Logger;
  for (const level of LEVELS)
    Object.defineProperty(guarded, level, {
      value: (message: string, fields?: LogFields): void => {
        try {
          say(level, message, fields);
        } catch (error) {
          failed(error);
        }
      },
    });
  return Object.defineProperties(guarded, {
    debugEnabled: { get: () => isOn('debugEnabled', false) },
    infoEnabled: { get: () => isOn('infoEnabled', undefined) },
    close: { value: () => logger.close() },
  });
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
