import { plainText } from '../flow/plain-text.js';
import type { LogFields } from '../ports/configuration/logger.js';
import type { Redactor } from '../ports/configuration/redactor.js';
import type { Json } from '../ports/storage/event-store.js';

/** One log record, redacted and plain. */
export interface LogRecord {
  readonly at: number;
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, Json | undefined>>;
}

/** The fields of a line as they may be shown: plain, without secrets. */
export function plainFields(redactor: Redactor, fields: LogFields): LogRecord['fields'] {
  const plain = redactor.plain(fields);
  return isRecord(plain) ? plain : { fields: plain };
}

const ENVELOPE: ReadonlySet<string> = new Set(['time', 'level', 'message']);

/** One JSON object on one line. A field that bears a name of the envelope moves to `fields.<name>`. */
export function jsonLine(record: LogRecord): string {
  const line: Record<string, Json | undefined> = {
    time: new Date(record.at).toISOString(),
    level: record.level,
    message: record.message,
  };
  for (const [key, value] of Object.entries(record.fields)) line[ENVELOPE.has(key) ? `fields.${key}` : key] = value;
  return oneLine(JSON.stringify(line));
}

/**
 * For people: time, level, message, `key=value`. The frames of an error's stack follow, indented, where it bears no
 * code: one with a code has been foreseen, and its code's page says what to do.
 */
export function prettyLine(record: LogRecord): string {
  const frames: string[] = [];
  const fields = Object.entries(record.fields).map(([key, value]) => {
    collectFrames(value, frames);
    return ` ${oneLine(key)}=${oneLine(readable(value))}`;
  });
  const head = `${new Date(record.at).toISOString()} ${record.level.toUpperCase().padEnd(5)} ${oneLine(record.message)}${fields.join('')}`;
  return [head, ...frames].join('\n');
}

function readable(value: Json | undefined): string {
  if (typeof value === 'string') return /[\s"=]/.test(value) ? JSON.stringify(value) : value;
  if (isRecord(value) && typeof value['message'] === 'string' && 'stack' in value) {
    return JSON.stringify(`${typeof value['code'] === 'string' ? `${value['code']} ` : ''}${value['message']}`);
  }
  return JSON.stringify(value);
}

function collectFrames(value: Json | undefined, frames: string[]): void {
  if (!isRecord(value) || typeof value['stack'] !== 'string' || typeof value['code'] === 'string') return;
  for (const line of value['stack'].split('\n')) if (/^\s+at /.test(line)) frames.push(oneLine(line));
}

const isRecord = (value: Json | undefined): value is Readonly<Record<string, Json | undefined>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Escapes everything that a terminal or a line-based reader would take for the end of a line or a command. */
function oneLine(text: string): string {
  return plainText(text).replaceAll('\n', '\\u000a').replaceAll('\t', '\\u0009');
}
