import { barIntervalOf } from '../domain/time-spans.js';
import { DATA_KINDS, type DataKind } from '../data/columns.js';
import type { CatalogMarket, MarketRequest } from '../runs/market-request.js';
import type { Flags } from './command.js';
import { durationFlag, usage, zoneFlag } from './flags.js';

/** Kinds that move a market; marks, index prices and funding come with them where the catalog has them. */
export const DRIVING: readonly DataKind[] = ['bars', 'trades', 'quotes', 'depth'];
const CATALOG_ONLY = ['kind', 'from', 'to'] as const;

/** Whether a market was named at all. */
export const namesMarket = (flags: Flags): boolean =>
  flags.text('data') !== undefined || flags.text('catalog') !== undefined;

/** Throws CLI-001 for flags that do not fit each other. */
export function marketRequestOf(flags: Flags): MarketRequest {
  const [data, catalog] = [flags.text('data'), flags.text('catalog')];
  if (data !== undefined && catalog !== undefined)
    throw usage(
      '--data and --catalog must not be given together.',
      'Leave one of them away: --data is a single file of bars, --catalog a directory made by perpsbot data import.',
    );
  if (catalog !== undefined) return catalogMarket(catalog, flags);
  if (data === undefined)
    throw usage('A recorded market must be named.', 'Write --data bars.csv, or --catalog ./catalog --symbol BTC-PERP.');
  const given = CATALOG_ONLY.find((name) => flags.text(name) !== undefined || flags.list(name).length > 0);
  if (given !== undefined)
    throw usage(
      `--${given} must come with --catalog, came with --data.`,
      `Bring the file into a catalog first: perpsbot data import --from ${data} --catalog ./catalog`,
    );
  const [symbol, ...more] = flags.list('symbol');
  if (more.length > 0)
    throw usage(
      '--symbol must be given once with --data, was given several times.',
      `For several symbols in one account bring the file into a catalog first: perpsbot data import --from ${data} --catalog ./catalog`,
    );
  const [funding, interval, zone] = [flags.text('funding'), flags.text('interval'), flags.text('zone')];
  return {
    from: 'file',
    data,
    ...(interval === undefined ? {} : { intervalMs: lengthOf(interval) }),
    ...(zone === undefined ? {} : { zone: zoneFlag(zone) }),
    ...(symbol === undefined ? {} : { symbol }),
    ...(funding === undefined ? {} : { funding }),
  };
}

function catalogMarket(catalog: string, flags: Flags): CatalogMarket {
  if (flags.text('funding') !== undefined)
    throw usage(
      '--funding must come with --data, came with --catalog.',
      'Bring the rates into the catalog: perpsbot data import --from FILE --kind funding.',
    );
  if (flags.text('zone') !== undefined)
    throw usage(
      '--zone must come with --data, came with --catalog.',
      'The times of a catalog are instants; name the zone where a file is brought in: perpsbot data import --zone NAME.',
    );
  const [interval, from, to] = [flags.text('interval'), flags.text('from'), flags.text('to')];
  const since = from === undefined ? undefined : instantOf('--from', from);
  const until = to === undefined ? undefined : instantOf('--to', to);
  if (since !== undefined && until !== undefined && !(since < until))
    throw usage(`--from must be before --to, was ${from ?? ''}.`, 'Exchange them, or choose others.');
  return {
    from: 'catalog',
    catalog,
    symbols: [...new Set(flags.list('symbol').map((symbol) => symbol.toUpperCase()))],
    kinds: kindsOf(flags.list('kind')),
    ...(interval === undefined ? {} : { intervalMs: lengthOf(interval) }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

/** Of a bar, or of the bot's cycle. */
const lengthOf = (text: string): number => barIntervalOf(text) ?? durationFlag('--interval', text);

function kindsOf(names: readonly string[]): readonly DataKind[] {
  const kinds = names.map((name) => {
    const kind = DATA_KINDS.find((each) => each === name);
    if (kind === undefined)
      throw usage(`--kind must be one of ${DATA_KINDS.join(', ')}, was "${name}".`, 'Write for example --kind trades.');
    return kind;
  });
  if (kinds.length > 0 && !kinds.some((kind) => DRIVING.includes(kind)))
    throw usage(
      `--kind must name what moves the market, ${DRIVING.join(', ')}, was ${kinds.join(', ')}.`,
      `Add for example --kind bars; ${kinds.join(', ')} come along.`,
    );
  return kinds.length === 0 ? ['bars'] : [...new Set(kinds)];
}

/** A date is its midnight in UTC; a time without a zone is UTC too, on every machine. */
function instantOf(flag: string, text: string): number {
  const zoned = /T.*(Z|[+-]\d{2}:\d{2})$/.test(text) || !text.includes('T') ? text : `${text}Z`;
  const at = /^\d{4}-\d{2}-\d{2}(T\S+)?$/.test(text) ? Date.parse(zoned) : Number.NaN;
  if (Number.isNaN(at))
    throw usage(
      `${flag} must be an instant in ISO-8601, was "${text}".`,
      `Write for example ${flag} 2024-08-08 or ${flag} 2024-08-08T12:00Z.`,
    );
  return at;
}
