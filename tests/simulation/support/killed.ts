import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verify } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import {
  linesOf,
  live,
  random,
  requireNotes,
  shuffled,
  verdictsOf,
  type Death,
  type Life,
  type LifeEnd,
} from './lives.js';

/** How often a chain dies at a place, and among how many passings the moment is drawn. */
export type Place = readonly [point: string, deaths: number, passings: number];

/** Lives of one bot after one another on one state directory. */
interface Plan {
  readonly name: 'baseline' | 'churn';
  readonly places: readonly Place[];
  /** Where the first life ends: at the hour at which funding is paid. */
  readonly first: 'funding told, not taken' | 'funding taken, not durable';
  /** At which passing it dies while it recovers from a death, again and again. */
  readonly recoveries: readonly number[];
}

export interface Killing {
  /** World time of a market that begins: before a funding stamp. */
  readonly startAt: number;
  /** Between two quotes of the market. */
  readonly stepMs: number;
  /** A life that is not killed ends by itself after so many cycles. */
  readonly cycles: number;
  readonly plans: readonly Plan[];
  readonly title: string;
  /** What it takes to be worth comparing. */
  readonly atLeast: {
    readonly deaths: number;
    readonly recoveries: number;
    readonly unheard: number;
    readonly sent: number;
    readonly fills: number;
  };
}

interface Chain extends Plan {
  readonly directory: string;
  readonly startAt: number;
  readonly stepMs: number;
  readonly cycles: number;
  readonly seed: number;
  readonly deaths: Map<string, number>;
  readonly failures: string[];
  readonly journals: string[];
}

const lifeOf = (chain: Chain, rest: Partial<Life>): Life => ({
  directory: chain.directory,
  strategy: chain.name,
  seed: chain.seed,
  cycles: chain.cycles,
  startAt: chain.startAt,
  stepMs: chain.stepMs,
  point: 'none',
  nth: 1,
  ...rest,
});

function deathsOf(chain: Chain): Death[] {
  const draw = random(chain.seed);
  return shuffled(
    chain.places.flatMap(([point, deaths, passings]) =>
      Array.from({ length: deaths }, () => ({ point, nth: 1 + Math.floor(draw() * passings) })),
    ),
    chain.seed,
  );
}

/** One life after another on one state directory; the journal each leaves is read as it was left. */
async function runChain(chain: Chain): Promise<void> {
  // A past first, up to the hour at which funding is paid: a bot that has done nothing has little to lose.
  await one(chain, lifeOf(chain, { point: chain.first, cycles: 100 }));
  for (const death of deathsOf(chain)) {
    // Where the market did not lead it to that passing, the first one is waited for.
    if (!(await one(chain, lifeOf(chain, death))) && !chain.deaths.has(death.point))
      await one(chain, lifeOf(chain, { ...death, nth: 1, cycles: 30 }));
  }
  // Dying again while it recovers from that.
  await one(chain, lifeOf(chain, { point: 'accepted and filled, nobody told', nth: 1 }));
  for (const nth of chain.recoveries) await one(chain, lifeOf(chain, { point: 'recovery', nth }));
  await one(chain, lifeOf(chain, { tighten: 'REDUCE_ONLY', point: 'a cycle begins', nth: 3 }));
  await one(chain, lifeOf(chain, { point: 'a cycle begins', nth: 2 }));
  await one(chain, lifeOf(chain, { cycles: 12 }));
  await one(chain, lifeOf(chain, { cycles: 2, settled: true }));
}

/** True for a life that ended where it should. */
async function one(chain: Chain, life: Life): Promise<boolean> {
  const end = await live(life);
  if (end.killed) chain.deaths.set(life.point, (chain.deaths.get(life.point) ?? 0) + 1);
  const failure = failureOf(end);
  if (failure !== undefined) chain.failures.push(`${life.point}:${life.nth} ${failure}`);
  const { ok, problems } = verify(journalPath(join(life.directory, 'state')));
  if (!ok) chain.journals.push(...problems);
  return end.killed;
}

const failureOf = ({ killed, code, errors }: LifeEnd): string | undefined =>
  killed || code === 0 ? undefined : `ended with ${code}: ${errors.slice(-2_000)}`;

/** The same market without a bot that dies: a life of its own, as long as the chain. */
async function undisturbed(chain: Chain): Promise<string> {
  const last = timesOf(chain.directory, 'quote').at(-1) ?? chain.startAt;
  const directory = `${chain.directory}-undisturbed`;
  const end = await live({
    ...lifeOf(chain, {}),
    directory,
    memory: true,
    cycles: Math.ceil((last - chain.startAt) / 4_000) + 3,
  });
  const failure = failureOf(end);
  if (failure !== undefined) chain.failures.push(failure);
  return directory;
}

const timesOf = (directory: string, kind: string): number[] =>
  linesOf(directory, 'market.log')
    .filter((line) => line.startsWith(`${kind} `))
    .map((line) => Number(line.split(' ')[1]));

/** Everything the market said of one instant; a difference between two tellings shows as two lines. */
function marketOf(directory: string): Map<string, string> {
  const told = new Map<string, string>();
  for (const line of new Set(linesOf(directory, 'market.log'))) {
    const [kind = '', at = '', ...rest] = line.split(' ');
    if (kind !== 'quote' && kind !== 'mark') continue;
    const key = `${kind} ${at}`;
    told.set(key, told.has(key) ? `${told.get(key) ?? ''} or ${rest.join(' ')}` : rest.join(' '));
  }
  return told;
}

/** The closed candles of the last life that ended by itself. */
function candlesOf(directory: string): string[] {
  const last = linesOf(directory, 'ends.jsonl').at(-1);
  return last === undefined ? [] : (JSON.parse(last) as { candles: string[] }).candles;
}

const openAtOf = (candle: string | undefined): number => Number(candle?.split(' ')[0]);

/** The tests of chains of lives that end by SIGKILL. */
export function killed({ startAt, stepMs, cycles, plans, title, atLeast }: Killing): void {
  const root = mkdtempSync(join(tmpdir(), 'perpsbot-kill-'));
  const chains = plans.map((plan, index): Chain => ({
    ...plan,
    directory: join(root, plan.name),
    startAt,
    stepMs,
    cycles,
    seed: 11 + index,
    deaths: new Map(),
    failures: [],
    journals: [],
  }));

  beforeAll(async () => {
    for (const chain of chains.slice(0, 1)) await requireNotes(lifeOf(chain, { directory: join(root, 'noted') }));
    await Promise.all(chains.map(runChain));
  }, 600_000);

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  describe('a paper bot killed by SIGKILL', () => {
    it(`agrees with the exchange after every restart, ${title}, acceptance before our record among them`, () => {
      for (const chain of chains) {
        expect(chain.failures).toEqual([]);
        const verdicts = verdictsOf(chain.directory);
        expect(
          verdicts.flatMap(({ point, problems }, index) =>
            problems.map((problem) => `life ${index} (${point}): ${problem}`),
          ),
        ).toEqual([]);
        expect(verdicts.every((verdict) => verdict.known)).toBe(true);
        // It was worth comparing.
        const last = verdicts.at(-1);
        expect(last?.fills).toBeGreaterThan(atLeast.fills);
        expect(last?.fundings).toBeGreaterThan(0);
      }
      const deaths = new Map<string, number>();
      for (const chain of chains)
        for (const [point, count] of chain.deaths) deaths.set(point, (deaths.get(point) ?? 0) + count);
      expect([...deaths.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(atLeast.deaths);
      const places = plans.flatMap((plan) => [plan.first, ...plan.places.map(([point]) => point)]);
      expect(places.filter((point) => !deaths.has(point))).toEqual([]);
      expect(deaths.get('accepted and filled, nobody told')).toBeGreaterThanOrEqual(atLeast.unheard);
      expect(deaths.get('recovery')).toBeGreaterThanOrEqual(atLeast.recoveries);
    });

    it('sends no intent twice, and none that the journal does not have', () => {
      for (const { directory } of chains) {
        const sent = linesOf(directory, 'wire.log');
        expect(sent.length).toBeGreaterThan(atLeast.sent);
        expect(sent.filter((clientId, index) => sent.indexOf(clientId) !== index)).toEqual([]);
      }
    });

    it('knows in the end what became of every order (B-59)', () => {
      for (const { directory } of chains) {
        const last = verdictsOf(directory).at(-1);
        expect(last).toMatchObject({ unsettled: 0, problems: [] });
        // What was planned and never arrived is proven lost, not forgotten.
        expect(last?.lost).toBeGreaterThan(0);
      }
    });

    it('keeps its safety state: nothing tightens it by dying, nothing loosens it by starting', () => {
      for (const { directory } of chains) {
        const states = verdictsOf(directory).map((verdict) => verdict.safety);
        const tightened = states.indexOf('REDUCE_ONLY');
        expect(new Set(states.slice(0, tightened))).toEqual(new Set(['NORMAL']));
        expect(states.slice(tightened)).toEqual(['REDUCE_ONLY', 'REDUCE_ONLY', 'REDUCE_ONLY', 'REDUCE_ONLY']);
      }
    });

    it('leaves a whole journal every time', () => {
      for (const chain of chains) expect(chain.journals).toEqual([]);
    });

    it('finds the exchange where its last commit left it: time, generator and market go on as if nothing had happened', async () => {
      await Promise.all(chains.map(expectMarketGoesOn));
    }, 120_000);
  });
}

async function expectMarketGoesOn(chain: Chain): Promise<void> {
  const { directory, startAt, stepMs } = chain;
  let committed = 'NaN';
  const wrong: string[] = [];
  for (const line of linesOf(directory, 'market.log')) {
    const [kind, at = ''] = line.split(' ');
    if (kind === 'opened' && at !== committed) wrong.push(`${line} after ${committed}`);
    if (kind !== 'committed') continue;
    if (Number(at) < Number(committed)) wrong.push(`${line} after ${committed}`);
    committed = at;
  }
  expect(wrong).toEqual([]);
  const reference = await undisturbed(chain);
  expect(chain.failures).toEqual([]);
  const market = marketOf(directory);
  const whole = marketOf(reference);
  const times = [...new Set(timesOf(directory, 'quote'))];
  expect(times).toEqual(Array.from({ length: times.length }, (_, index) => startAt + index * stepMs));
  expect([...market].filter(([key, values]) => whole.get(key) !== values).slice(0, 5)).toEqual([]);
  const candles = new Set(candlesOf(reference));
  const first = openAtOf(candlesOf(reference)[0]);
  const kept = candlesOf(directory).filter((candle) => openAtOf(candle) >= first);
  expect(kept.length).toBeGreaterThan(100);
  expect(kept.filter((candle) => !candles.has(candle))).toEqual([]);
}
