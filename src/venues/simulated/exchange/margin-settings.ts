import { fault } from '../../../domain/errors.js';
import { Instrument, rateOf, type MarginTier } from '../../../domain/instrument.js';
import type { SimulationSettings } from '../../../ports/configuration/settings/simulation-settings.js';
import { parseTiers, tiersOf } from '../models/tier-file.js';
import type { VenueParts } from './venue-parts.js';

const BPS = 10_000;

/**
 * Puts the configured margin, liquidation and fee terms into force. A stored state that is restored afterwards has the
 * last word.
 */
export function useMarginSettings(
  { account, liquidator, guard }: VenueParts,
  { margin, feeTiers, barHalfSpreadBps }: SimulationSettings,
): void {
  account.marginMode = margin.mode;
  account.positionMode = margin.positionMode;
  for (const [symbol, leverage] of Object.entries(margin.leverage)) account.leverages.set(symbol, leverage.toNumber());
  account.schedule.use(feeTiers, account.unit);
  guard.liquidates = margin.liquidation;
  liquidator.use(margin, rateOf(barHalfSpreadBps.div(BPS)));
}

/** The brackets of the configured file; empty where none is named. Throws CFG-005 for a file that is missing. */
export function configuredTiers(
  { margin: { tiers } }: SimulationSettings,
  readText: (path: string) => string | undefined,
): ReadonlyMap<string, readonly MarginTier[]> {
  if (tiers === undefined) return new Map();
  const text = readText(tiers);
  if (text === undefined)
    throw fault('CFG-005', `simulation.margin.tiers must name a file, there is none at ${tiers}.`);
  return parseTiers(text, tiers);
}

/** The instrument with the brackets of the file, unless it has its own. */
export function withTiers(instrument: Instrument, tiers: ReadonlyMap<string, readonly MarginTier[]>): Instrument {
  const { spec } = instrument;
  const found = spec.tiers === undefined && spec.kind !== 'spot' ? tiersOf(tiers, spec) : undefined;
  return found === undefined ? instrument : new Instrument({ ...spec, tiers: found }, instrument.unit);
}
