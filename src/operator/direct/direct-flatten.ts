import { createHash } from 'node:crypto';
import { directOrderId } from '../../domain/client-order-id.js';
import { Decimal } from '../../domain/decimal.js';
import { fault, messageOf } from '../../domain/errors.js';
import type { Instrument } from '../../domain/instrument.js';
import type { VenuePosition } from '../../domain/market.js';
import { OrderRequest } from '../../domain/order.js';
import { canonicalJson } from '../../platform/canonical-json.js';
import { lots } from '../../domain/units.js';
import type { Clock } from '../../ports/configuration/clock.js';
import type { FlattenPlan, FlattenStep } from '../../ports/core-services/operator-control.js';
import type { DirectOrder } from '../../ports/storage/operator-requests.js';
import type { AccountAccess } from '../../ports/venue/account-access.js';
import type { OrderEntry } from '../../ports/venue/order-entry.js';
import { haltDirectly, isProtecting, type DirectPorts } from './direct-halt.js';
import { DIRECT_WINDOW_MS } from './direct-orders.js';

const BPS = 10_000;
const PAUSE_MS = 1_000;
/** How long entries and targets may take to be withdrawn before the first order goes all the same. */
const WITHDRAWN_WITHIN_MS = 5_000;

export interface DirectFlattenPorts extends DirectPorts {
  readonly account: Pick<AccountAccess, 'listOpenOrders' | 'listPositions'>;
  readonly entry: Pick<OrderEntry, 'cancelOrder' | 'placeOrder'>;
  readonly botId: string;
  /** The venue's name of the account. */
  readonly accountId: string;
  readonly instrument: (symbol: string) => Instrument | undefined;
  /** In basis points of the mark. */
  readonly slippageBps: number;
  /** The venue's time. */
  readonly world: Pick<Clock, 'now'>;
  /** Leaves the orders beside the journal; on disk when it returns. */
  readonly leave: (orders: readonly DirectOrder[]) => void;
}

/** What is asked for: without a plan's name it is shown one. */
export interface DirectFlattenRequest {
  readonly plan?: string;
  readonly maxSlippageBps?: number;
  readonly deadlineMs: number;
  readonly leave: DirectFlattenPorts['leave'];
}

export interface DirectFlattenReport {
  readonly hash: string;
  /** The venue holds nothing any more in the symbols of the bot. */
  readonly flat: boolean;
  readonly sent: readonly (DirectOrder & { readonly outcome: string })[];
  readonly remaining: readonly { readonly symbol: string; readonly size: string }[];
  readonly mayBeLive: readonly string[];
  readonly note: string | null;
}

/** What is held now, at the venue, in the symbols of the bot. Throws VENUE-003 for a hedged account. */
async function heldBy({ account, symbols }: DirectFlattenPorts): Promise<VenuePosition[]> {
  const own = (await account.listPositions()).filter(({ symbol, size }) => symbols.includes(symbol) && !size.isZero());
  const [hedged] = own.filter(({ positionSide }) => positionSide !== undefined);
  if (hedged === undefined) return own;
  throw fault('VENUE-003', `The position in ${hedged.symbol} must be a net one to be taken off from here, is hedged.`, {
    fix: 'Close it on the venue itself.',
  });
}

/** Named by what is held, to the entry price: a plan is carried out while that is so, and no other. */
export async function planDirectly(ports: DirectFlattenPorts): Promise<FlattenPlan> {
  const held = await heldBy(ports);
  const { botId, accountId, slippageBps } = ports;
  const named = held.map(({ symbol, size, entryPrice }) => [symbol, size.toString(), entryPrice.toString()]);
  const text = canonicalJson({ direct: true, botId, accountId, slippageBps, named });
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return { hash, steps: held.map((position) => stepOf(position, ports)), maxSlippageBps: slippageBps };
}

function stepOf(position: VenuePosition, ports: DirectFlattenPorts): FlattenStep {
  const { symbol, size, markPrice } = position;
  return {
    symbol,
    side: size.isNegative() ? 'buy' : 'sell',
    size: size.abs().toString(),
    markPrice: markPrice?.toString() ?? null,
    worstPrice: worstOf(position, ports)?.toString() ?? null,
  };
}

/** Rounded towards the mark, so that it never reaches further than was said. */
function worstOf({ symbol, size, markPrice }: VenuePosition, ports: DirectFlattenPorts): Decimal | undefined {
  const instrument = ports.instrument(symbol);
  if (instrument === undefined || markPrice?.gt(0) !== true) return undefined;
  const give = markPrice.times(ports.slippageBps).div(BPS);
  return size.isNegative()
    ? instrument.price(instrument.toTicks(markPrice.plus(give), 'floor'))
    : instrument.price(instrument.toTicks(markPrice.minus(give), 'ceil'));
}

/**
 * Carries out the plan of this name past the bot: entries and targets are withdrawn, then orders that can only reduce
 * and are over at once, each beside the journal before it leaves, until the venue holds nothing; stops leave last.
 * Rejects with RISK-005 when another plan holds: nothing has been sent then.
 */
export async function flattenDirectly(
  ports: DirectFlattenPorts,
  hash: string,
  deadlineMs: number,
): Promise<DirectFlattenReport> {
  const { clock, scheduler, world } = ports;
  const plan = await planDirectly(ports);
  if (plan.hash !== hash)
    throw fault('RISK-005', `The plan must be ${plan.hash} now, was ${hash}.`, {
      why: 'A plan is of what is held, until anything is bought or sold.',
      fix: 'Look at the new plan: perpsbot flatten --direct, and name it with --yes-plan.',
    });
  const until = clock.monotonic() + deadlineMs;
  ports.leave([]);
  let withdrawn = await haltDirectly(ports, WITHDRAWN_WITHIN_MS);
  const stamp = world.now();
  const sent: DirectFlattenReport['sent'][number][] = [];
  let note: string | null = withdrawn.problem;
  let held: VenuePosition[] | undefined;
  while (clock.monotonic() < until) {
    try {
      held = await heldBy(ports);
      if (held.length === 0) break;
      const orders = held.flatMap((position, at) => orderOf(position, sent.length + at + 1, stamp, ports));
      ports.leave(orders);
      for (const order of orders) {
        const outcome = await send(order, ports);
        sent.push({ ...order, outcome });
        if (outcome !== 'accepted') note = `${order.symbol}: ${outcome}`;
      }
    } catch (error) {
      note = messageOf(error);
    }
    await scheduler.sleep(PAUSE_MS);
  }
  const flat = held?.length === 0;
  withdrawn = await haltDirectly(ports, WITHDRAWN_WITHIN_MS);
  const left = flat ? await withdrawStops(ports) : [];
  const mayBeLive = [...withdrawn.mayBeLive, ...left];
  const remaining = (held ?? []).map(({ symbol, size }) => ({ symbol, size: size.toString() }));
  return { hash, flat: flat && mayBeLive.length === 0, sent, remaining, mayBeLive, note: flat ? null : note };
}

/** As much of it as one order may have. */
function orderOf(
  position: VenuePosition,
  nth: number,
  stamp: number,
  ports: DirectFlattenPorts,
): readonly DirectOrder[] {
  const { symbol, size } = position;
  const instrument = ports.instrument(symbol);
  const worst = worstOf(position, ports);
  if (instrument === undefined || worst === undefined)
    throw fault('VENUE-005', `${symbol} must have a mark and be listed, and has not: nothing can be sent of it.`);
  const most = instrument.size(lots(Math.min(instrument.maxLots, instrument.toLots(size.abs(), 'floor'))));
  return [
    {
      ...{ clientId: directOrderId(ports.botId, stamp, nth), symbol, side: size.isNegative() ? 'buy' : 'sell' },
      ...{ size: most.toString(), limit: worst.toString(), expiresAt: ports.world.now() + DIRECT_WINDOW_MS },
    },
  ];
}

async function send(order: DirectOrder, { entry, instrument: find }: DirectFlattenPorts): Promise<string> {
  const { clientId, symbol, side, size, limit, expiresAt } = order;
  const instrument = find(symbol) as Instrument;
  const result = await entry.placeOrder(
    new OrderRequest({
      ...{
        clientId,
        instrument,
        side,
        type: 'limit',
        timeInForce: 'IOC',
        postOnly: false,
        reduceOnly: true,
        expiresAt,
      },
      lots: instrument.toLots(new Decimal(size), 'floor'),
      limit: instrument.toTicks(new Decimal(limit), 'nearest'),
    }),
  );
  if (result.outcome === 'rejected') return `rejected: ${result.reason}: ${result.message}`;
  return result.outcome === 'unknown' ? `unknown: ${result.cause}` : 'accepted';
}

/** Nothing is held: what protects it has nothing to protect. Names those that are not known to have ended. */
async function withdrawStops({ account, entry, symbols, isOwn }: DirectFlattenPorts): Promise<string[]> {
  const listed = (await Promise.all(symbols.map((symbol) => account.listOpenOrders(symbol)))).flat();
  const left: string[] = [];
  for (const order of listed) {
    const { clientId, symbol, venueId } = order;
    if (clientId === undefined || !isOwn(clientId) || !isProtecting(order)) continue;
    const { outcome } = await entry.cancelOrder({ clientId, symbol, venueIds: [venueId] });
    if (outcome !== 'cancelled' && outcome !== 'not_open') left.push(clientId);
  }
  return left;
}
