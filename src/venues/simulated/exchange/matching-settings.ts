import { rateOf } from '../../../domain/instrument.js';
import type { SimulationSettings } from '../../../ports/configuration/settings/simulation-settings.js';
import { useMarginSettings } from './margin-settings.js';
import type { SharedParts } from './shared-parts.js';
import type { VenueParts } from './venue-parts.js';

const BPS = 10_000;

/**
 * One account for every venue that is named; one without a name where none is. Throws DATA-* for a file of filter
 * changes that is none.
 */
export function openVenues(
  parts: SharedParts,
  simulation: SimulationSettings,
  readText: (path: string) => string | undefined,
): void {
  const names = Object.keys(simulation.venues);
  for (const name of names.length === 0 ? [''] : names) {
    const venue = parts.add(name);
    venue.account.unit = parts.unit;
    useMatchingSettings(venue, simulation, readText);
    useMarginSettings(venue, simulation);
  }
}

/** What new accounts and their insurance funds begin with. */
export function endowVenues(
  { venues, unit }: SharedParts,
  { equity, venues: named, margin }: SimulationSettings,
): void {
  for (const { name, account } of venues) {
    account.deposit(unit.units(named[name]?.equity ?? equity, 'nearest'));
    account.books.endow(unit.units(margin.insuranceFund, 'nearest'));
  }
}

/** How orders are checked and matched, as configured. Throws DATA-* for a file of filter changes that is none. */
function useMatchingSettings(
  parts: VenueParts,
  simulation: SimulationSettings,
  readText: (path: string) => string | undefined,
): void {
  const { barHalfSpreadBps, maxVolumeShare, matching } = simulation;
  const { barPath, queue, queueExponent, maxOpenOrders, maxConditionalOrders, priceBand } = matching;
  const { tradeLiquidity, exitsEndWithPosition, selfTrade, filterChanges } = matching;
  Object.assign(parts.terms, {
    halfSpread: rateOf(barHalfSpreadBps.div(BPS)),
    volumeShare: maxVolumeShare === undefined ? undefined : rateOf(maxVolumeShare),
    barPath,
    queue,
    queueExponent,
    tradeLiquidity,
    fillsOnTouch: queue === 'front',
    maxOpenOrders,
    maxConditionalOrders,
    priceBand: priceBand === undefined ? undefined : rateOf(priceBand),
  });
  parts.desk.selfTrade.prevention = selfTrade;
  parts.desk.exitsEndWithPosition = exitsEndWithPosition;
  if (filterChanges !== undefined) parts.changes.load(readText(filterChanges), filterChanges);
}
