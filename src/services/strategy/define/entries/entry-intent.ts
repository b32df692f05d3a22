import type { Decision } from '../../../../domain/decision.js';
import type { Instrument } from '../../../../domain/instrument.js';
import { opposite } from '../../../../domain/order.js';
import { lots, type Lots } from '../../../../domain/units.js';
import type { Intent } from '../../../../ports/strategy/intent.js';
import type { OrderTicket } from '../../../../ports/strategy/order-ticket.js';
import { rungTag } from '../../exits/ladder-keeper.js';
import { perPriceOf } from '../../exits/moving-stop.js';
import { rungLots, rungTicks } from '../../exits/take-profit.js';
import { timeOver } from '../../exits/term-words.js';
import type { ExitPlan } from '../../host/live-ticket.js';
import type { EntryOrder, PlannedEntry } from './entry-order.js';
import { entryTag } from './entry-record.js';

/** What was asked for a side, as it was planned. */
export interface WishedEntry {
  readonly order: EntryOrder;
  readonly planned: PlannedEntry;
}

/** What an entry was sized on, and what a limit left of it, go with its order. */
export type SizedIntent = Intent & { readonly plan: ExitPlan } & Pick<Decision, 'basis' | 'cut'>;

export function entryIntent(
  instrument: Instrument,
  side: 'buy' | 'sell',
  { order: { why, values, tag = entryTag(side) }, planned: { decision, ground, stop: level, exits } }: WishedEntry,
): SizedIntent {
  const { type, limit, stop, triggerBy, postOnly } = ground;
  const { quantity = lots(0), leverage, basis, cut } = decision;
  return {
    ...{ instrument, side, type, lots: quantity, why, role: 'entry', tag },
    plan: { stop: level, exits },
    ...(values === undefined ? {} : { values }),
    ...(limit === undefined ? {} : { limit }),
    ...(stop === undefined ? {} : { stop }),
    ...(triggerBy === undefined ? {} : { triggerBy }),
    ...(postOnly === undefined ? {} : { postOnly }),
    ...(leverage === undefined ? {} : { leverage }),
    ...(basis === undefined ? {} : { basis }),
    ...(cut === undefined ? {} : { cut }),
  };
}

/**
 * The rungs that travel with an entry at market, so that they take part in the very bar in which it fills. Behind one
 * that rests they follow with what has filled: in their full size they could take the whole of a partial fill.
 */
export function followersOf(
  { instrument, side, type, lots: size }: Intent,
  { planned }: WishedEntry,
): readonly Intent[] {
  const rungs = planned.exits.takeProfit ?? [];
  if (type !== 'market' || rungs.length === 0) return [];
  const sign = side === 'buy' ? 1 : -1;
  const entry = planned.ground.reference / instrument.marksPerTick;
  const risk = Math.abs(entry - (planned.stop ?? Number.NaN));
  const ground = { entry, risk, perPrice: perPriceOf(instrument) };
  return rungLots(size, rungs, instrument).flatMap((each: Lots, index): readonly Intent[] => {
    const rung = rungs[index];
    const limit = rung === undefined ? undefined : rungTicks(rung, sign, ground);
    if (rung === undefined || limit === undefined || each < instrument.minLots) return [];
    return [
      {
        ...{ instrument, side: opposite(side), type: 'limit', lots: each, limit, reduceOnly: true },
        ...{ role: 'take_profit', tag: rungTag(index), why: `take-profit ${index + 1}` },
        ...(rung.postOnly === undefined ? {} : { postOnly: rung.postOnly }),
      },
    ];
  });
}

/** What an order whose time is over has left for the market; undefined where there is nothing, or nobody wants it. */
export function restOf(
  instrument: Instrument,
  ticket: OrderTicket,
  timing: Parameters<typeof timeOver>[1],
): Intent | undefined {
  const { side, role, tag, why, status } = ticket;
  const left = ticket.lots - ticket.filledLots;
  if (!(left > 0) || status === 'rejected' || status === 'liquidated') return undefined;
  return {
    ...{ instrument, side, type: 'market', lots: lots(left), role, tag },
    why: `${why}: ${timeOver(role === 'entry' ? 'entry' : 'order', timing)}`,
  };
}
