import type { z } from 'zod';
import { Decimal } from '../../src/domain/decimal.js';
import type { ConfigChange } from '../../src/ports/configuration/settings/config-controller.js';
import { configSchema } from './index.js';
import { tighterWay, type Tighter } from './limit-meta.js';

/** Paths of the limits that a change would loosen. */
export const loosened = (diff: ConfigChange['diff'], schema: z.ZodType = configSchema): string[] =>
  Object.entries(diff)
    .filter(([path, { current, next }]) => loosens(tighterWay(schema, path), current, next))
    .map(([path]) => path);

/** Is `next` looser than `current`? An absent limit is the loosest. */
export function loosens(way: Tighter, current: unknown, next: unknown): boolean {
  if (way === 'free') return false;
  if (way === 'fixed') return true;
  if (way === 'on') return current === true;
  const [before, after] =
    way === 'lower, 0 is off' ? [limit(current, true), limit(next, true)] : [limit(current), limit(next)];
  if (before === undefined) return false;
  return after === undefined || (way === 'higher' ? after.lt(before) : after.gt(before));
}

function limit(value: unknown, zeroIsOff = false): Decimal | undefined {
  if (!Decimal.isDecimal(value) && typeof value !== 'number') return undefined;
  const amount = new Decimal(value);
  return zeroIsOff && amount.isZero() ? undefined : amount;
}
