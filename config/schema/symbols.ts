import { Instrument, type InstrumentSpec } from '../../src/domain/instrument.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import { CATALOGUE } from './catalogue.js';
import type { Checker } from './check.js';
import { nearest } from './suggest.js';

const SPEC_KEYS = [
  'base',
  'quote',
  'settle',
  'kind',
  'tick',
  'step',
  'minSize',
  'minNotional',
  'maxLeverage',
  'makerFee',
  'takerFee',
  'maintenanceRate',
  'fundingIntervalHours',
] as const satisfies readonly (keyof InstrumentSpec)[];

/** Products of which some layer above the defaults says something; undefined where nobody knows who said what. */
function describedIn({ entries, layered }: Checker): ReadonlySet<string> | undefined {
  if (!layered) return undefined;
  const described = new Set<string>();
  for (const [path, { rank }] of entries) {
    if (rank === 0 || !path.startsWith('instruments.')) continue;
    const [, symbol = ''] = path.split('.');
    described.add(symbol);
  }
  return described;
}

/** Every product is complete, exact, and consistent with itself. The shipped ones are: they are not asked again. */
export function checkInstruments(config: BotConfig, checker: Checker): void {
  const described = describedIn(checker);
  for (const [symbol, spec] of Object.entries(config.instruments)) {
    if (described?.has(symbol) === false && Object.hasOwn(CATALOGUE, symbol)) continue;
    const at = `instruments.${symbol}`;
    const missing = SPEC_KEYS.filter(
      (key) => (spec as Partial<InstrumentSpec>)[key] === undefined && !checker.isRefused(`${at}.${key}`),
    );
    checker.require(
      missing.length === 0,
      'CFG-002',
      [at],
      `${at} must be complete; missing: ${missing.join(', ')}.`,
      `Add ${missing.join(', ')}.`,
    );
    if (SPEC_KEYS.some((key) => (spec as Partial<InstrumentSpec>)[key] === undefined)) continue;
    checker.require(
      spec.symbol === symbol,
      'CFG-006',
      [`${at}.symbol`, at],
      `${at}.symbol must be ${symbol}, was ${spec.symbol}.`,
      'Leave symbol out.',
    );
    checker.require(
      spec.maintenanceRate.times(spec.maxLeverage).lt(1),
      'CFG-006',
      [`${at}.maintenanceRate`, `${at}.maxLeverage`],
      `${at}.maintenanceRate must be below the initial margin at maxLeverage ${spec.maxLeverage.toString()}.`,
      'Lower maxLeverage or maintenanceRate.',
    );
    checker.attempt([`${at}.tick`, `${at}.step`], () => new Instrument(spec));
  }
}

/** Every symbol that is named is a known product; nothing is replaced by something similar. */
export function checkSymbols(config: BotConfig, checker: Checker): void {
  const known = Object.keys(config.instruments);
  // What a venue trades it says itself, once it is asked: what it does not list is never opened.
  const isListedThere = config.world === 'live' && config.venue.name !== undefined;
  const check = (symbol: string, path: string, paths: readonly string[]): void => {
    // Most are, and the search for a name like it is the dearest part of reading a configuration.
    if (known.includes(symbol) || (isListedThere && config.symbols.includes(symbol))) return;
    const close = nearest(symbol, known) ?? known.find((candidate) => candidate.split('-')[0] === symbol.split('-')[0]);
    const hint = close === undefined ? 'Correct the symbol' : `Did you mean ${close}? If not, correct the symbol`;
    checker.require(
      false,
      'CFG-007',
      paths,
      `${path}: unknown instrument ${symbol}${close === undefined ? '' : `; did you mean ${close}?`}`,
      `${hint}, or describe it under instruments.`,
    );
  };
  for (const symbol of config.symbols) check(symbol, 'symbols', ['symbols']);
  for (const [path, map] of symbolMaps(config)) {
    for (const symbol of Object.keys(map)) check(symbol, path, [`${path}.${symbol}`]);
  }
  checkKinds(config, checker);
}

function checkKinds(config: BotConfig, checker: Checker): void {
  for (const symbol of config.symbols) {
    const spec = config.instruments[symbol];
    if (spec === undefined) continue;
    checker.require(
      !(config.strategy.targetLeverage > Number(spec.maxLeverage)) || !config.derivatives || spec.kind === 'spot',
      'CFG-006',
      ['strategy.targetLeverage', 'symbols'],
      `strategy.targetLeverage must be at most ${symbol}'s ${spec.maxLeverage.toString()}, was ${String(config.strategy.targetLeverage)}.`,
      'Lower strategy.targetLeverage.',
    );
    if (config.derivatives || spec.kind === 'spot') continue;
    if (config.world === 'live') {
      const alike = Object.values(config.instruments).find(
        (other) => other.kind === 'spot' && other.base === spec.base,
      );
      checker.require(
        false,
        'CFG-006',
        ['symbols', 'derivatives'],
        `${symbol} is a ${spec.kind} and must not be traded while derivatives is false.`,
        `Set derivatives: true${alike === undefined ? '' : `, or trade ${alike.symbol}`}.`,
      );
    } else
      checker.warn(
        ['symbols', 'derivatives'],
        `${symbol} is a ${spec.kind} and is treated as spot, because derivatives is false.`,
      );
  }
}

function symbolMaps(config: BotConfig): [string, Readonly<Record<string, unknown>>][] {
  const { risk, strategy, execution, simulation } = config;
  return [
    ['strategy.perSymbol', strategy.perSymbol],
    ['risk.leverageMaxPerSymbol', risk.leverageMaxPerSymbol],
    ['risk.dayLeverageMaxPerSymbol', risk.dayLeverageMaxPerSymbol],
    ['risk.nightLeverageMaxPerSymbol', risk.nightLeverageMaxPerSymbol],
    ['risk.dayMaintenancePerSymbol', risk.dayMaintenancePerSymbol],
    ['risk.nightMaintenancePerSymbol', risk.nightMaintenancePerSymbol],
    ['risk.maxNotionalPerSymbol', risk.maxNotionalPerSymbol],
    ['risk.maxOrderSize', risk.maxOrderSize],
    ['execution.slippageMultipliers', execution.slippageMultipliers],
    ['simulation.startPrices', simulation.startPrices],
  ];
}
