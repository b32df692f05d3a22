import { Decimal } from '../../../domain/decimal.js';
import { durationText } from '../../../domain/time-spans.js';
import type { Price } from '../define/price.js';
import { isR, type Distance, type R } from './exit-terms.js';

/** Terms of an exit or an entry as their author wrote them, for whoever reads what the bot did under them. */
export const termText = (term: Distance | Price | R): string =>
  isR(term) ? `${term.r}R` : typeof term === 'object' && !Decimal.isDecimal(term) ? String(term.price) : String(term);

/** Why something that rested was ended: `the entry's timeout of 3 bars was over`. */
export function timeOver(
  of: 'entry' | 'order',
  { timeout, timeoutMs }: { readonly timeout: string | undefined; readonly timeoutMs?: number | undefined },
): string {
  const text = timeout ?? (timeoutMs === undefined ? undefined : durationText(timeoutMs));
  return `the ${of}'s timeout${text === undefined ? '' : ` of ${text}`} was over`;
}
