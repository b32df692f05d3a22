import { isUnreadable } from '#src/border/reading.js';
import { usdmListing } from '#src/venues/binance-usdm/instruments.js';
import {
  candlesAnswer,
  depthAnswer,
  fundingAnswer,
  fundingHoursAnswer,
  quoteAnswer,
  timeAnswer,
} from '#src/venues/binance-usdm/rest/answers.js';
import { depthFrame, frameOf, markFrame, tickerFrame, tradeFrame } from '#src/venues/binance-usdm/streams/frames.js';

/** Candles of before are read, whenever they were. */
const LATER = Date.UTC(2100, 0);

const named = (said: unknown): string => String((said as { readonly symbol?: unknown } | null)?.symbol);
const framed =
  (read: (frame: NonNullable<ReturnType<typeof frameOf>>) => unknown, event: string) =>
  (said: unknown): unknown => {
    const frame = frameOf(JSON.stringify({ stream: 'a stream', data: said }));
    // Whoever takes frames lets those of other events pass.
    return frame?.event === event ? read(frame) : undefined;
  };

/** Readers of whatever the venue says on its public side, by the name of the event or the end of the address. */
export const READERS: Readonly<Record<string, (said: unknown) => unknown>> = {
  depthUpdate: framed(depthFrame, 'depthUpdate'),
  bookTicker: framed(tickerFrame, 'bookTicker'),
  markPriceUpdate: framed(markFrame, 'markPriceUpdate'),
  aggTrade: framed(tradeFrame, 'aggTrade'),
  depth: (said) => depthAnswer(said, 'BTCUSDT'),
  klines: (said) => candlesAnswer(said, 'BTCUSDT', LATER),
  premiumIndex: (said) => fundingAnswer(said, 'BTCUSDT'),
  'ticker/bookTicker': (said) =>
    quoteAnswer(said, { symbol: 'BTCUSDT', markPrice: '1', indexPrice: '1', time: 1 }, 'BTCUSDT'),
  time: timeAnswer,
  fundingInfo: (said) => [...fundingHoursAnswer(said)].map(([symbol, hours]) => ({ symbol, hours })),
  exchangeInfo: (said) => usdmListing(said, new Map()),
};

/** Fields whose words are names: another one is as good. */
const NAMES: ReadonlySet<string> = new Set(['s', 'symbol', 'baseAsset', 'quoteAsset', 'marginAsset']);

/** What stands in the place of a value by mistake: nothing, or the same in another form, or what nobody knows. */
function wrongFor(value: unknown, name: string): readonly (readonly [name: string, value: unknown])[] {
  const wrong: [string, unknown][] = [
    ['is null', null],
    ['is empty', ''],
    ['is true', value !== true],
    ['is an object', {}],
  ];
  if (typeof value === 'number') wrong.push(['is text', String(value)], ['is huge', 1e300], ['is half', value + 0.5]);
  if (typeof value !== 'string') return wrong;
  const isNumber = /^-?\d/.test(value);
  wrong.push(['is a number', isNumber ? Number(value) : 7]);
  if (isNumber) wrong.push(['is an exponent', '1e3'], ['is no number', 'NaN'], ['is infinite', 'Infinity']);
  else if (!NAMES.has(name)) wrong.push(['is an unknown word', 'NEXT_YEARS_WORD']);
  return wrong;
}

interface Mutation {
  readonly name: string;
  readonly said: unknown;
}

/** The same with one thing wrong: every field, in every way. */
export function* mutationsOf(said: unknown): Generator<Mutation> {
  for (const path of pathsOf(said)) {
    const where = path.join('.');
    const last = path.at(-1) ?? '';
    const at = (change: (of: Record<string, unknown>) => void, name: string): Mutation => {
      const copy = structuredClone(said);
      change(
        path.slice(0, -1).reduce((of, key) => of[key] as Record<string, unknown>, copy as Record<string, unknown>),
      );
      return { name: `${where} ${name}`, said: copy };
    };
    yield at((of) => (Array.isArray(of) ? (of[Number(last)] = undefined) : delete of[last]), 'is missing');
    yield at((of) => (of['nextYear'] = { is: 'near' }), 'has a neighbour');
    for (const [name, value] of wrongFor(valueAt(said, path), last)) yield at((of) => (of[last] = value), name);
  }
}

const valueAt = (said: unknown, path: readonly string[]): unknown =>
  path.reduce((of, key) => (of as Readonly<Record<string, unknown>>)[key], said);

function* pathsOf(said: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof said !== 'object' || said === null) return;
  for (const [key, value] of Object.entries(said)) {
    yield [...path, key];
    yield* pathsOf(value, [...path, key]);
  }
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Nothing in it that the whole one does not say: what is missing is absent, and nothing stands in its place. */
function isPart(part: unknown, whole: unknown): boolean {
  if (isList(part) && isList(whole))
    return (
      part.length === 0 || part.every((row) => whole.some((each) => named(each) === named(row) && isPart(row, each)))
    );
  if (typeof part !== 'object' || part === null) return Object.is(part, whole);
  return (
    typeof whole === 'object' &&
    whole !== null &&
    Object.entries(part).every(([key, value]) => isPart(value, (whole as Readonly<Record<string, unknown>>)[key]))
  );
}

const plain = (value: unknown): unknown =>
  value === undefined ? undefined : (JSON.parse(JSON.stringify(value, withMaps)) as unknown);
const withMaps = (_key: string, value: unknown): unknown =>
  value instanceof Map ? [...(value as Map<string, unknown>).keys()] : value instanceof Error ? 'refused' : value;

/** Rows that are refused by name have it said beside them, or in their place. */
function readIn(result: unknown): unknown {
  const said = plain(result);
  if (isList(said)) return said.filter((row) => (row as { readonly hours?: unknown }).hours !== 'refused');
  if (typeof said !== 'object' || said === null) return said;
  return Object.fromEntries(Object.entries(said).filter(([name]) => name !== 'unread'));
}

/** What is wrong with how a reader takes it; undefined: it is read as it is, in part, or refused by name. */
export function misread(
  read: (said: unknown) => unknown,
  whole: unknown,
  { name, said }: Mutation,
): string | undefined {
  let result: unknown;
  try {
    result = read(said);
  } catch (error) {
    return isUnreadable(error) ? undefined : `${name}: ${String(error)}`;
  }
  if (result === undefined) return undefined;
  const text = JSON.stringify(result, withMaps);
  const isTrue = !/NaN|Infinity|:null/.test(text) && isPart(readIn(result), plain(read(whole)));
  return isTrue ? undefined : `${name}: ${text}`;
}
