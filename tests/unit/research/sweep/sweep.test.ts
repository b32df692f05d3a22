import { describe, expect, it } from '@jest/globals';
import { fault } from '#src/domain/errors.js';
import { SeededRandom } from '#src/platform/seeded-random.js';
import type { Job, JobOutcome, JobQueue, JobResults } from '#src/ports/research/job-queue.js';
import { packDoubles } from '#src/research/sweep/job-result.js';
import { overfitOf } from '#src/research/sweep/overfit.js';
import type { JobSpec } from '#src/research/sweep/plan.js';
import { searchFor } from '#src/research/sweep/searches.js';
import type { SearchName } from '#src/research/sweep/search.js';
import { Space } from '#src/research/sweep/space.js';
import { runSweep, type SweepOutcome, type SweepTask } from '#src/research/sweep/sweep.js';

const space = Space.of({ a: '0..30', b: '0..30' });

class MemoryResults implements JobResults {
  readonly kept = new Map<string, JobOutcome>();
  get count(): number {
    return this.kept.size;
  }
  get(id: string): JobOutcome | undefined {
    return this.kept.get(id);
  }
  put(id: string, outcome: JobOutcome): void {
    this.kept.set(id, outcome);
  }
  close(): void {}
}

/** A hill at (20, 10); its days go up and down with it. */
function hill({ parameters }: JobSpec): JobOutcome {
  const height = 1_000 - (Number(parameters['a']) - 20) ** 2 - (Number(parameters['b']) - 10) ** 2;
  const equity = [1_000];
  for (let day = 0; day < 30; day += 1)
    equity.push(equity.at(-1)! * (1 + (day % 2 === 0 ? 1e-3 : -1e-3) + height * 1e-7));
  const result = {
    trades: 5,
    fills: 10,
    equity: {},
    pnl: { net: String(height) },
    maxDrawdown: '0.1',
    sharpe: { value: '1' },
    traceHash: `trace ${height}`,
    from: '2024-01-01',
    to: '2024-02-01',
  };
  return {
    ok: true,
    result: {
      result,
      from: 0,
      to: 30 * 86_400_000,
      liquidations: 0,
      equity: packDoubles(Float64Array.from(equity)),
    } as never,
  };
}

/** Ends jobs in an order of its own: after as many turns as `delay` says. */
function queue(
  slots: number,
  work: (spec: JobSpec) => JobOutcome,
  delay: (count: number) => number = () => 0,
): JobQueue & { submitted: string[]; most: number } {
  let running = 0;
  return {
    name: 'fake',
    slots,
    submitted: [],
    most: 0,
    async submit({ id, payload }: Job) {
      this.submitted.push(id);
      running += 1;
      this.most = Math.max(this.most, running);
      for (let turn = delay(this.submitted.length); turn > 0; turn -= 1) await Promise.resolve();
      running -= 1;
      return work(payload as JobSpec);
    },
    async close() {},
  };
}

const task = (name: SearchName, trials = 80): SweepTask => ({
  space,
  search: searchFor(name, space, trials, new SeededRandom().stream('search', 7)),
  objective: 'net',
  constraints: {},
  job: { plan: 'p', from: 0, to: 1, warmup: 'inside' },
});
const told = ({ trials }: SweepOutcome): unknown =>
  trials.map(({ number, id, judgement }) => [number, id, judgement.score]);

describe('a sweep', () => {
  it.each(['grid', 'random', 'evolution'] as const)(
    'comes to the same with one worker and with seven that end in any order (%s)',
    async (name) => {
      const one = await runSweep(task(name), { queue: queue(1, hill), results: new MemoryResults() });
      const seven = queue(7, hill, (count) => (count * 7) % 11);
      const many = await runSweep(task(name), { queue: seven, results: new MemoryResults() });
      expect(told(many)).toEqual(told(one));
      expect(seven.most).toBe(7);
      expect(one.trials[0]!.judgement.score).toBeGreaterThan(one.trials.at(-1)!.judgement.score!);
    },
  );

  it('has no more jobs under way than the queue has slots, and runs none twice', async () => {
    const three = queue(3, hill, () => 4);
    await runSweep(task('evolution', 120), { queue: three, results: new MemoryResults() });
    expect(three.most).toBe(3);
    expect(new Set(three.submitted).size).toBe(three.submitted.length);
  });

  it('runs only what is missing when it goes on, and comes to the same', async () => {
    const whole = await runSweep(task('evolution'), { queue: queue(2, hill), results: new MemoryResults() });
    const results = new MemoryResults();
    const abort = new AbortController();
    let ended = 0;
    const half = await runSweep(task('evolution'), {
      queue: queue(2, hill),
      results,
      signal: abort.signal,
      onTrial: () => ((ended += 1) === 30 ? abort.abort() : undefined),
    });
    expect(half.complete).toBe(false);
    expect(results.count).toBeGreaterThanOrEqual(30);
    expect(results.count).toBeLessThan(whole.trials.length);
    const before = results.count;
    const second = queue(2, hill);
    const resumed = await runSweep(task('evolution'), { queue: second, results });
    expect(told(resumed)).toEqual(told(whole));
    expect(resumed.complete).toBe(true);
    expect(second.submitted.length).toBe(whole.trials.length - before);
  });

  it('ranks a failed job last, says why, and tries it again when it goes on', async () => {
    const results = new MemoryResults();
    const broken = (spec: JobSpec): JobOutcome =>
      spec.parameters['a'] === '20' ? { ok: false, error: { code: 'CFG-006', message: 'must be less' } } : hill(spec);
    const first = await runSweep(task('grid', 961), { queue: queue(4, broken), results });
    expect(first.trials.slice(-31).map(({ judgement, error }) => [judgement.standing, error?.code])).toEqual(
      Array.from({ length: 31 }, () => ['failed', 'CFG-006']),
    );
    const second = queue(4, hill);
    const resumed = await runSweep(task('grid', 961), { queue: second, results });
    expect(second.submitted.length).toBe(31);
    expect(resumed.trials[0]).toMatchObject({
      parameters: { a: '20', b: '10' },
      judgement: { standing: 'ranked', score: 1_000 },
    });
  });

  it('ends at once when a setting is one that no strategy knows', async () => {
    const unknown = queue(2, () => ({ ok: false, error: { code: 'CFG-008', message: 'Parameter a is unknown.' } }));
    await expect(runSweep(task('grid', 961), { queue: unknown, results: new MemoryResults() })).rejects.toMatchObject({
      code: 'CFG-008',
    });
    expect(unknown.submitted.length).toBeLessThanOrEqual(2);
  });

  it('fails when the queue fails, and not when it was told to stop', async () => {
    const gone: JobQueue = {
      name: 'gone',
      slots: 2,
      submit: () => Promise.reject(fault('SWEEP-005', 'gone')),
      close: async () => {},
    };
    await expect(runSweep(task('grid', 961), { queue: gone, results: new MemoryResults() })).rejects.toMatchObject({
      code: 'SWEEP-005',
    });
    const abort = new AbortController();
    const stopped: JobQueue = { ...gone, submit: () => (abort.abort(), Promise.reject(fault('SWEEP-001', 'closed'))) };
    const results = new MemoryResults();
    await expect(runSweep(task('grid', 961), { queue: stopped, results, signal: abort.signal })).resolves.toMatchObject(
      { trials: [], complete: false },
    );
    expect(results.count).toBe(0);
  });
});

describe('what a search explains of its best', () => {
  it('is less the more trials there were, and rests on the days of all of them', async () => {
    const of = async (few: Space): Promise<ReturnType<typeof overfitOf>> => {
      const results = new MemoryResults();
      const { trials } = await runSweep(
        { ...task('grid'), space: few, search: searchFor('grid', few, few.size, new SeededRandom().stream('x', 1)) },
        { queue: queue(1, hill), results },
      );
      return overfitOf(trials, results);
    };
    const four = await of(Space.of({ a: '19,20', b: '5,10' }));
    const many = await of(Space.of({ a: '0..20', b: '0..10' }));
    expect(four).toMatchObject({ trials: 4, days: 30 });
    expect(many).toMatchObject({ trials: 231, days: 30 });
    expect(many.expectedBest!).toBeGreaterThan(four.expectedBest!);
    expect(many.deflatedSharpe!).toBeLessThan(four.deflatedSharpe!);
    // One hill, the same on every day: what is best in one half is best in the other.
    expect(many.overfitting?.probability).toBe(0);
  });

  it('says nothing of a single trial', async () => {
    const one = Space.of({ a: '20', b: '10' });
    const results = new MemoryResults();
    const { trials } = await runSweep(
      { ...task('grid'), space: one, search: searchFor('grid', one, 1, new SeededRandom().stream('x', 1)) },
      { queue: queue(1, hill), results },
    );
    expect(overfitOf(trials, results)).toMatchObject({ deflatedSharpe: undefined, overfitting: undefined });
  });
});
