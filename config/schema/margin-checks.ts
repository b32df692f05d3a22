import type { InstrumentSpec } from '../../src/domain/instrument.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import type { FeeTierSettings } from '../../src/ports/configuration/settings/simulation-settings.js';
import type { Checker } from './check.js';

/** What margin, fees and contracts of the exchange inside demand of each other. */
export function checkMargin(config: BotConfig, checker: Checker): void {
  for (const spec of Object.values(config.instruments)) checkContract(spec, checker);
  checkLeverages(config, checker);
  checkFeeTiers(config, checker);
  checkVenues(config, checker);
}

/** What is traded says what it settles in. */
function checkContract({ symbol, contract, base, quote, settle }: InstrumentSpec, checker: Checker): void {
  const paths = [`instruments.${symbol}.contract`, `instruments.${symbol}.settle`];
  if (contract === 'inverse')
    checker.require(
      settle === base,
      'CFG-006',
      paths,
      `${symbol} is inverse and must settle in ${base}, was ${settle}.`,
      `Set settle: ${base}.`,
    );
  if (contract === undefined || contract === 'linear')
    checker.require(
      settle === quote,
      'CFG-006',
      paths,
      `${symbol} is linear and must settle in ${quote}, was ${settle}.`,
      `Set settle: ${quote}, or contract: inverse or quanto.`,
    );
  if (contract === 'quanto')
    checker.require(
      settle !== base && settle !== quote,
      'CFG-006',
      paths,
      `${symbol} is a quanto and must settle in neither ${base} nor ${quote}, was ${settle}.`,
      'Set contract: linear or inverse, or another settle.',
    );
}

function checkLeverages({ instruments, simulation }: BotConfig, checker: Checker): void {
  for (const [symbol, leverage] of Object.entries(simulation.margin.leverage)) {
    const path = `simulation.margin.leverage.${symbol}`;
    const spec = instruments[symbol];
    checker.require(
      spec !== undefined,
      'CFG-007',
      [path],
      `${path}: unknown instrument ${symbol}.`,
      'Correct the symbol, or describe it under instruments.',
    );
    if (spec !== undefined)
      checker.require(
        leverage.lte(spec.maxLeverage),
        'CFG-006',
        [path, `instruments.${symbol}.maxLeverage`],
        `${path} must be at most ${symbol}'s ${spec.maxLeverage.toString()}, was ${leverage.toString()}.`,
        `Lower ${path}.`,
      );
  }
}

/**
 * Each venue of the exchange inside is an account of its own, and the bot has one portfolio: one currency for all of
 * them.
 */
function checkVenues({ symbols, instruments, simulation }: BotConfig, checker: Checker): void {
  const named = Object.keys(simulation.venues);
  const specs = symbols.flatMap((symbol) => instruments[symbol] ?? []);
  const venues = [...new Set(specs.flatMap(({ venue }) => venue ?? []))];
  const paths = specs.map(({ symbol }) => `instruments.${symbol}.venue`);
  if (named.length === 0) {
    checker.require(
      venues.length < 2,
      'CFG-006',
      [...paths, 'simulation.venues'],
      `Instruments of ${venues.join(' and ')} in one run must have an account each; simulation.venues names none.`,
      `Give each its equity: simulation.venues: { ${venues.map((venue) => `${venue}: { equity: ... }`).join(', ')} }.`,
    );
    return;
  }
  for (const [name, { equity }] of Object.entries(simulation.venues) as [string, { equity?: unknown }][]) {
    const path = `simulation.venues.${name}.equity`;
    checker.require(equity !== undefined, 'CFG-006', [path], `${path} must be given, was absent.`, `Add ${path}.`);
  }
  for (const { symbol, venue } of specs) {
    checker.require(
      venue !== undefined && named.includes(venue),
      'CFG-006',
      [`instruments.${symbol}.venue`, 'simulation.venues'],
      `instruments.${symbol}.venue must be one of simulation.venues (${named.join(', ')}), was ${venue ?? 'absent'}.`,
      'Name its venue, or add the venue to simulation.venues.',
    );
  }
  const currencies = [...new Set(specs.map(({ settle }) => settle))];
  checker.require(
    currencies.length < 2,
    'CFG-006',
    specs.map(({ symbol }) => `instruments.${symbol}.settle`),
    `Venues of one run must settle in one currency, for there is one portfolio; were ${currencies.join(' and ')}.`,
    'Run one bot for each currency.',
  );
}

/** A fee that is not named is not zero, and two tiers from one volume would leave open which of them holds. */
function checkFeeTiers({ simulation: { feeTiers } }: BotConfig, checker: Checker): void {
  const byVolume = new Map<string, string>();
  for (const [name, tier] of Object.entries(feeTiers) as [string, Partial<FeeTierSettings>][]) {
    const path = `simulation.feeTiers.${name}`;
    const missing = (['volume', 'makerFee', 'takerFee'] as const).filter((field) => tier[field] === undefined);
    checker.require(
      missing.length === 0,
      'CFG-006',
      [path],
      `${path} must be complete; missing: ${missing.join(', ')}.`,
      `Add ${missing.map((field) => `${path}.${field}`).join(' and ')}.`,
    );
    const { volume } = tier;
    if (volume === undefined) continue;
    const other = byVolume.get(volume.toString());
    checker.require(
      other === undefined,
      'CFG-006',
      [`simulation.feeTiers.${name}.volume`],
      `simulation.feeTiers.${name}.volume must differ from that of ${other ?? ''}, was ${volume.toString()}.`,
      'Give each tier a volume of its own.',
    );
    byVolume.set(volume.toString(), name);
  }
}
