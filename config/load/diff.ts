import { Decimal } from '../../src/domain/decimal.js';
import type { ConfigChange } from '../../src/ports/configuration/settings/config-controller.js';
import { isTree } from '../schema/tree.js';

type Diff = Record<string, { readonly current: unknown; readonly next: unknown }>;

/** Every field in which two configurations differ, by dotted path; lists are one field. */
export function differences(current: object, next: object): ConfigChange['diff'] {
  const diff: Diff = {};
  compare(current, next, '', diff);
  return diff;
}

function compare(current: unknown, next: unknown, path: string, diff: Diff): void {
  if ((isTree(current) || current === undefined) && (isTree(next) || next === undefined) && current !== next) {
    const keys = new Set([...Object.keys(current ?? {}), ...Object.keys(next ?? {})]);
    for (const key of keys) compare(current?.[key], next?.[key], path === '' ? key : `${path}.${key}`, diff);
    return;
  }
  if (!same(current, next)) diff[path] = { current, next };
}

function same(a: unknown, b: unknown): boolean {
  if (Decimal.isDecimal(a) && Decimal.isDecimal(b)) return a.eq(b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  return Object.is(a, b);
}
