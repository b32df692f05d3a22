import { readPage } from '../../../border/pages.js';
import { requireList } from '../../../border/reading.js';
import type { Fill } from '../../../domain/order.js';
import { fillFromRecord, fundingFromRecord, type InstrumentResolver } from '../../../domain/records.js';
import { writtenDecimal } from '../../../domain/decimal.js';
import { withDeadline, type Deadline } from '../../../flow/deadline.js';
import { askUnlessHeld, type Asking } from '../../../flow/left-alone.js';
import { readPages } from '../../../flow/pages.js';
import type { RequestBudget, RequestKind } from '../../../ports/core-services/request-budget.js';
import type { AccountEvent } from '../../../ports/venue/account-event.js';
import type { AccountAccess } from '../../../ports/venue/account-access.js';
import type { Capabilities } from '../../../ports/venue/capabilities.js';
import type { EventStore, StoredEvent } from '../../../ports/storage/event-store.js';
import { FOLDS } from '../../../ports/storage/journal-folds.js';
import { numberOf, textOf } from '../orders/payload-fields.js';

/**
 * Clocks differ and queries lag: each query reaches this far behind what is known. Everything is applied once anyway.
 */
const OVERLAP_MS = 60_000;

type Kind = 'fill' | 'funding' | 'transfer';

/** Up to which instant each kind of event is known. */
export class Watermarks {
  private readonly last: Record<Kind, number | undefined> = {
    fill: undefined,
    funding: undefined,
    transfer: undefined,
  };

  constructor(private baseline: number | undefined) {}

  /** Events before it belong to the opening balance. Kept from the first call on. */
  startAt(baseline: number): void {
    this.baseline ??= baseline;
  }

  get started(): boolean {
    return this.baseline !== undefined;
  }

  see(kind: Kind, at: number): void {
    this.last[kind] = Math.max(this.last[kind] ?? at, at);
  }

  /** Where to ask from; `notAfter` is older than every event still expected. */
  since(kind: Kind, notAfter = Infinity): number {
    const floor = this.baseline ?? 0;
    const last = this.last[kind];
    return last === undefined ? floor : Math.max(floor, Math.min(last, notAfter) - OVERLAP_MS);
  }
}

interface HistoryAsking extends Asking, Pick<Deadline<unknown>, 'scheduler' | 'limitMs'> {
  readonly budget: Pick<RequestBudget, 'sent' | 'heed' | 'heldUntil'>;
  /** The part of the rate that it is charged to. */
  readonly kind: RequestKind;
}

/**
 * Asks the venue for fills, payments and transfers and hands each on, oldest first per kind. Returns how many were new.
 * Each answer has a limit, each question is a request, and pages that do not end are given up: whoever waits for the
 * account waits for this.
 */
export async function fetchHistory(
  account: AccountAccess,
  can: Pick<Capabilities, 'fundingPayments' | 'transfers'>,
  marks: Watermarks,
  oldestOpen: number,
  take: (event: AccountEvent) => boolean,
  { budget, clock, kind, ...limit }: HistoryAsking,
): Promise<number> {
  let fresh = 0;
  const ask = <T>(question: () => Promise<T>): Promise<T> => {
    const put = (): Promise<T> => {
      budget.sent(kind, clock.now());
      return question();
    };
    return withDeadline(askUnlessHeld(put, { budget, clock }), limit);
  };
  const listed = async <T>(question: () => Promise<readonly T[]>, what: string): Promise<readonly T[]> => {
    const rows = await ask(question);
    requireList(rows, what);
    return rows;
  };
  const since = marks.since('fill', oldestOpen);
  await readPages(
    async (cursor) => readPage(await ask(() => account.listFills(since, cursor))),
    (fill) => {
      if (take({ kind: 'fill', fill })) fresh += 1;
    },
    (fill) => (fill as Partial<Fill> | null)?.tradeId,
  );
  if (can.fundingPayments) {
    const question = () => account.listFundingPayments(marks.since('funding'));
    for (const payment of await listed(question, 'Funding payments'))
      if (take({ kind: 'funding', payment })) fresh += 1;
  }
  if (can.transfers !== false) {
    const question = () => account.listTransfers(marks.since('transfer'));
    for (const transfer of await listed(question, 'Transfers')) if (take({ ...transfer, kind: 'transfer' })) fresh += 1;
  }
  return fresh;
}

/**
 * Hands on every event the journal has of the account, in order; those are late which no order of ours explained when
 * they came. Returns the records of instruments not known any more.
 */
export function replayHistory(
  journal: EventStore,
  resolve: InstrumentResolver,
  replay: (event: AccountEvent, isLate: boolean) => void,
): readonly number[] {
  const leftOut: number[] = [];
  for (const stored of journal.fold(FOLDS.accountHistory)) {
    const event = eventOf(stored, resolve);
    if (event === undefined) leftOut.push(stored.seq);
    else replay(event, stored.type === 'external_fill');
  }
  return leftOut;
}

function eventOf(stored: StoredEvent, resolve: InstrumentResolver): AccountEvent | undefined {
  const record = stored.payload;
  switch (stored.type) {
    case 'fill':
    case 'external_fill': {
      const fill = fillFromRecord(record, resolve);
      return fill === undefined ? undefined : { kind: 'fill', fill };
    }
    case 'funding': {
      const payment = fundingFromRecord(record, resolve);
      return payment === undefined ? undefined : { kind: 'funding', payment };
    }
    default:
      return {
        kind: 'transfer',
        id: textOf(record, 'transfer_id'),
        amount: writtenDecimal(textOf(record, 'amount'), 'amount'),
        asset: textOf(record, 'asset'),
        at: numberOf(record, 'transferred_at'),
      };
  }
}
