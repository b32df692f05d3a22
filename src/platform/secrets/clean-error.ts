import { PerpsBotError } from '../../domain/errors.js';

/** Longer chains of causes are not made by people. */
const DEEPEST = 16;

/**
 * The same error, its words cleaned: what a venue or a library says may repeat what it was given. Properties that are
 * no text are left; an error that cannot be changed is replaced by one that says as much.
 */
export function cleanError(error: unknown, clean: (text: string) => string, depth = 0): unknown {
  if (typeof error === 'string') return clean(error);
  if (!(error instanceof Error) && !PerpsBotError.is(error)) return error;
  const words = error as unknown as Record<string, unknown>;
  const changed: Record<string, unknown> = {};
  for (const key of Object.getOwnPropertyNames(error)) {
    const value = words[key];
    const next =
      typeof value === 'string'
        ? clean(value)
        : key === 'problems' && Array.isArray(value)
          ? value.map((problem) => cleanTexts(problem as object, clean))
          : key === 'cause' && depth < DEEPEST
            ? cleanError(value, clean, depth + 1)
            : value;
    if (next !== value) changed[key] = next;
  }
  const failed = Object.keys(changed).some((key) => !Reflect.set(error, key, changed[key]));
  return failed ? new Error(clean(error.message)) : error;
}

const cleanTexts = (record: object, clean: (text: string) => string): object =>
  Object.fromEntries(
    Object.entries(record).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'string' ? clean(value) : value,
    ]),
  );
