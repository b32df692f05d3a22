import { messageOf } from '../../domain/errors.js';
import { protects } from '../../domain/order-state.js';
import type { HostClock } from '../../ports/configuration/clock.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { AccountAccess } from '../../ports/venue/account-access.js';
import type { OrderEntry } from '../../ports/venue/order-entry.js';
import { UNASKED_ORDERS } from '../../ports/core-services/operator-control.js';
import type { VenueOrder } from '../../ports/venue/venue-order.js';

/** What a bot had on its way when its loop stopped has arrived by then. */
const PAUSE_MS = 1_000;
/** Looks in a row that must find nothing. */
const LOOKS_NEEDED = 2;

export interface DirectPorts {
  readonly account: Pick<AccountAccess, 'listOpenOrders'>;
  readonly entry: Pick<OrderEntry, 'cancelOrder'>;
  /** Symbols whose orders are listed: a list of all of them is dear to ask for. */
  readonly symbols: readonly string[];
  readonly isOwn: (clientId: string) => boolean;
  readonly scheduler: Scheduler;
  readonly clock: Pick<HostClock, 'monotonic'>;
}

export interface DirectHaltReport {
  /** The venue has said, twice in a row, that none of the bot's orders is open but those of protection. */
  readonly done: boolean;
  readonly cancelled: readonly string[];
  readonly mayBeLive: readonly string[];
  /** Stops that can only reduce: they stay. */
  readonly kept: readonly string[];
  /** Of somebody else: untouched. */
  readonly foreign: readonly string[];
  /** Why the newest look was none; null where it was. */
  readonly problem: string | null;
}

/** Whether it stays at a halt, by what the venue says of it. */
export const isProtecting = ({ reduceOnly, closePosition, type }: VenueOrder): boolean =>
  protects({ reduceOnly: reduceOnly || closePosition === true, type });

/**
 * Withdraws whatever of the bot's does not protect, with a venue client of this process, until the venue has said twice
 * that nothing of it is left, or `withinMs` are over. Sends cancellations alone. Never rejects.
 */
export async function haltDirectly(
  { account, entry, symbols, isOwn, scheduler, clock }: DirectPorts,
  withinMs: number,
  tell: (report: DirectHaltReport) => void = () => undefined,
): Promise<DirectHaltReport> {
  const until = clock.monotonic() + withinMs;
  const cancelled = new Set<string>();
  let report: DirectHaltReport;
  for (let empty = 0; ;) {
    let [kept, foreign, left]: readonly [VenueOrder[], VenueOrder[], VenueOrder[]] = [[], [], []];
    let problem: string | null = null;
    try {
      const listed = (await Promise.all(symbols.map((symbol) => account.listOpenOrders(symbol)))).flat();
      const own = listed.filter(({ clientId }) => clientId !== undefined && isOwn(clientId));
      foreign = listed.filter((order) => !own.includes(order));
      kept = own.filter(isProtecting);
      left = own.filter((order) => !isProtecting(order));
      empty = left.length === 0 ? empty + 1 : 0;
      await Promise.all(
        left.map(async ({ clientId = '', symbol, venueId }) => {
          const { outcome } = await entry.cancelOrder({ clientId, symbol, venueIds: [venueId] });
          if (outcome === 'cancelled') cancelled.add(clientId);
        }),
      );
    } catch (error) {
      empty = 0;
      problem = messageOf(error);
    }
    const mayBeLive = namesOf(left).filter((name) => !cancelled.has(name));
    report = {
      done: empty >= LOOKS_NEEDED,
      cancelled: [...cancelled],
      mayBeLive: problem === null ? mayBeLive : [...mayBeLive, UNASKED_ORDERS],
      kept: namesOf(kept),
      foreign: namesOf(foreign),
      problem,
    };
    tell(report);
    if (report.done || clock.monotonic() >= until) return report;
    await scheduler.sleep(PAUSE_MS);
  }
}

const namesOf = (orders: readonly VenueOrder[]): string[] => orders.map(({ clientId, venueId }) => clientId ?? venueId);
