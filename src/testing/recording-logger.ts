import type { LogFields, Logger } from '../ports/configuration/logger.js';

/** Keeps what was logged, for assertions. */
export class RecordingLogger implements Logger {
  readonly debugEnabled = true;
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields | undefined }[] = [];

  error(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'error', message, fields });
  }
  warn(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'warn', message, fields });
  }
  info(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'info', message, fields });
  }
  debug(message: string, fields?: LogFields): void {
    this.lines.push({ level: 'debug', message, fields });
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
  at(level: string): string[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.message);
  }
}
