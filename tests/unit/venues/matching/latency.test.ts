import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import type { AccountEvent } from '#src/ports/venue/account-event.js';
import type { CancelResult } from '#src/ports/venue/cancel-result.js';
import type { SubmitResult } from '#src/ports/venue/submit-result.js';
import { lots, ticks } from '#src/domain/units.js';
import { SimulatedBrokerage } from '#src/venues/simulated/brokerage/simulated-brokerage.js';
import { delaysOf, Wire } from '#src/venues/simulated/models/wire.js';
import { DeterministicExchange } from '#src/venues/simulated/exchange/deterministic-exchange.js';
import { NoExchangeStore } from '#src/venues/simulated/persistence/no-exchange-store.js';
import { MemoryExchangeStore, SimulatedWorld, T0 } from '../simulated-world.js';
import { FakeConfigController, testConfig } from '../../../support/config.js';
import { MemoryFiles } from '../../../support/memory-files.js';

const ORDER = 20;
const RESPONSE = 5;

interface Remote {
  readonly world: SimulatedWorld;
  readonly broker: SimulatedBrokerage;
  readonly told: AccountEvent[];
}

const remote = async (
  store = new NoExchangeStore() as ConstructorParameters<typeof SimulatedWorld>[2],
): Promise<Remote> => {
  const world = new SimulatedWorld({}, { latency: { orderMs: ORDER, responseMs: RESPONSE } }, store);
  const broker = new SimulatedBrokerage(world.venue, world.config);
  const told: AccountEvent[] = [];
  await broker.openAccount((event) => told.push(event), new AbortController().signal);
  return { world, broker, told };
};

/** What has come back so far; `undefined` while it has not. */
function watch<T>(promise: Promise<T>): { value: T | undefined } {
  const seen: { value: T | undefined } = { value: undefined };
  void promise.then((value) => (seen.value = value));
  return seen;
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('latency between bot and exchange', () => {
  it('lets an order meet the market of its arrival, and the answer and the fill come back later', async () => {
    const { world, broker, told } = await remote();
    world.quote(99, 50, 101, 50);
    const answer = watch<SubmitResult>(broker.placeOrder(world.request('buy', 3)));
    world.quote(99, 50, 104, 50, T0 + ORDER - 1);
    expect(world.fills).toEqual([]);
    world.venue.advance(T0 + ORDER);
    expect(world.fills).toEqual(['buy 3@104 taker']);
    expect(world.venue.fills[0]?.at).toBe(T0 + ORDER);
    await turn();
    expect([answer.value, told.length]).toEqual([undefined, 0]);
    world.venue.advance(T0 + ORDER + RESPONSE);
    await turn();
    expect(answer.value?.outcome).toBe('accepted');
    expect(told.map(({ kind }) => kind)).toEqual(['order', 'fill', 'order']);
  });

  it('delivers what is due before the event of the same instant', async () => {
    const { world, broker } = await remote();
    world.quote(99, 50, 101, 50);
    void broker.placeOrder(world.request('buy', 3));
    world.quote(99, 50, 104, 50, T0 + ORDER);
    expect(world.fills).toEqual(['buy 3@101 taker']);
  });

  it('lets an order fill that its cancellation has not reached', async () => {
    const { world, broker } = await remote();
    world.quote(99, 50, 101, 50);
    void broker.placeOrder(world.request('buy', 3, { type: 'limit', limit: ticks(100) }));
    world.venue.advance(T0 + 30);
    const cancelled = watch<CancelResult>(broker.cancelOrder({ clientId: 'c1', symbol: 'BTC-PERP' }));
    world.quote(98, 50, 100, 50, T0 + 30 + ORDER - 1);
    world.venue.advance(T0 + 100);
    await turn();
    expect(world.fills).toEqual(['buy 3@100 maker']);
    expect(cancelled.value?.outcome).toBe('not_open');
  });

  it('changes nothing where none is configured: everything has happened on return', async () => {
    const world = new SimulatedWorld();
    const broker = new SimulatedBrokerage(world.venue, world.config);
    world.quote(99, 50, 101, 50);
    const placed = broker.placeOrder(world.request('buy', 3));
    expect(world.fills).toEqual(['buy 3@101 taker']);
    expect((await placed).outcome).toBe('accepted');
    expect(world.venue.wire.takesTime).toBe(false);
  });

  it('says unknown of an order that was on its way when the market ended, and never executes it', async () => {
    const { world, broker } = await remote();
    world.quote(99, 50, 101, 50);
    const answer = watch<SubmitResult>(broker.placeOrder(world.request('buy', 3)));
    world.venue.wire.close();
    await turn();
    expect(answer.value).toMatchObject({ outcome: 'unknown' });
    expect(world.fills).toEqual([]);
    expect(world.venue.wire.travelling).toBe(0);
  });

  it('never executes what is sent after the market has ended, and says unknown of it', async () => {
    const { world, broker } = await remote();
    world.quote(99, 50, 101, 50);
    const behind = watch(
      broker.placeOrder(world.request('buy', 3)).then(() => broker.placeOrder(world.request('buy', 2))),
    );
    world.venue.wire.close();
    await turn();
    expect(behind.value).toMatchObject({ outcome: 'unknown' });
    expect(world.fills).toEqual([]);
    expect(world.venue.openOrders()).toEqual([]);
  });

  it('holds for changes, batches and the dead-man call as well', async () => {
    const { world, broker } = await remote();
    world.quote(99, 50, 105, 50);
    world.limit('buy', 3, 100);
    const ref = { clientId: 'c1', symbol: 'BTC-PERP' };
    const answers = [
      watch<unknown>(broker.amendOrder({ ref, lots: lots(2) })),
      watch<unknown>(broker.placeOrders([world.request('buy', 1, { type: 'limit', limit: ticks(98) })])),
      watch<unknown>(broker.setDeadMan(1_000).then(() => 'set')),
    ];
    const state = (): unknown => [
      world.venue.openOrders().map(({ remaining }) => Number(remaining)),
      world.venue.markets.get('BTC-PERP')?.book.due.accountDeadManAt,
    ];
    world.venue.advance(T0 + ORDER - 1);
    expect(state()).toEqual([[3], Number.POSITIVE_INFINITY]);
    world.venue.advance(T0 + ORDER);
    await turn();
    expect([state(), answers.map(({ value }) => value)]).toEqual([
      [[2, 1], T0 + ORDER + 1_000],
      [undefined, undefined, undefined],
    ]);
    world.venue.advance(T0 + ORDER + RESPONSE);
    await turn();
    expect(answers.every(({ value }) => value !== undefined)).toBe(true);
    const cancelled = watch<unknown>(broker.cancelOrders([ref]));
    world.venue.advance(T0 + 2 * ORDER + RESPONSE - 1);
    expect(world.venue.openOrders()).toHaveLength(2);
    world.venue.advance(T0 + 2 * (ORDER + RESPONSE));
    await turn();
    expect(world.venue.openOrders()).toHaveLength(1);
    expect(cancelled.value).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('knows nothing of a request that was on its way when the process died', async () => {
    const store = new MemoryExchangeStore();
    const before = await remote(store);
    before.world.quote(99, 50, 101, 50);
    const request = before.world.request('buy', 3);
    void before.broker.placeOrder(request);
    before.world.venue.flush();
    const after = await remote(store);
    expect(await after.broker.getOrder({ clientId: request.clientId, symbol: 'BTC-PERP' })).toEqual({ found: false });
    after.world.venue.advance(T0 + 1_000);
    expect(after.world.fills).toEqual([]);
  });
});

describe('sampled latency', () => {
  const ROWS = 'order_ms,response_ms\n1,2\n10,20\n100.5,200\n';
  const draw = (seed: number, text: string | undefined = ROWS): number[] => {
    const delays = delaysOf({ orderMs: 0, responseMs: 0, file: 'delays.csv' }, seed, () => text);
    return Array.from({ length: 50 }, () => delays.next().orderMs);
  };

  it('draws the rows of a file, the same ones for the same seed', () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(new Set(draw(7))).toEqual(new Set([1, 10, 100.5]));
  });

  it.each([
    ['no file', undefined, 'no such file'],
    ['another header', 'a,b\n1,2\n', 'header was a,b'],
    ['no rows', 'order_ms,response_ms\n', 'has none'],
    ['a negative delay', 'order_ms,response_ms\n1,-2\n', 'row 1 was 1,-2'],
    ['an absent delay', 'order_ms,response_ms\n1,2\n3,\n', 'row 2 was 3,'],
  ])('refuses %s', (_name, text, message) => {
    expect(() => delaysOf({ orderMs: 0, responseMs: 0, file: 'delays.csv' }, 7, () => text)).toThrow(message);
  });

  it('is read when the exchange opens', () => {
    const files = new MemoryFiles();
    const { simulation } = testConfig();
    const controller = new FakeConfigController(
      testConfig({ simulation: { ...simulation, latency: { orderMs: 0, responseMs: 0, file: 'delays.csv' } } }),
    );
    expect(() => new DeterministicExchange(controller, new NoExchangeStore(), files).open()).toThrow('no such file');
    files.written.set('delays.csv', ROWS);
    const exchange = new DeterministicExchange(controller, new NoExchangeStore(), files);
    exchange.open();
    expect(exchange.wire.takesTime).toBe(true);
  });

  it('keeps reports of the account in order, however long each of them would take', () => {
    const wire = new Wire(() => 0);
    wire.use(delaysOf({ orderMs: 0, responseMs: 0, file: 'delays.csv' }, 3, () => ROWS));
    const told: number[] = [];
    for (let i = 0; i < 20; i += 1) wire.report(() => told.push(i));
    wire.deliver(1_000, () => {});
    expect(told).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });
});
