import { Decimal } from '../../domain/decimal.js';

/** What of a position no stop at the venue looks after: nobody closes it while the bot is halted. */
export function stopText({ size, stopSize }: { readonly size: string; readonly stopSize: string }): string {
  const covered = new Decimal(stopSize);
  if (covered.isZero()) return ', held, no stop at the venue';
  return covered.lt(new Decimal(size)) ? `, held, stops at the venue for ${stopSize} of it only` : '';
}
