import { token } from '../../injection/token.js';

export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Structured log. Secrets are redacted before any transport. Nothing on a hot path logs without asking `debugEnabled`.
 */
export interface Logger {
  readonly debugEnabled: boolean;
  /** False where `info` says nothing; absent: it may. What is decided often asks before it makes a line. */
  readonly infoEnabled?: boolean;
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  /** Flushes and closes the transports. */
  close(): Promise<void>;
}
export const Logger = token<Logger>('Logger');

/** Where finished log lines go. A host that embeds the bot may bind its own. */
export interface LogOutput {
  /** One line, its newline included. Never throws: a line that cannot be written is counted. */
  write(line: string): void;
  /** Lines lost because the output could not take them. */
  readonly dropped: number;
}
export const LogOutput = token<LogOutput>('LogOutput');
