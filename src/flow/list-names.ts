import type { OrderOptions } from '../domain/order.js';
import type { OrderIntent } from '../ports/core-services/risk-manager.js';

/**
 * What an order of a list asks for once the orders of that list have names: the entry that it sleeps behind, and the
 * group, which bears the name of its first order.
 */
export function namedInList(
  list: readonly OrderIntent[],
  index: number,
  nameOf: (index: number) => string,
): OrderIntent {
  const intent = list[index] as OrderIntent;
  const { within, ...terms } = intent;
  if (within === undefined) return intent;
  const { after, group } = within;
  const options: OrderOptions = {
    ...terms.options,
    ...(after === undefined ? {} : { after: nameOf(after) }),
    ...(group === undefined ? {} : { group: nameOf(list.findIndex((other) => other.within?.group === group)) }),
  };
  return { ...terms, options };
}

/** Why a list cannot be meant as it stands: each order may name one before it, of its instrument, that can open. */
export function listObjection(
  list: readonly OrderIntent[],
): { readonly check: string; readonly reason: string } | undefined {
  for (const [index, { instrument, within, options }] of list.entries()) {
    const after = within?.after;
    if (after !== undefined) {
      const entry = after < index ? list[after] : undefined;
      if (entry === undefined || entry.instrument.symbol !== instrument.symbol || entry.reduceOnly)
        return malformed(index, `must sleep behind an entry of ${instrument.symbol} that stands before it`);
    }
    if (after !== undefined && options?.after !== undefined) return malformed(index, 'must sleep behind one order');
    if (within?.group !== undefined && options?.group !== undefined) return malformed(index, 'must be of one group');
  }
  const signals = new Set(list.map(({ signalId }) => signalId));
  return signals.size === list.length
    ? undefined
    : { check: 'duplicate_intent', reason: 'Each order of a list must have a signal of its own.' };
}

const malformed = (index: number, what: string): { readonly check: string; readonly reason: string } => ({
  check: 'list',
  reason: `Order ${index} of the list ${what}.`,
});
