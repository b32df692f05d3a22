import { messageOf } from '../domain/errors.js';
import type { Json } from '../ports/storage/event-store.js';
import { REDACTED } from '../ports/configuration/redactor.js';

/** How strings and keys are treated on the way into a plain copy. */
export interface PlainRules {
  text(value: string): string;
  isSecretKey(key: string): boolean;
}

const DEEPEST = 8;
const LONGEST_LIST = 200;

/**
 * A JSON-safe copy of anything: circles, getters that throw, BigInt, functions and numbers that are not finite become
 * text instead of an exception, because a log line that cannot be written is the one that was needed.
 */
export function plainJson(value: unknown, rules: PlainRules): Json {
  return copy(value, rules, []);
}

function copy(value: unknown, rules: PlainRules, path: readonly object[]): Json {
  switch (typeof value) {
    case 'string':
      return rules.text(value);
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return value.toString();
    case 'undefined':
      return null;
    case 'symbol':
      return rules.text(value.toString());
    case 'function':
      return `[function ${value.name}]`;
    case 'object':
      return value === null ? null : copyObject(value, rules, path);
  }
}

function copyObject(value: object, rules: PlainRules, path: readonly object[]): Json {
  if (path.includes(value)) return '[circular]';
  if (path.length >= DEEPEST) return '[deeper]';
  const inner = [...path, value];
  try {
    if (isError(value)) return copyError(value, rules, inner);
    if ('toJSON' in value && typeof value.toJSON === 'function')
      return copy((value.toJSON as () => unknown)(), rules, inner);
    if (Array.isArray(value)) return copyList(value, rules, inner);
    if (value instanceof Map) return copyEntries(value.entries(), rules, inner);
    if (value instanceof Set) return copyList([...(value as Set<unknown>)], rules, inner);
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    return copyProperties(value, rules, inner);
  } catch (error) {
    return `[unreadable: ${rules.text(messageOf(error))}]`;
  }
}

function copyList(values: readonly unknown[], rules: PlainRules, path: readonly object[]): Json {
  const items = values.slice(0, LONGEST_LIST).map((item) => copy(item, rules, path));
  return values.length > LONGEST_LIST ? [...items, `[${values.length - LONGEST_LIST} more]`] : items;
}

function copyEntries(entries: Iterable<[unknown, unknown]>, rules: PlainRules, path: readonly object[]): Json {
  const result: Record<string, Json> = {};
  for (const [key, item] of entries) put(result, String(key), item, rules, path);
  return result;
}

function copyProperties(value: object, rules: PlainRules, path: readonly object[]): Json {
  const result: Record<string, Json> = {};
  for (const key of Object.keys(value)) {
    let item: unknown;
    try {
      item = (value as Record<string, unknown>)[key];
    } catch (error) {
      item = `[unreadable: ${messageOf(error)}]`;
    }
    if (item !== undefined) put(result, key, item, rules, path);
  }
  return result;
}

function copyError(error: Error, rules: PlainRules, path: readonly object[]): Json {
  const result: Record<string, Json> = { name: error.name, message: rules.text(error.message) };
  if (typeof error.stack === 'string') result['stack'] = rules.text(error.stack);
  for (const key of Object.keys(error)) {
    const item = (error as unknown as Record<string, unknown>)[key];
    if (item !== undefined && !(key in result) && !(Array.isArray(item) && item.length === 0))
      put(result, key, item, rules, path);
  }
  if (error.cause !== undefined) result['cause'] = copy(error.cause, rules, path);
  if (error instanceof AggregateError) result['errors'] = copyList(error.errors as unknown[], rules, path);
  return result;
}

/** A secret key hides its whole value; flags and absence stay readable ("has_token": true). */
function put(
  target: Record<string, Json>,
  key: string,
  item: unknown,
  rules: PlainRules,
  path: readonly object[],
): void {
  const hidden = rules.isSecretKey(key) && item !== null && typeof item !== 'boolean' && typeof item !== 'undefined';
  // `defineProperty`, because a key named `__proto__` would otherwise set the prototype.
  Object.defineProperty(target, rules.text(key), {
    value: hidden ? REDACTED : copy(item, rules, path),
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** Errors of another realm (a worker, a test runner's context) are errors too. */
const isError = (value: object): value is Error =>
  value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
