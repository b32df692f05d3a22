import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Writable } from 'node:stream';
import { injectable } from 'inversify';
import type winston from 'winston';
import { messageOf } from '../domain/errors.js';
import { inject } from '../injection/inject.js';
import { HostClock } from '../ports/configuration/clock.js';
import { LogOutput, type LogFields, type Logger } from '../ports/configuration/logger.js';
import { Redactor } from '../ports/configuration/redactor.js';
import { ConfigController } from '../ports/configuration/settings/config-controller.js';
import type { LoggingSettings } from '../ports/configuration/settings/logging-settings.js';
import { jsonLine, plainFields, prettyLine, type LogRecord } from './log-line.js';
import { RepeatedLines } from './repeated-lines.js';

type Level = LoggingSettings['level'];

/** A program that writes no line does not load winston's hundred files. */
const loadWinston = (): typeof winston => createRequire(import.meta.url)('winston') as typeof winston;

const LEVELS: Readonly<Record<Level, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

interface Writer {
  readonly logger: winston.Logger;
  readonly transport: winston.transports.StreamTransportInstance;
}

/**
 * Winston behind the Logger port. Every line passes the redactor before any transport sees it; the only transport is
 * the bound output. Level and form follow configuration changes. What stays wrong is said ever more rarely.
 */
@injectable()
export class WinstonLogger implements Logger {
  debugEnabled: boolean;
  infoEnabled: boolean;
  private json: boolean;
  /** Winston's own question whether a level is on costs more than most callers do beside it. */
  private level: Level;
  private closing: Promise<void> | undefined;
  private readonly repeated = new RepeatedLines();
  private writer: Writer | undefined;
  /** The output has thrown, and that was told. */
  private lost = false;
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
    this.closing ??= this.end();
    return this.closing;
  }

  private async end(): Promise<void> {
    this.unsubscribe();
    if (this.writer === undefined) return;
    const { logger, transport } = this.writer;
    const finished = once(transport, 'finish');
    logger.end();
    await finished;
  }

  private write(level: Level, message: string, fields: LogFields | undefined): void {
    if (LEVELS[level] > LEVELS[this.level]) return;
    const at = this.clock.wall();
    for (const [over, repeats] of this.repeated.ended(at)) this.put('info', at, `No longer: ${over}`, { ...repeats });
    const text = this.redactor.text(message);
    const plain = fields === undefined ? {} : plainFields(this.redactor, fields);
    const repeats = LEVELS[level] > LEVELS.warn ? {} : this.repeated.take(`${text} ${JSON.stringify(plain)}`, at);
    if (repeats !== undefined) this.put(level, at, text, { ...plain, ...repeats });
  }

  private put(level: Level, at: number, message: string, fields: LogRecord['fields']): void {
    const line = this.render({ at, level, message, fields });
    // A line that comes after the transports were closed still reaches the output.
    if (this.closing === undefined) this.open().logger.log({ level, message: line });
    else this.hand(line);
  }

  /** An output of the host's may throw; in the middle of a stream that would keep every later line for ever. */
  private hand(line: string): void {
    try {
      this.output.write(line);
    } catch (error) {
      if (!this.lost) process.emitWarning(`The log's output threw, and its lines are lost: ${messageOf(error)}`);
      this.lost = true;
    }
  }

  private open(): Writer {
    if (this.writer !== undefined) return this.writer;
    const { createLogger, format, transports } = loadWinston();
    const transport = new transports.Stream({ stream: streamInto((line) => this.hand(line)), eol: '' });
    const logger = createLogger({
      level: this.level,
      levels: LEVELS,
      format: format.printf((entry) => entry.message as string),
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- winston's own class
      transports: [transport],
      exitOnError: false,
    });
    return (this.writer = { logger, transport });
  }

  private render(record: LogRecord): string {
    return `${this.json ? jsonLine(record) : prettyLine(record)}\n`;
  }

  private follow(logging: LoggingSettings): void {
    this.debugEnabled = logging.level === 'debug';
    this.infoEnabled = LEVELS[logging.level] >= LEVELS.info;
    this.json = logging.json;
    this.level = logging.level;
    if (this.writer !== undefined) this.writer.logger.level = logging.level;
  }
}

function streamInto(hand: (line: string) => void): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      hand(typeof chunk === 'string' ? chunk : chunk.toString('utf8'));
      done();
    },
  });
}
