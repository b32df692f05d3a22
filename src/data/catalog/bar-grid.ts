import { fault } from '../../domain/errors.js';
import { barIntervalOf, barIntervalText, barOpenAt, DAY_MS, MONTH_MS } from '../../domain/time-spans.js';

/** What is known of the length of a file's bars beside their times. */
export interface BarFacts {
  /** For messages. */
  readonly file: string;
  readonly symbol: string;
  /** As the user said it; as folders and name have it; as close times have it, with how many bars say so. */
  readonly asked: number | undefined;
  readonly named: number | undefined;
  readonly closes: ReadonlyMap<number, number>;
}

/** The grid that bars lie on. */
export interface BarGrid {
  readonly intervalMs: number;
  /** How long after the beginning of its hour, day or week a bar opens: 0 but for those of other clocks. */
  readonly phaseMs: number;
  /** Rows that lie beside it, by their places among the times. */
  readonly off: readonly number[];
}

/**
 * The length of bars: what the user says, what the name says, close less open, else the commonest distance where at
 * least half have it; and which of them lie on its grid. Times in order, each once. Throws DATA-003 where nothing tells
 * the length, where two things tell another, and where most bars lie beside the grid.
 */
export function gridOf(times: Float64Array, facts: BarFacts): BarGrid {
  const intervalMs = intervalOf(times, facts);
  const phases = new Map<number, number>();
  const phaseOf = (at: number): number => at - barOpenAt(at, intervalMs);
  // A month begins on the first; what else there is begins with the clocks of a place.
  if (intervalMs === MONTH_MS)
    phases.set(
      0,
      times.reduce((count, at) => count + (phaseOf(at) === 0 ? 1 : 0), 0),
    );
  else for (const at of times) phases.set(phaseOf(at), (phases.get(phaseOf(at)) ?? 0) + 1);
  const [phaseMs, count] = commonest(phases);
  if (count * 2 < times.length) {
    throw refused(
      facts,
      `must lie ${barIntervalText(intervalMs)} apart, and ${times.length - count} of ${times.length} lie beside that grid`,
      'Name the length of its bars with --interval, or repair its times.',
    );
  }
  const off: number[] = [];
  if (count < times.length) times.forEach((at, row) => (phaseOf(at) === phaseMs ? undefined : off.push(row)));
  return { intervalMs, phaseMs, off };
}

/** Fewer bars say nothing against a name. */
const FEW = 4;

function intervalOf(times: Float64Array, facts: BarFacts): number {
  const { asked, named } = facts;
  const closed = closedMs(times, facts);
  const usual = usualDistance(times);
  if (asked !== undefined) return asked;
  if (named !== undefined && closed !== undefined && named !== closed)
    throw refused(
      facts,
      `are of ${barIntervalText(named)} by the name, and of ${barIntervalText(closed)} by their close times`,
      'Give the file its own name again, or say which it is with --interval.',
    );
  // A bar that is shown before it is over tells the future: a name is not believed against every row.
  const against = usual.known && usual.ms > (named ?? NaN) && times.length >= FEW && !usual.all.has(named ?? NaN);
  if (named !== undefined && closed === undefined && against)
    throw refused(
      facts,
      `are of ${barIntervalText(named)} by the name, and lie ${barIntervalText(usual.ms)} apart`,
      'Give the file its own name again, or say which it is with --interval.',
    );
  const told = named ?? closed ?? (usual.known ? usual.ms : looseName(facts.file));
  if (told !== undefined) return told;
  if (times.length < 2)
    throw refused(
      facts,
      `must be at least two bars, was ${times.length}: their interval is the distance between two of them`,
      'Use a longer file, or name the length of its bars: --interval 1d.',
    );
  throw refused(
    facts,
    'must lie at one distance, and no distance is that of half of them',
    'Name the length of the bars: --interval 1h.',
  );
}

/** A word of any name: it is asked last. `btc_1m.csv` may be of minutes, or of a month. */
const WORD = /(?:^|[^A-Za-z0-9])(\d+(?:s|m|h|d|w|M))(?=[^A-Za-z0-9]|$)/;
const looseName = (file: string): number | undefined =>
  barIntervalOf(WORD.exec(file.replace(/^.*[\\/]/, ''))?.[1] ?? '');

const isMonth = (ms: number): boolean => ms >= 28 * DAY_MS && ms <= MONTH_MS;
const areFirsts = (times: Float64Array): boolean => times.every((at) => barOpenAt(at, MONTH_MS) === at);

function closedMs(times: Float64Array, { closes }: BarFacts): number | undefined {
  if (closes.size === 0) return undefined;
  if ([...closes.keys()].every(isMonth) && areFirsts(times)) return MONTH_MS;
  return commonest(closes)[0];
}

interface Distances {
  readonly ms: number;
  /** At least half of the bars lie so far from the one before. */
  readonly known: boolean;
  readonly all: ReadonlyMap<number, number>;
}

function usualDistance(times: Float64Array): Distances {
  const all = new Map<number, number>();
  let least = Infinity;
  for (let i = 1; i < times.length; i += 1) {
    const distance = (times[i] as number) - (times[i - 1] as number);
    least = Math.min(least, distance);
    all.set(distance, (all.get(distance) ?? 0) + 1);
  }
  if (all.size === 0) return { ms: NaN, known: false, all };
  if (isMonth(least) && areFirsts(times)) return { ms: MONTH_MS, known: true, all: new Map([[MONTH_MS, 1]]) };
  const [ms, count] = commonest(all);
  return { ms, known: count * 2 >= times.length - 1, all };
}

/** What occurs most often, of several the smallest, and how often. */
function commonest(counts: ReadonlyMap<number, number>): readonly [number, number] {
  let best: readonly [number, number] = [NaN, 0];
  for (const [value, count] of counts)
    if (count > best[1] || (count === best[1] && value < best[0])) best = [value, count];
  return best;
}

const refused = ({ file, symbol }: BarFacts, what: string, fix: string): Error =>
  fault('DATA-003', `Bars of ${symbol} in ${file} ${what}.`, {
    where: file,
    why: 'When a bar is over is when a strategy may see it.',
    fix,
  });
