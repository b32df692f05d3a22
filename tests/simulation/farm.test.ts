import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Queue, Worker } from 'bullmq';
import { JOBS, openRedisQueue } from '#src/storage/queue/redis-queue.js';
import { connect } from '#src/storage/queue/redis-connection.js';
import { Seal } from '#src/storage/queue/sealed.js';
import { said, startRedis, type RedisServer } from '../support/redis.js';
import { fundingCsv, marketCsv, workerEntry } from '../support/sweep.js';

const SECRET = 'a secret of sixteen and more';
const seal = new Seal(SECRET, () => Date.now());
/** A job of so many is long enough to be killed in, and no longer. */
const BARS = 10_000;
const PARAMETERS = ['--param', 'shortMa=5..20:5', '--param', 'longMa=40,80'];

/** Lines of a results file by job id: their order is that in which the jobs ended. */
const resultsOf = (directory: string): Map<string, string> =>
  new Map(
    readFileSync(join(directory, 'results.jsonl'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => [(JSON.parse(line) as { id: string }).id, line]),
  );

describe('a farm', () => {
  let directory: string;
  let redis: RedisServer;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    workerEntry();
    directory = mkdtempSync(join(tmpdir(), 'perpsbot-farm-'));
    for (const name of ['submitter', 'worker', 'empty', 'redis']) mkdirSync(join(directory, name));
    writeFileSync(join(directory, 'submitter/bars.csv'), marketCsv(BARS));
    writeFileSync(join(directory, 'submitter/funding.csv'), fundingCsv(7));
    // The worker's files have other names: they are found by what is in them.
    writeFileSync(join(directory, 'worker/2024.csv'), marketCsv(BARS));
    writeFileSync(join(directory, 'worker/rates.csv'), fundingCsv(7));
    redis = await startRedis(join(directory, 'redis'));
    await run(['optimize', ...data(), ...PARAMETERS, '--jobs', '1', '--out', out('local'), '--json']);
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  });
  afterAll(async () => {
    await redis?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const out = (name: string): string => join(directory, 'out', name);
  const data = (): string[] => [
    '--data',
    join(directory, 'submitter/bars.csv'),
    '--funding',
    join(directory, 'submitter/funding.csv'),
  ];

  function start(args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, ['dist/launch.js', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PERPSBOT_QUEUE_SECRET: SECRET },
    });
    children.push(child);
    return child;
  }

  async function run(args: readonly string[]): Promise<{ code: number; stdout: string }> {
    const child = start(args);
    let stdout = '';
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, stdout };
  }

  async function worker(files = 'worker', jobs = '1'): Promise<ChildProcess> {
    const child = start([
      'worker',
      '--queue',
      redis.url,
      '--data',
      join(directory, files),
      '--jobs',
      jobs,
      '--lease',
      '1s',
    ]);
    await said(child, /Serving the queue/);
    return child;
  }

  async function emptyQueue(): Promise<void> {
    const connection = await connect(redis.url);
    await connection.client.flushall();
    await connection.close();
  }

  it('comes to what one machine comes to, bit for bit, though a worker is killed in the middle of its jobs', async () => {
    const first = await worker('worker', '2');
    const sweep = run(['optimize', ...data(), ...PARAMETERS, '--queue', redis.url, '--out', out('farm'), '--json']);
    const file = join(out('farm'), 'results.jsonl');
    while (!existsSync(file) || readFileSync(file, 'utf8').split('\n').length < 3)
      await new Promise((resolve) => setTimeout(resolve, 5));
    const died = once(first, 'exit');
    first.kill('SIGKILL');
    await died;
    const connection = await connect(redis.url);
    const queue = new Queue(JOBS, { connection: connection.client });
    expect(await queue.getActiveCount()).toBeGreaterThan(0);
    await queue.close();
    await connection.close();

    await worker();
    const { code, stdout } = await sweep;
    const envelope = JSON.parse(stdout) as { data: { complete: boolean; count: { ranked: number; total: number } } };
    expect([code, envelope.data.complete, envelope.data.count.total, envelope.data.count.ranked]).toEqual([
      0,
      true,
      8,
      8,
    ]);
    expect(resultsOf(out('farm'))).toEqual(resultsOf(out('local')));
    expect(resultsOf(out('local')).size).toBe(8);

    // Done once is done: the same work handed in again is answered without any worker.
    for (const child of children.splice(0)) {
      child.removeAllListeners();
      child.kill('SIGKILL');
    }
    expect(
      (await run(['optimize', ...data(), ...PARAMETERS, '--queue', redis.url, '--out', out('again'), '--json'])).code,
    ).toBe(0);
    expect(resultsOf(out('again'))).toEqual(resultsOf(out('local')));
  });

  it('hands a job back that a worker has no data for, so that another can do it', async () => {
    await emptyQueue();
    const without = await worker('empty');
    const handedBack = said(without, /was handed back: SWEEP-003 .*must hold the bars of the sweep/);
    const sweep = run([
      'optimize',
      ...data(),
      '--param',
      'shortMa=5',
      '--param',
      'longMa=40',
      '--queue',
      redis.url,
      '--out',
      out('one'),
      '--json',
    ]);
    await handedBack;
    without.kill('SIGKILL');
    await worker();
    expect((await sweep).code).toBe(0);
    const [[id, line] = ['', '']] = resultsOf(out('one'));
    expect(line).toBe(resultsOf(out('local')).get(id));
  });

  it('lets a worker finish its jobs when it is told to stop', async () => {
    const child = await worker();
    const ended = once(child, 'close') as Promise<[number]>;
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  });

  it('believes no result that nobody with the secret has signed, counts it, and gives the job a failure of its own', async () => {
    await emptyQueue();
    const connection = await connect(redis.url);
    const invented = { ok: true, result: { pnl: { net: '1000000' } } };
    const forger = new Worker(JOBS, async () => Promise.resolve(invented), { connection: connection.client });
    const queue = await openRedisQueue({ url: redis.url, shared: null, seal });
    try {
      const others = new Queue(JOBS, { connection: connection.client });
      await others.add('backtest', {}, { jobId: 'nobody-asked' });
      await others.close();
      expect(await queue.submit({ id: 'asked', payload: {} })).toMatchObject({
        ok: false,
        error: { code: 'SWEEP-006' },
      });
      while (queue.dropped !== 6) await new Promise((resolve) => setTimeout(resolve, 5));
    } finally {
      await forger.close();
      await queue.close();
      await connection.close();
    }
  });

  it('does no job that nobody with the secret has signed, and reads no file for it', async () => {
    await emptyQueue();
    const child = await worker();
    const refused = said(child, /was handed back: SWEEP-006 A job from the queue must be signed/);
    const connection = await connect(redis.url);
    const queue = new Queue(JOBS, { connection: connection.client });
    const other = new Seal('another secret of some length', () => Date.now());
    await queue.add('backtest', other.close('job', 'forged', { shared: {}, payload: {} }), {
      jobId: 'forged',
      attempts: 5,
    });
    await refused;
    await queue.close();
    await connection.close();
  });

  it('says at once where no Redis is, and never repeats the password of its address', async () => {
    const refused = openRedisQueue({ url: 'redis://user:hunter2@127.0.0.1:1', shared: null, seal });
    await expect(refused).rejects.toMatchObject({ code: 'SWEEP-005', message: expect.stringContaining('127.0.0.1:1') });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
    await expect(openRedisQueue({ url: '127.0.0.1:6379', shared: null, seal })).rejects.toMatchObject({
      code: 'CLI-001',
    });
  });
});
