// One life of a live bot that is killed: `mortal-live-child.mjs <json>`. Opens the state directory of the life before,
// compares itself with the venue, trades, and ends by SIGKILL at a numbered place, or by itself after `forMs`.
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createBot, defineStrategy, TOKENS } from '../../../dist/index.js';
import { Traps, trappedJournal } from './traps.mjs';
import { wrap } from './wrap.mjs';

const life = JSON.parse(process.argv[2]);
const { file, directory, state, forMs } = life;
const traps = new Traps(life);
const { Portfolio } = TOKENS.runtimeState;
const { EventStore, SafetyLadder } = TOKENS.storage;
const { Brokerage, OrderLog, RuntimeCoordinator } = TOKENS.coreServices;
const [LOOKS, LOOK_MS] = [5, 200];
const tell = (name, line) => appendFileSync(join(directory, name), `${line}\n`);

/** In at market with a stop and a target that rests, out again, and two entries that rest and are withdrawn. */
let [steps, isJudged] = [0, false];
const strategy = defineStrategy({
  name: 'mortal',
  timeframe: '1m',
  setup: () => ({}),
  every: {
    '250ms'({ long, flat, position, mark, orders }) {
      // What it did meanwhile would be seen by one half of the verdict alone.
      if (!isJudged) return;
      const turn = (steps += 1) % 4;
      if (!position.isFlat) {
        if (turn > 1) flat('out');
      } else if (turn === 1)
        long({
          why: 'in',
          quantity: '0.01',
          stop: Math.round(mark * 0.9),
          takeProfit: { at: Math.round(mark * 1.04) },
        });
      else if (turn === 3)
        for (const [tag, far] of [
          ['near', 0.97],
          ['far', 0.96],
        ])
          orders.limit({ side: 'buy', quantity: '0.01', price: Math.round(mark * far), why: 'rests', tag });
      else if (turn === 0) orders.cancelAll('not now');
    },
  },
  onBar() {},
});

const { risk, ...written } = parse(readFileSync(file, 'utf8'));
const bot = createBot({
  config: {
    ...written,
    // It is to trade through as many lives as there are: what limits do is another test's.
    risk: {
      ...risk,
      ...{ ordersPerMinute: 6_000, maxUnattendedEntries: 1_000_000 },
      ...{ dailyLossLimit: '100000 USDT', maxDrawdown: '90%' },
    },
    strategy: { name: 'mortal' },
    storage: { driver: 'sqlite', directory: state },
    logging: { level: 'error' },
    // It is killed for its living: what a loop of crashes does to a bot is another test's.
    tasks: { fatalStarts: 100_000, orderReconcile: '3s' },
  },
  strategies: [strategy],
  overrides: (container) => {
    container.onActivation(EventStore, (_, journal) => trappedJournal(journal, traps));
    container.onActivation(Brokerage, (_, broker) =>
      wrap(broker, {
        async placeOrder(request) {
          traps.pass('intent durable, nothing sent');
          tell('wire.log', request.clientId);
          const result = await broker.placeOrder(request);
          traps.pass('answered, not recorded');
          return result;
        },
        async placeOrders(requests) {
          traps.pass('intent durable, nothing sent');
          for (const { clientId } of requests) tell('wire.log', clientId);
          const results = await broker.placeOrders(requests);
          traps.pass('answered, not recorded');
          return results;
        },
        async cancelOrder(ref) {
          const result = await broker.cancelOrder(ref);
          traps.pass('cancelled, not recorded');
          return result;
        },
        openAccount: (sink, signal) =>
          broker.openAccount((event) => {
            traps.pass(`${event.kind} told, not taken`);
            sink(event);
          }, signal),
      }),
    );
    container.onActivation(RuntimeCoordinator, (_, runtime) =>
      wrap(runtime, { reconcileStateOnStartup: () => reconcile(runtime) }),
    );
  },
});
const { container } = bot;

/** After recovery and before the first decision: do both sides agree? */
async function reconcile(runtime) {
  await runtime.reconcileStateOnStartup();
  let told = await verdict();
  // An exit that was on its way is seen by one half of it: what differs, differs for good.
  for (let looks = 1; told.problems.length > 0 && looks < LOOKS; looks += 1) {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    told = await verdict();
  }
  tell('verdicts.jsonl', JSON.stringify({ point: life.point, nth: life.nth, ...told }));
  isJudged = true;
}

async function verdict() {
  const broker = container.get(Brokerage);
  const [portfolio, log] = [container.get(Portfolio), container.get(OrderLog)];
  const problems = [];
  const [positions, open, { items: fills }] = [
    await broker.listPositions(),
    await broker.listOpenOrders('BTCUSDT'),
    await broker.listFills(Date.now() - 3_600_000),
  ];
  const held = positions.reduce((sum, { size }) => sum + Number(size), 0);
  const believed = [...portfolio.positions()].reduce(
    (sum, { instrument, lots }) => sum + Number(instrument.size(lots)),
    0,
  );
  if (Math.abs(held - believed) > 1e-9) problems.push(`${believed} is believed to be held, ${held} is`);
  const statuses = new Map([...log.all()].map((order) => [order.request.clientId, order.status]));
  const ended = new Set(['filled', 'cancelled', 'expired', 'rejected', 'rejected_late', 'lost', 'liquidated']);
  for (const { clientId } of open)
    if (statuses.get(clientId) === undefined || ended.has(statuses.get(clientId)))
      problems.push(`${clientId} is open, and believed to be ${statuses.get(clientId) ?? 'nobody’s'}`);
  const standing = new Set(open.map(({ clientId }) => clientId));
  for (const [clientId, status] of statuses)
    if ((status === 'open' || status === 'partially_filled') && !standing.has(clientId)) {
      const { found, order } = await broker.getOrder({ clientId, symbol: 'BTCUSDT' });
      if (!found || ended.has(order.status)) problems.push(`${clientId} is believed to be ${status}, and is not open`);
    }
  const booked = container
    .get(EventStore)
    .query({ types: ['fill', 'external_fill'], limit: 100_000 })
    .map(({ payload }) => payload['trade_id']);
  if (new Set(booked).size !== booked.length) problems.push('a fill is booked twice');
  const missing = fills.filter(({ tradeId }) => !booked.includes(tradeId));
  if (missing.length > 0) problems.push(`${missing.length} fills of ${fills.length} are booked nowhere`);
  try {
    portfolio.assertConsistent();
  } catch (error) {
    problems.push(error.message);
  }
  const safety = container.get(SafetyLadder);
  return { problems, fills: fills.length, orders: statuses.size, safety: safety.state, reason: safety.reason };
}

await bot.start();
const endsAt = performance.now() + forMs;
while (!isJudged || performance.now() < endsAt) await new Promise((done) => setTimeout(done, 50));
tell('ends.log', `${life.point ?? ''} ${life.nth ?? ''}`);
await bot.stop();
process.exit(0);
