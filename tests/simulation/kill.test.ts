import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { composeBot } from '#di/create-bot.js';
import { verify } from '#src/storage/journal-reader.js';
import { journalPath } from '#src/storage/sqlite/journal-format.js';
import {
  linesOf,
  live,
  random,
  requireBuild,
  shuffled,
  verdictsOf,
  type Death,
  type Life,
  type LifeEnd,
} from './support/lives.js';

/** Five minutes before a funding stamp. */
const START = Date.UTC(2024, 0, 2, 0, 55);
const STEP_MS = 400;
/** How often each chain dies at each place, and among how many passings the moment is drawn. */
const EVERYWHERE: readonly (readonly [point: string, deaths: number, passings: number])[] = [
  ['intent durable, nothing sent', 2, 5],
  ['sent, lost on the way', 2, 5],
  ['order taken in, exchange not committed', 1, 4],
  ['accepted and filled, nobody told', 4, 4],
  ['accepted and told, reply not yet handled', 2, 4],
  ['fill told, not taken', 2, 5],
  ['fill taken, not durable', 2, 5],
  ['order taken, not durable', 1, 5],
  ['before a durable record', 1, 5],
  ['after a durable record', 1, 5],
  ['record queued', 1, 60],
  ['before the exchange commits', 1, 40],
  ['after the exchange committed', 1, 40],
  ['recovery', 3, 14],
  ['a cycle begins', 1, 12],
  ['a cycle has ended', 1, 12],
  ['shutdown', 1, 2],
];
/** Orders that rest are there for the strategy that leaves them. */
const RESTING: typeof EVERYWHERE = [
  ['accepted, nobody told', 2, 3],
  ['cancel not sent', 3, 1],
  ['cancelled, not recorded', 3, 1],
];

interface Chain {
  readonly name: 'baseline' | 'churn';
  readonly directory: string;
  readonly seed: number;
  readonly deaths: Map<string, number>;
  readonly failures: string[];
  readonly journals: string[];
}

const root = mkdtempSync(join(tmpdir(), 'perpsbot-kill-'));
const chains: Chain[] = (['baseline', 'churn'] as const).map((name, index) => ({
  name,
  directory: join(root, name),
  seed: 11 + index,
  deaths: new Map(),
  failures: [],
  journals: [],
}));

const lifeOf = (chain: Chain, rest: Partial<Life>): Life => ({
  directory: chain.directory,
  strategy: chain.name,
  seed: chain.seed,
  cycles: 30,
  startAt: START,
  point: 'none',
  nth: 1,
  ...rest,
});

function planOf(chain: Chain): Death[] {
  const draw = random(chain.seed);
  const places = chain.name === 'churn' ? [...EVERYWHERE, ...RESTING] : EVERYWHERE;
  return shuffled(
    places.flatMap(([point, deaths, passings]) =>
      Array.from({ length: deaths }, () => ({ point, nth: 1 + Math.floor(draw() * passings) })),
    ),
    chain.seed,
  );
}

/** One life after another on one state directory; the journal each leaves is read as it was left. */
async function runChain(chain: Chain): Promise<void> {
  // A past first, up to the hour at which funding is paid: a bot that has done nothing has little to lose.
  await one(
    chain,
    lifeOf(chain, {
      point: chain.name === 'churn' ? 'funding taken, not durable' : 'funding told, not taken',
      cycles: 100,
    }),
  );
  for (const death of planOf(chain)) await one(chain, lifeOf(chain, death));
  // Dying again while it recovers from that, three times over.
  await one(chain, lifeOf(chain, { point: 'accepted and filled, nobody told', nth: 1 }));
  for (const nth of [12, 10, 8]) await one(chain, lifeOf(chain, { point: 'recovery', nth }));
  await one(chain, lifeOf(chain, { tighten: 'REDUCE_ONLY', point: 'a cycle begins', nth: 3 }));
  await one(chain, lifeOf(chain, { point: 'a cycle begins', nth: 2 }));
  await one(chain, lifeOf(chain, { cycles: 12 }));
  await one(chain, lifeOf(chain, { cycles: 2, settled: true }));
}

async function one(chain: Chain, life: Life): Promise<void> {
  const end = await live(life);
  if (end.killed) chain.deaths.set(life.point, (chain.deaths.get(life.point) ?? 0) + 1);
  const failure = failureOf(end);
  if (failure !== undefined) chain.failures.push(`${life.point}:${life.nth} ${failure}`);
  const { ok, problems } = verify(journalPath(join(life.directory, 'state')));
  if (!ok) chain.journals.push(...problems);
}

const failureOf = ({ killed, code, errors }: LifeEnd): string | undefined =>
  killed || code === 0 ? undefined : `ended with ${code}: ${errors.slice(-2_000)}`;

/** The same market without a bot that dies: a life of its own, as long as the chain. */
async function undisturbed(chain: Chain): Promise<string> {
  const last = timesOf(chain.directory, 'quote').at(-1) ?? START;
  const directory = join(root, `${chain.name}-undisturbed`);
  const end = await live({
    ...lifeOf(chain, {}),
    directory,
    memory: true,
    cycles: Math.ceil((last - START) / 4_000) + 3,
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

beforeAll(async () => {
  requireBuild();
  await Promise.all(chains.map(runChain));
}, 600_000);

afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a paper bot killed by SIGKILL', () => {
  it('agrees with the exchange after every restart, at 56 and more seeded kill points, acceptance before our record among them', () => {
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
      expect(last?.fills).toBeGreaterThan(50);
      expect(last?.fundings).toBeGreaterThan(0);
    }
    const deaths = new Map<string, number>();
    for (const chain of chains)
      for (const [point, count] of chain.deaths) deaths.set(point, (deaths.get(point) ?? 0) + count);
    expect([...deaths.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(56);
    const places = [...EVERYWHERE, ...RESTING].map(([point]) => point);
    expect(
      ['funding told, not taken', 'funding taken, not durable', ...places].filter((point) => !deaths.has(point)),
    ).toEqual([]);
    expect(deaths.get('accepted and filled, nobody told')).toBeGreaterThanOrEqual(4);
    expect(deaths.get('recovery')).toBeGreaterThanOrEqual(6);
  });

  it('sends no intent twice, and none that the journal does not have', () => {
    for (const { directory } of chains) {
      const sent = linesOf(directory, 'wire.log');
      expect(sent.length).toBeGreaterThan(60);
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
    await Promise.all(
      chains.map(async (chain) => {
        const { directory } = chain;
        let committed = 'NaN';
        for (const line of linesOf(directory, 'market.log')) {
          const [kind, at = ''] = line.split(' ');
          if (kind === 'opened') expect(at).toBe(committed);
          if (kind === 'committed') {
            expect(Number(at) < Number(committed)).toBe(false);
            committed = at;
          }
        }
        const reference = await undisturbed(chain);
        expect(chain.failures).toEqual([]);
        const market = marketOf(directory);
        const whole = marketOf(reference);
        const times = [...new Set(timesOf(directory, 'quote'))];
        expect(times).toEqual(Array.from({ length: times.length }, (_, index) => START + index * STEP_MS));
        expect([...market].filter(([key, values]) => whole.get(key) !== values).slice(0, 5)).toEqual([]);
        const candles = candlesOf(reference);
        const kept = candlesOf(directory).filter((candle) => openAtOf(candle) >= openAtOf(candles[0]));
        expect(kept.length).toBeGreaterThan(100);
        expect(kept.filter((candle) => !candles.includes(candle))).toEqual([]);
      }),
    );
  }, 120_000);
});

describe('the exchange inside', () => {
  it('keeps a file that the bot never reads: in the whole container nothing but the exchange itself depends on its store', () => {
    const { edges } = composeBot({
      config: { profile: 'demo', storage: { driver: 'sqlite', directory: root } },
    }).graph();
    expect(edges.filter((edge) => edge.to === 'ExchangeStore').map((edge) => edge.from)).toEqual(['SimulatedVenue']);
  });
});

/** The closed candles of the last life that ended by itself. */
function candlesOf(directory: string): string[] {
  const last = linesOf(directory, 'ends.jsonl').at(-1);
  return last === undefined ? [] : (JSON.parse(last) as { candles: string[] }).candles;
}

const openAtOf = (candle: string | undefined): number => Number(candle?.split(' ')[0]);
