import { fault } from '../../domain/errors.js';
import type { InstrumentSpec } from '../../domain/instrument.js';
import type { PublicMarket } from '../../ports/venue/public-market.js';
import type { ConfigRequest } from '../config-request.js';
import type { ConfigSource } from '../run-host.js';

/**
 * The configuration of a run on a venue's own market: its symbols, as the venue spells them, by the venue's own terms.
 * Without symbols those of the configuration are meant. Throws VENUE-003 for one that the venue does not trade.
 */
export async function followedMarket(
  host: ConfigSource,
  request: ConfigRequest,
  market: PublicMarket,
  named: readonly string[],
): Promise<ConfigRequest> {
  const symbols =
    named.length > 0 ? [...new Set(named.map((symbol) => symbol.toUpperCase()))] : configured(host, request);
  const specs = new Map((await market.listProducts()).map((spec) => [spec.symbol, spec]));
  const unknown = symbols.filter((symbol) => !specs.has(symbol));
  if (unknown.length > 0)
    throw fault('VENUE-003', `Symbols must be perpetuals of ${market.venue}, and ${unknown.join(', ')} is none.`, {
      fix: 'Name them as the venue does, with --symbol, for example BTCUSDT.',
    });
  const asked: ConfigRequest = {
    ...request,
    symbols,
    instruments: symbols.flatMap((symbol) => specs.get(symbol) ?? []),
  };
  const { instruments } = host.loadConfig(asked).config;
  for (const symbol of symbols) assertGrid(symbol, instruments[symbol], specs.get(symbol));
  return asked;
}

/** What a configuration says of a symbol holds, but for the grid on which the venue tells its prices. */
function assertGrid(symbol: string, configured: InstrumentSpec | undefined, told: InstrumentSpec | undefined): void {
  if (configured === undefined || told === undefined) return;
  if (configured.tick.eq(told.tick) && configured.step.eq(told.step)) return;
  throw fault(
    'CFG-006',
    `instruments.${symbol} must have the tick ${told.tick.toString()} and the step ${told.step.toString()} of the venue, had ${configured.tick.toString()} and ${configured.step.toString()}.`,
    { fix: `Leave instruments.${symbol} away: the venue describes it.` },
  );
}

const configured = (host: ConfigSource, request: ConfigRequest): readonly string[] =>
  host.loadConfig(request).config.symbols;
