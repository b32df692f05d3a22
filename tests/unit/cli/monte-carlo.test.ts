import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { lots, ticks, units } from '#src/domain/units.js';
import { venueOrderId, type Fill } from '#src/domain/order.js';
import type { Job, JobOutcome } from '#src/ports/research/job-queue.js';
import { packDoubles } from '#src/research/sweep/job-result.js';
import type { JobSpec } from '#src/research/sweep/plan.js';
import { FakeHouse } from '../backtest/fake-house.js';
import { FakeHost } from './fake-host.js';

const MINUTE = 60_000;
const CSV = [
  'ts_ms,symbol,open,high,low,close,volume',
  ...Array.from({ length: 100 }, (_, index) => `${index * MINUTE + MINUTE},BTC-PERP,100,101,99,100.5,3`),
  '',
].join('\n');
const BARS = ['monte-carlo', '--data', 'bars.csv', '--method', 'bars', '--block', '10m'] as const;
const TRADES = ['monte-carlo', '--data', 'bars.csv'] as const;

interface Printed {
  readonly complete: boolean;
  readonly distributions: readonly {
    readonly name: string;
    readonly runs: number;
    readonly lossShare: number;
    readonly net: Readonly<Record<string, number>>;
    readonly maxDrawdown: Readonly<Record<string, number>>;
  }[];
}
const dataOf = (host: FakeHost): Printed => host.envelope().data as unknown as Printed;

/** A market whose path earns its number less 50, and whose actual run earns 7. */
function resampled(): {
  host: FakeHost;
  jobs: JobSpec[];
  state: { opened: string[]; closed: number; onJob: (spec: JobSpec) => JobOutcome | undefined };
} {
  const host = new FakeHost();
  host.files.set('bars.csv', new TextEncoder().encode(CSV));
  const jobs: JobSpec[] = [];
  const state: ReturnType<typeof resampled>['state'] = { opened: [], closed: 0, onJob: () => undefined };
  host.sweeps = {
    ...host.sweeps,
    cores: 3,
    build: () => '1+abc',
    digestOfFile: (path) => `sha of ${path}`,
    threads: (_plan, _market, count) => {
      state.opened.push(`${count} threads`);
      return {
        name: 'threads',
        slots: count,
        submit: async ({ payload }: Job) => (
          jobs.push(payload as JobSpec),
          state.onJob(payload as JobSpec) ?? outcomeOf(payload as JobSpec)
        ),
        close: async () => void (state.closed += 1),
      };
    },
  };
  return { host, jobs, state };
}

function outcomeOf({ resample, from, to }: JobSpec): JobOutcome {
  const net = resample === undefined ? 7 : resample.path - 50;
  const result = {
    trades: 3,
    fills: 6,
    pnl: { net: String(net) },
    maxDrawdown: String(Math.abs(net) / 1_000),
    sharpe: { value: net === 0 ? null : String(net / 10) },
    traceHash: `trace ${net}`,
    warmup: 3,
    equity: {},
  };
  return {
    ok: true,
    result: { result, from, to, liquidations: 0, equity: packDoubles(Float64Array.of(1, 1)) } as never,
  };
}

describe('perpsbot monte-carlo --method bars', () => {
  it('runs the market as it was and the resampled ones, and says where the first lies among the rest', async () => {
    const { host, jobs, state } = resampled();
    expect(await host.run(...BARS, '--runs', '99', '--param', 'shortMa=5', '--json')).toBe(0);
    expect(jobs).toHaveLength(100);
    expect(jobs[0]).toEqual({
      plan: expect.stringMatching(/^[0-9a-f]{64}$/),
      parameters: { shortMa: '5' },
      from: MINUTE,
      to: 101 * MINUTE,
      warmup: 'inside',
    });
    expect(jobs[1]).toMatchObject({ resample: { blockLength: 10, seed: 7, path: 1 } });
    expect(host.envelope()).toMatchObject({
      kind: 'monte-carlo.result',
      ok: true,
      data: {
        symbol: 'BTC-PERP',
        bars: 100,
        method: 'bars',
        runs: 99,
        seed: 7,
        block: { ms: 600_000, bars: 10 },
        complete: true,
        traceHash: 'trace 7',
      },
    });
    const [bars] = dataOf(host).distributions;
    expect(bars).toMatchObject({
      name: 'bars',
      runs: 99,
      net: { p5: -44.1, p25: -24.5, p50: 0, p75: 24.5, p95: 44.1, actual: 7, runs: 99 },
      sharpe: { runs: 98 },
    });
    expect(bars?.lossShare).toBeCloseTo(49 / 99, 11);
    // Paths 1 to 56 earned less, path 57 the same.
    expect(bars?.net['below']).toBeCloseTo(56.5 / 99, 11);
    expect([state.opened, state.closed, host.listeningForSignals]).toEqual([['3 threads'], 1, 0]);
  });

  it('shows people the table, and leaves out runs that failed, with a word on them', async () => {
    const { host, state } = resampled();
    state.onJob = ({ resample }) =>
      resample?.path === 2 ? { ok: false, error: { code: 'SWEEP-001', message: 'A worker died.' } } : undefined;
    expect(await host.run(...BARS, '--runs', '5', '--jobs', '2')).toBe(0);
    expect(state.opened).toEqual(['2 threads']);
    expect(host.stdout.written).toMatch(/Resampled markets, 4 runs +5 % +25 % +50 % +75 % +95 % +actual +it lies/);
    expect(host.stdout.written).toMatch(/^net +-48\.70 .* \+7\.00 +above 100 %$/m);
    expect(host.stdout.written).toMatch(/100\.00 % of the runs lost money\./);
    expect(host.stderr.written).toMatch(
      /W-MC-002 {2}1 runs failed and are left out, the first with SWEEP-001: A worker died\./,
    );
  });

  it('gives the runs so far after a signal, says so, and ends with 130', async () => {
    const { host, jobs, state } = resampled();
    state.onJob = () => (jobs.length === 20 ? (host.signal('SIGINT'), undefined) : undefined);
    expect(await host.run(...BARS, '--runs', '500', '--json')).toBe(130);
    const { complete, distributions } = dataOf(host);
    expect(complete).toBe(false);
    expect(distributions[0]?.runs).toBeGreaterThanOrEqual(18);
    expect(distributions[0]?.runs).toBeLessThan(25);
    expect(host.envelope().warnings).toContainEqual(expect.objectContaining({ code: 'W-MC-001' }));
  });

  it('fails with what made the actual run fail', async () => {
    const { host, state } = resampled();
    state.onJob = () => ({ ok: false, error: { code: 'CFG-008', message: 'shortMaa is no setting.' } });
    expect(await host.run(...BARS, '--param', 'shortMaa=5')).not.toBe(0);
    expect(host.stderr.written).toMatch(/CFG-008 {2}shortMaa is no setting\./);
    expect(state.closed).toBeGreaterThan(0);
  });

  it('warns of blocks that are shorter than what the strategy looks back on', async () => {
    const { host } = resampled();
    await host.run(...BARS.slice(0, -1), '2m', '--runs', '1', '--json');
    expect(host.envelope().warnings).toContainEqual(expect.objectContaining({ code: 'W-MC-004' }));
  });

  it('refuses blocks beyond the data, unknown methods and no runs at all', async () => {
    for (const words of [
      ['--block', '1d'],
      ['--block', '30s'],
      ['--method', 'dice'],
      ['--runs', '0'],
      ['--runs', '1000001'],
    ]) {
      const { host, jobs } = resampled();
      expect([words, await host.run('monte-carlo', '--data', 'bars.csv', '--method', 'bars', ...words)]).toEqual([
        words,
        2,
      ]);
      expect(jobs).toHaveLength(0);
    }
  });
});

describe('perpsbot monte-carlo --method trades', () => {
  const deals = [5, -3, 8, -2, 4, -6];

  /** A run of six trades that earn `deals`. */
  function traded(): { host: FakeHost; house: FakeHouse } {
    const host = new FakeHost();
    const house = new FakeHouse();
    let onFill: (fill: Fill) => void = () => {};
    Object.assign(house.services.portfolio, {
      onFill: (listener: (fill: Fill) => void) => ((onFill = listener), () => {}),
    });
    const fill = (side: 'buy' | 'sell', price: number, at: number): void =>
      onFill({
        tradeId: `${at}${side}`,
        clientId: 'c',
        venueId: venueOrderId('v'),
        instrument: house.instrument,
        side,
        lots: lots(1),
        price: ticks(price),
        fee: units(0),
        liquidity: 'taker',
        at,
      });
    house.onStep = (now) => {
      const deal = deals[now / MINUTE - 2];
      if (deal === undefined) return;
      fill('buy', 1_000, now);
      fill('sell', 1_000 + deal * 1_000, now + 1);
    };
    host.files.set('bars.csv', new TextEncoder().encode(CSV));
    house.lookback = 3;
    host.onBacktest = async () => house.session;
    return { host, house };
  }

  it('changes the order of the closed trades, and draws them again', async () => {
    const { host } = traded();
    expect(await host.run(...TRADES, '--runs', '300', '--json')).toBe(0);
    const [reshuffle, bootstrap] = dataOf(host).distributions;
    const unit = (reshuffle?.net['actual'] ?? NaN) / 6;
    expect(reshuffle).toMatchObject({ name: 'reshuffle', runs: 300, lossShare: 0, net: { below: 0.5 } });
    expect(reshuffle?.net['p5']).toBeCloseTo(6 * unit, 9);
    expect(bootstrap).toMatchObject({ name: 'bootstrap', runs: 300 });
    expect(bootstrap?.net['p5']).toBeLessThan(6 * unit);
    expect(bootstrap?.net['p95']).toBeGreaterThan(6 * unit);
    expect(bootstrap?.lossShare).toBeGreaterThan(0.05);
    expect(host.envelope().data).toMatchObject({ method: 'trades', block: null, complete: true });
  });

  it('is the same for the same seed', async () => {
    const [one, two] = [traded().host, traded().host];
    await one.run(...TRADES, '--runs', '50', '--json');
    await two.run(...TRADES, '--runs', '50', '--json');
    expect(two.envelope().data).toEqual(one.envelope().data);
  });

  it('says so when there is nothing to draw from', async () => {
    const { host, house } = traded();
    house.onStep = () => {};
    expect(await host.run(...TRADES)).toBe(0);
    expect(host.stdout.written).toMatch(/There is nothing to compare\./);
    expect(host.stderr.written).toMatch(/W-MC-003 {2}Two closed trades are needed to draw from, there are none\./);
  });

  it('gives what there is after a signal', async () => {
    const { host, house } = traded();
    const step = house.onStep;
    house.onStep = (now) => {
      step(now);
      if (now === 100 * MINUTE) host.signal('SIGTERM');
    };
    expect(await host.run(...TRADES, '--runs', '1000000', '--json')).toBe(143);
    const { complete, distributions } = dataOf(host);
    expect(complete).toBe(false);
    expect(distributions[0]?.runs).toBeLessThan(1_000_000);
  });
});
