import { readAccountEvent } from '../../../border/account-events.js';
import { readPage } from '../../../border/pages.js';
import type { Fill } from '../../../domain/order.js';
import { DAY_MS } from '../../../domain/time-spans.js';
import { inTime } from '../../../flow/in-time.js';
import { readPages } from '../../../flow/pages.js';
import type { Payload } from '../../../ports/storage/event-store.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';
import type { ComparisonPorts, Findings } from './findings.js';

/** How far back trades are compared one by one: venues list a week in one question. Positions compare all of them. */
const BACK_MS = 7 * DAY_MS;

/** Trades of the last week by the venue's name of each, since the books begin. */
export async function compareFills(ports: ComparisonPorts, findings: Findings): Promise<void> {
  const { account, clock, events } = ports;
  const begun = events.query({ types: ['account_baseline'], limit: 1 })[0]?.payload['since'];
  // Before the first look at the account nothing is in the books, and nothing need be.
  if (typeof begun !== 'number') return;
  const since = Math.max(begun, clock.now() - BACK_MS);
  const booked = new Map<string, Payload>();
  for (const { type, payload } of events.fold(FOLDS.accountHistory))
    if (type === 'fill' || type === 'external_fill')
      booked.set(`${textOf(payload, 'symbol')} ${textOf(payload, 'trade_id')}`, payload);
  const listed = new Set<string>();
  await readPages(
    async (cursor) => readPage(await inTime(() => account.listFills(since, cursor), ports)),
    (fill: Fill) => {
      readAccountEvent({ kind: 'fill', fill }, clock.now());
      const { instrument, tradeId, side, lots, price, clientId } = fill;
      const name = `${instrument.symbol} ${tradeId}`;
      listed.add(name);
      if (booked.has(name)) return;
      const held = `${side} ${instrument.sizeText(lots)} at ${instrument.priceText(price)}, of order ${clientId}`;
      findings.differ({ what: 'fill', of: name, believed: null, held });
    },
    (fill) => (fill as Partial<Fill> | null)?.tradeId,
  );
  for (const [name, payload] of booked) {
    if (listed.has(name) || !(Number(payload['filled_at']) >= since)) continue;
    const [side, size, price] = ['side', 'quantity', 'price'].map((key) => textOf(payload, key));
    const believed = `${side ?? '?'} ${size ?? '?'} at ${price ?? '?'}, of order ${textOf(payload, 'client_id')}`;
    findings.differ({ what: 'fill', of: name, believed, held: null });
  }
}

const textOf = (payload: Payload, key: string): string => {
  const value = payload[key];
  return typeof value === 'string' ? value : '?';
};
