import type { SimulationSettings } from '../../../ports/configuration/settings/simulation-settings.js';
import { FilterChanges } from '../core/filter-changes.js';
import { delaysOf } from '../models/wire.js';
import { configuredTiers } from './margin-settings.js';

/** Reads every file that the settings of the simulation name, as a start does. Throws CFG-005, DATA-*. */
export function checkSettingsFiles(
  simulation: SimulationSettings,
  readText: (path: string) => string | undefined,
): void {
  configuredTiers(simulation, readText);
  delaysOf(simulation.latency, simulation.seed, readText);
  const { filterChanges } = simulation.matching;
  if (filterChanges !== undefined) new FilterChanges().load(readText(filterChanges), filterChanges);
}
