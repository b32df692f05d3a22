import { Writable } from 'node:stream';
import { injectable } from 'inversify';
import winston from 'winston';
import { inject } from '../injection/inject.js';
import { HostClock } from '../ports/configuration/clock.js';
import { LogOutput, type LogFields, type Logger } from '../ports/configuration/logger.js';
import { Redactor } from '../ports/configuration/redactor.js';
import { ConfigController } from '../ports/configuration/settings/config-controller.js';
import type { LoggingSettings } from '../ports/configuration/settings/logging-settings.js';
import { jsonLine, prettyLine, type LogRecord } from './log-line.js';

type Level = LoggingSettings['level'];

const LEVELS: Readonly<Record<Level, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/**
 * Winston behind the Logger port. Every line passes the redactor before any transport sees it; the only transport is
 * the bound output. Level and form follow configuration changes.
 */
@injectable()
export class WinstonLogger implements Logger {
  debugEnabled: boolean;
  infoEnabled: boolean;
  private json: boolean;
  /** Winston's own question whether a level is on costs more than most callers do beside it. */
  private level: Level;
  private closing: Promise<void> | undefined;
  private readonly logger: winston.Logger;
  private readonly transport: InstanceType<typeof winston.transports.Stream>;
  private readonly unsubscribe: () => void;

  constructor(
    @inject(ConfigController) config: ConfigController,
    @inject(HostClock) private readonly clock: HostClock,
    @inject(Redactor) private readonly redactor: Redactor,
    @inject(LogOutput) private readonly output: LogOutput,
  ) {
    const { level, json } = config.current.logging;
    this.debugEnabled = level === 'debug';
    this.infoEnabled = LEVELS[level] >= LEVELS.info;
    this.json = json;
    this.level = level;
    this.transport = new winston.transports.Stream({ stream: streamInto(output), eol: '' });
    this.logger = winston.createLogger({
      level,
      levels: LEVELS,
      format: winston.format.printf((entry) => entry.message as string),
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's own class
      transports: [this.transport],
      exitOnError: false,
    });
    this.unsubscribe = config.onChange((change) => this.follow(change.updated.logging));
  }

  error(message: string, fields?: LogFields): void {
    this.write('error', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.write('warn', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.write('info', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    if (this.debugEnabled) this.write('debug', message, fields);
  }

  close(): Promise<void> {
    this.closing ??= new Promise((resolve) => {
      this.unsubscribe();
      this.transport.once('finish', resolve);
      this.logger.end();
    });
    return this.closing;
  }

  private write(level: Level, message: string, fields: LogFields | undefined): void {
    if (LEVELS[level] > LEVELS[this.level]) return;
    const line = this.render({
      at: this.clock.wall(),
      level,
      message: this.redactor.text(message),
      fields: this.plainFields(fields),
    });
    // A line that comes after the transports were closed still reaches the output.
    if (this.closing === undefined) this.logger.log({ level, message: line });
    else this.output.write(line);
  }

  private plainFields(fields: LogFields | undefined): LogRecord['fields'] {
    if (fields === undefined) return {};
    const plain = this.redactor.plain(fields);
    return typeof plain === 'object' && plain !== null && !Array.isArray(plain)
      ? (plain as LogRecord['fields'])
      : { fields: plain };
  }

  private render(record: LogRecord): string {
    return `${this.json ? jsonLine(record) : prettyLine(record)}\n`;
  }

  private follow(logging: LoggingSettings): void {
    this.debugEnabled = logging.level === 'debug';
    this.infoEnabled = LEVELS[logging.level] >= LEVELS.info;
    this.json = logging.json;
    this.logger.level = this.level = logging.level;
  }
}

function streamInto(output: LogOutput): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      output.write(typeof chunk === 'string' ? chunk : chunk.toString('utf8'));
      done();
    },
  });
}
