import { createHash } from 'node:crypto';
import { fault } from '../../domain/errors.js';
import type { Position } from '../../domain/position.js';
import { ticks, type Ticks } from '../../domain/units.js';
import { canonicalJson } from '../../platform/canonical-json.js';
import type { EntryPermit } from '../../ports/core-services/entry-permit.js';
import type {
  FlattenOptions,
  FlattenPlan,
  FlattenReport,
  FlattenStep,
} from '../../ports/core-services/operator-control.js';
import type { Portfolio } from '../../ports/runtime-state/portfolio.js';
import { assertSlippage } from './bounds.js';
import type { FlatteningPorts } from './flattening-ports.js';

const DEFAULT_SLIPPAGE_BPS = 100;
const BPS = 10_000;

/**
 * What flattening would do now. The name is of this bot, of what it holds, to the last fill, and of the worst slippage:
 * a plan is carried out by the bot that showed it, once, while it holds what it showed.
 */
export function planOf(ports: FlatteningPorts, { maxSlippageBps }: FlattenOptions = {}): FlattenPlan {
  const { config, portfolio, session, edition, permit, clock } = ports;
  const { botId, risk } = config.current;
  const slippage = maxSlippageBps ?? Math.min(DEFAULT_SLIPPAGE_BPS, risk.priceCollarBps.toNumber());
  assertSlippage(slippage);
  const price = (position: Position): Ticks | undefined =>
    worstPrice(position, { portfolio, permit, slippageBps: slippage, now: clock.now() });
  const steps = open(portfolio).map((position) => stepOf(position, portfolio, price(position)));
  const named = {
    botId,
    edition,
    venue: session.capabilities.venue,
    slippage,
    steps: steps.map(({ symbol, side, size }) => [symbol, side, size]),
  };
  const hash = createHash('sha256').update(canonicalJson(named)).digest('hex').slice(0, 12);
  return { hash, steps, maxSlippageBps: slippage };
}

/** Throws RISK-005 when another plan is meant than the one that holds, RISK-001 where nothing is sent. */
export function assertMayFlatten(
  hash: string,
  plan: FlattenPlan,
  {
    newest,
    config,
  }: {
    readonly newest: { readonly report: FlattenReport } | undefined;
    readonly config: FlatteningPorts['config'];
  },
): void {
  const last = newest?.report;
  if (last?.running === true)
    throw fault('RISK-005', `Plan ${last.hash} is being carried out; ${hash} must wait for its end.`, {
      fix: 'See perpsbot status, then ask for a new plan.',
    });
  if (plan.hash !== hash)
    throw fault('RISK-005', last?.hash === hash ? ended(last) : `The plan must be ${plan.hash} now, was ${hash}.`, {
      why: 'A plan is of one bot since its start and one --max-slippage, until anything is bought or sold.',
      fix: 'Look at the new plan: perpsbot flatten, and name it with --yes-plan.',
    });
  if (config.current.dryRun)
    throw fault('RISK-001', 'Nothing is sent in a dry run.', { fix: 'Close the positions at the venue.' });
}

const ended = ({ hash, flat, note }: FlattenReport): string =>
  flat
    ? `Plan ${hash} has been carried out; what is held now was not in it.`
    : `Plan ${hash} has ended, not flat: ${note ?? 'its deadline is over'}.`;

export const open = (portfolio: Portfolio): Position[] =>
  [...portfolio.positions()].filter((position) => !position.isFlat);

function stepOf(position: Position, portfolio: Portfolio, worst: Ticks | undefined): FlattenStep {
  const { instrument, size, lots: held } = position;
  const mark = portfolio.lastMark(instrument.symbol);
  return {
    symbol: instrument.symbol,
    side: held > 0 ? 'sell' : 'buy',
    size: size.abs().toString(),
    markPrice: mark === undefined ? null : instrument.markPrice(mark).toString(),
    worstPrice: worst === undefined ? null : instrument.price(worst).toString(),
  };
}

interface PriceTerms {
  readonly portfolio: Portfolio;
  readonly permit: Pick<EntryPermit, 'worstPrice'>;
  readonly slippageBps: number;
  readonly now: number;
}

/**
 * As it will be sent: rounded towards the mark, so that it never reaches further than was said, and at the collar where
 * that is nearer.
 */
export function worstPrice(
  { instrument, lots: held }: Position,
  { portfolio, permit, slippageBps, now }: PriceTerms,
): Ticks | undefined {
  const mark = portfolio.lastMark(instrument.symbol);
  if (mark === undefined || !(mark > 0)) return undefined;
  const price = instrument.markPrice(mark);
  const give = price.times(slippageBps).div(BPS);
  const side = held > 0 ? 'sell' : 'buy';
  const collar = permit.worstPrice({ instrument, side, reduceOnly: true }, now);
  return held > 0
    ? ticks(Math.max(instrument.toTicks(price.minus(give), 'ceil'), collar ?? -Infinity))
    : ticks(Math.min(instrument.toTicks(price.plus(give), 'floor'), collar ?? Infinity));
}
